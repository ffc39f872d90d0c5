"""Adversaries: two networks that are trained against each other, and their state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ganaug.errors import CheckpointError
from ganaug.training.state import State, collect_tensors, restore_tensors
from ganaug.training.totals import Totals


class Configured(Protocol):
    """A configuration with a learning rate and a number of images."""

    @property
    def lr(self) -> float: ...
    @property
    def lr_final(self) -> float: ...
    @property
    def images(self) -> int: ...
    def to_dict(self) -> dict[str, Any]: ...


class Adversaries(Protocol):
    """A trainer of two networks.

    Attributes:
        seen: real images that the discriminator has seen.
        rate_scale: factor on the learning rate.
    """

    seen: int
    rate_scale: float

    @property
    def config(self) -> Configured: ...
    @property
    def generator(self) -> nn.Module: ...
    @property
    def discriminator(self) -> nn.Module: ...
    @property
    def average(self) -> nn.Module: ...
    @property
    def optimisers(self) -> Mapping[str, torch.optim.Adam]: ...
    @property
    def totals(self) -> Totals: ...


def rate_at(config: Configured, seen: int) -> float:
    """Return the learning rate after `seen` images: half a cosine down to lr_final."""
    share = min(seen / config.images, 1.0)
    return config.lr_final + (config.lr - config.lr_final) * (
        0.5 + 0.5 * math.cos(math.pi * share)
    )


def are_finite(trained: Adversaries) -> bool:
    """Whether the sums since they were last taken and all weights are finite."""
    tensors: list[Tensor] = [trained.totals.tensor, *trained.generator.parameters()]
    tensors += trained.discriminator.parameters()
    with torch.no_grad():
        return all(bool(t.isfinite().all()) for t in tensors)


def collect_state(trained: Adversaries) -> State:
    """Return all that training changes, by flat names, without copying it."""
    return {
        "config": trained.config.to_dict(),
        "seen": trained.seen,
        "rate_scale": trained.rate_scale,
        "totals": trained.totals.tensor,
        **collect_tensors(_name_networks(trained), trained.optimisers),
    }


def restore_state(
    trained: Adversaries, state: State, config: dict[str, Any] | None
) -> None:
    """Restore, in place, what `collect_state` gave.

    Args:
        trained: what is restored.
        state: the saved state.
        config: the configuration in it.

    Raises:
        CheckpointError: the state belongs to another configuration, or to other
            networks.
    """
    if config != trained.config.to_dict():
        raise CheckpointError(
            "the checkpoint belongs to another configuration than the run's "
            "config.json; restore that file or choose another --out"
        )
    restore_tensors(_name_networks(trained), trained.optimisers, state)
    # an earlier version did not save these sums
    sums = trained.totals.tensor
    sums.copy_(state.get("totals", torch.zeros_like(sums)))
    trained.seen = int(state["seen"])
    trained.rate_scale = float(state["rate_scale"])


def _name_networks(trained: Adversaries) -> dict[str, nn.Module]:
    return {"g": trained.generator, "d": trained.discriminator, "ema": trained.average}
