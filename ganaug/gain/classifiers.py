"""Classifiers that a gain is measured for: the small one, torchvision's, a user's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ganaug import engine
from ganaug.classify.network import build_classifier
from ganaug.classify.pretrained import (
    MEAN,
    STD,
    build_torchvision,
    find_downloaded,
    load_extractor,
    load_state,
    replace_head,
)
from ganaug.classify.random_net import random_features
from ganaug.errors import ConfigError, MissingExtraError
from ganaug.gain.estimators import OnFeatures, find_weights

SMALL, NO_WEIGHTS = "small", "none"
SIDE = 64  # pixels that torchvision's networks see

Factory = Callable[[tuple[int, int], int, int], nn.Module]
Build = Callable[[tuple[int, int], int, int, int], nn.Module]  # the last is the seed


@dataclass(frozen=True, eq=False)
class ClassifierSpec:
    """A classifier, ready to be built as often as needed.

    Attributes:
        name: short, for files.
        phrase: with its article, for a sentence.
        pretrained: whether it starts from weights learned elsewhere.
        build: (size, channels, n_classes, seed) → network with logits as its output,
            or an estimator on features.
        identity: what tells it from others of its name: its settings, or a digest.
        own: whether it is a function of the user's.
    """

    name: str
    phrase: str
    pretrained: bool
    build: Build | OnFeatures
    identity: str = ""
    own: bool = False


def find_classifier(
    classifier: str | Factory | Any = SMALL,
    *,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
) -> ClassifierSpec:
    """The classifier of that name, or the user's own.

    Args:
        classifier: `small`; a torchvision name, such as `resnet18`; or a function
            (size, channels, n_classes) → network that takes (n, c, h, w) in [−1, 1]
            and gives (n, n_classes) logits; or a scikit-learn classifier with
            `predict_proba` and sample weights, which sees features.
        features: for that, a torchvision or timm model with weights; a fixed random
            network otherwise.
        weights: a .pth or .safetensors file of the torchvision network; by default
            the one that torchvision has downloaded before, if any; `none` for none.
        frozen: whether only the last layer learns; needs weights.

    Raises:
        ConfigError: there is no such classifier, it is frozen without weights, or an
            option is given that it does not have.
        MissingExtraError: the weights are not there, or another network's.

    Example:
        >>> find_classifier().phrase
        'a small network trained from scratch'
    """
    given = {"weights": weights, "frozen": frozen, "features": features}
    if hasattr(classifier, "predict_proba") and hasattr(classifier, "get_params"):
        usable = ("features",) if features is None else ("features", "weights")
        _refuse_others(given, usable, "an estimator on features")
        return _find_estimator(classifier, features, weights)
    if callable(classifier):
        _refuse_others(given, (), "a network of your own")
        name = getattr(classifier, "__name__", "factory").strip("<>")
        build, known = _call(classifier), _digest_code(classifier)
        return ClassifierSpec(
            name, f"your network {name}", False, build, known, own=True
        )
    if classifier == SMALL:
        _refuse_others(given, (), "the small network")
        phrase = "a small network trained from scratch"
        return ClassifierSpec(SMALL, phrase, False, _build_small)
    _refuse_others(given, ("weights", "frozen"), "a torchvision network")
    return _find_torchvision(classifier, weights, frozen)


def check_network(
    spec: ClassifierSpec, size: tuple[int, int], channels: int, n_classes: int
) -> None:
    """Let a network see two images, as a fit would.

    Raises:
        ConfigError: it cannot, or gives anything but (2, n_classes) logits.
    """
    if isinstance(spec.build, OnFeatures):
        return
    network = spec.build(size, channels, n_classes, 0)
    wanted = f"{spec.phrase} must give (n, {n_classes}) logits"
    images = torch.zeros(2, channels, *size)
    try:
        found = network.train()(images)
    except Exception as error:
        raise ConfigError(
            f"{wanted}; for images of {size[0]}×{size[1]} pixels and {channels} "
            f"channels it raised {type(error).__name__}: {error}"
        ) from error
    shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
    if shape != (2, n_classes):
        raise ConfigError(f"{wanted}, and gave {shape} for two images")


def digest_network(
    build: Build, size: tuple[int, int], channels: int, n_classes: int
) -> str:
    """A digest of the network that fits begin with: layers, their code, first weights.

    Weights are left out where two of one seed differ.
    """
    network, other = (build(size, channels, n_classes, 0) for _ in range(2))
    layers = re.sub(r" at 0x[0-9a-f]+", "", repr(network))  # addresses in memory
    digest = hashlib.sha256(layers.encode())
    for layer in network.modules():
        if not type(layer).__module__.startswith(("torch.", "torchvision.")):
            digest.update(_digest_code(type(layer).forward).encode())
    values, others = _known_weights(network), _known_weights(other)
    digest.update(repr([(k, tuple(v.shape)) for k, v in values.items()]).encode())
    if all(k in others and torch.equal(v, others[k]) for k, v in values.items()):
        for value in values.values():
            plain = value.cpu().reshape(-1).view(torch.uint8)  # numpy lacks bfloat16
            digest.update(plain.numpy().tobytes())
    return digest.hexdigest()


def _known_weights(network: nn.Module) -> dict[str, Tensor]:
    found = network.state_dict().items()
    return {k: v for k, v in found if isinstance(v, Tensor)}


def _refuse_others(given: dict[str, Any], usable: tuple[str, ...], what: str) -> None:
    for name, value in given.items():
        if value and name not in usable:
            raise ConfigError(
                f"{what} has no use for {name}; leave it out, or choose another "
                "classifier"
            )


def _find_estimator(
    estimator: Any, features: str | None, weights: Path | str | None
) -> ClassifierSpec:
    name, known = type(estimator).__name__, repr(estimator.get_params())
    if find_weights(estimator) is None:
        raise ConfigError(
            f"a {name} cannot weigh images (its fit takes no sample_weight); give "
            "another estimator, such as a LogisticRegression"
        )
    if features is None:
        phrase = f"a {name} on features of a random network"
        return ClassifierSpec(
            name, phrase, False, OnFeatures(estimator, random_features), known
        )
    extract = load_extractor(features, weights)
    phrase = f"a {name} on features of {features}"
    if weights is not None:
        known += _digest_file(weights)
    build = OnFeatures(estimator, extract)
    return ClassifierSpec(f"{name}-{features}", phrase, True, build, known)


def _build_small(
    size: tuple[int, int], channels: int, n_classes: int, seed: int
) -> nn.Module:
    return build_classifier(size, channels, n_classes, seed=seed)


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
                f"your classifier factory gave {type(made).__name__} instead of a "
                "network (torch.nn.Module)"
            )
        return made

    return build


def _fill_lazy(network: nn.Module, images: Tensor) -> None:
    """Lazy layers get their weights when they first see images: now, with the seed."""
    if any(map(is_lazy, [*network.parameters(), *network.buffers()])):
        training = network.training
        with torch.no_grad():
            network.eval()(images)
        network.train(training)


def _find_torchvision(
    name: str, weights: Path | str | None, frozen: bool
) -> ClassifierSpec:
    from torchvision import models

    if name not in models.list_models(models):
        raise ConfigError(
            f"classifier {name!r} is neither {SMALL} nor a torchvision network; "
            "give another name, or a function from Python"
        )
    if weights is None:
        weights = find_downloaded(name)
    elif str(weights) == NO_WEIGHTS:
        weights = None
    elif not Path(weights).is_file():
        raise MissingExtraError(f"there is no weight file {weights}")
    if frozen and weights is None:
        raise ConfigError("a frozen network needs weights to be of use; give --weights")

    def make(n_classes: int) -> nn.Module:
        network = build_torchvision(name, pretrained=weights is not None)
        if weights is not None:
            load_state(name, network, weights)
        return Adapted(network, n_classes, frozen=frozen, size=find_size(name))

    def build(
        size: tuple[int, int], channels: int, n_classes: int, seed: int
    ) -> nn.Module:
        with engine.seeded(seed):
            return make(n_classes)

    how = "trained from scratch"
    if weights is not None:
        how = "with frozen weights" if frozen else "fine-tuned from its weights"
    known = "" if weights is None else _digest_file(weights)
    return ClassifierSpec(name, f"a {name} {how}", weights is not None, build, known)


class InputSize(NamedTuple):
    """Of the images that a network takes.

    Attributes:
        least: pixels of the shorter side; smaller images are enlarged.
        fixed: both sides, where it takes no other.
    """

    least: int = 32
    fixed: int | None = None


def find_size(name: str) -> InputSize:
    """What the torchvision network of that name takes.

    Example:
        >>> find_size("resnet18").least, find_size("vit_b_16").fixed
        (32, 224)
    """
    if name.startswith(("vit_", "maxvit")):
        return InputSize(fixed=224)
    return InputSize({"alexnet": 64, "inception_v3": 80}.get(name, 32))


class Adapted(nn.Module):
    """A torchvision network for small images of any channels, with a new last layer.

    Args:
        network: the layer that makes its logits is replaced.
        n_classes: outputs of the new one.
        frozen: whether all else keeps its weights and statistics.
        size: of the images that it takes.
    """

    def __init__(
        self,
        network: nn.Module,
        n_classes: int,
        *,
        frozen: bool,
        size: InputSize = InputSize(),  # noqa: B008
    ) -> None:
        super().__init__()
        self.body, self.frozen, self.size = network, frozen, size
        if frozen:
            network.requires_grad_(False)
        replace_head(network, lambda old: _make_head(old, n_classes))
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1))

    def train(self, mode: bool = True) -> Adapted:
        super().train(mode)
        if self.frozen:
            self.body.train(False)
        return self

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :3].expand(-1, 3, -1, -1)
        height, width = x.shape[2:]
        size = _enlarge(height, width, self.size)
        if size != (height, width):
            x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        assert isinstance(self.mean, Tensor)
        assert isinstance(self.std, Tensor)
        logits: Tensor = self.body(((x + 1) / 2 - self.mean) / self.std)
        return logits


def _make_head(old: nn.Linear | nn.Conv2d, n_classes: int) -> nn.Module:
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, n_classes)
    return nn.Conv2d(old.in_channels, n_classes, kernel_size=1)


def _enlarge(height: int, width: int, size: InputSize) -> tuple[int, int]:
    if size.fixed is not None:
        return size.fixed, size.fixed
    scale = max(1, SIDE / max(height, width))
    return (
        max(size.least, round(height * scale)),
        max(size.least, round(width * scale)),
    )


def _digest_file(path: Path | str) -> str:
    """A digest of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _are_texts(values: frozenset[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _digest_code(function: Any) -> str:
    """A digest of what a function does, as far as its own code tells."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    plain = [
        # strings in a set come in another order each time
        sorted(c) if isinstance(c, frozenset) and _are_texts(c) else c
        for c in code.co_consts
        if not hasattr(c, "co_code")
    ]
    text = f"{code.co_code!r} {code.co_names} {plain}"
    return hashlib.sha256(text.encode()).hexdigest()
