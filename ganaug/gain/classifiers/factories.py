"""Classifier networks that the user's own function builds."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ganaug import engine
from ganaug.errors import ConfigError
from ganaug.gain.classifiers.digests import digest_code
from ganaug.gain.classifiers.specs import Build, ClassifierSpec, Factory


def wrap_factory(factory: Factory) -> ClassifierSpec:
    """Return the classifier that a function (size, channels, n_classes) builds."""
    name = getattr(factory, "__name__", "factory").strip("<>")
    return ClassifierSpec(
        name=name,
        phrase=f"your network {name}",
        pretrained=False,
        build=_call(factory),
        identity=digest_code(factory),
        own=True,
    )


def _call(factory: Factory) -> Build:
    def build(
        size: tuple[int, int], channels: int, n_classes: int, seed: int
    ) -> nn.Module:
        with engine.seeded(seed):
            try:
                made = factory(size, channels, n_classes)
                if isinstance(made, nn.Module):
                    _fill_lazy(made, torch.zeros(2, channels, *size))
            except Exception as error:
                raise ConfigError(
                    f"your classifier factory failed for size {size}, {channels} "
                    f"channels and {n_classes} classes: {type(error).__name__}: {error}"
                ) from error
        if not isinstance(made, nn.Module):
            raise ConfigError(
                f"your classifier factory returned {type(made).__name__} instead of a "
                "network (torch.nn.Module)"
            )
        return made

    return build


def _fill_lazy(network: nn.Module, images: Tensor) -> None:
    """Show images to a network with lazy layers, so that these get their weights."""
    if any(map(is_lazy, [*network.parameters(), *network.buffers()])):
        training = network.training
        with torch.no_grad():
            network.eval()(images)
        network.train(training)
