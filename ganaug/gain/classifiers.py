"""Classifiers that a gain is measured for: the small one, torchvision's, a user's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.network import build_classifier
from ganaug.classify.pretrained import (
    MEAN,
    STD,
    find_downloaded,
    load_extractor,
    load_state,
)
from ganaug.classify.random_net import random_features
from ganaug.errors import DataError, MissingExtraError
from ganaug.gain.estimators import OnFeatures

SMALL, NO_WEIGHTS = "small", "none"
SIDE = 64  # pixels that torchvision's networks see

Factory = Callable[[tuple[int, int], int, int], nn.Module]
Build = Callable[[tuple[int, int], int, int, int], nn.Module]  # the last is the seed


@dataclass(frozen=True, eq=False)
class Kind:
    """A classifier, ready to be built as often as needed.

    Attributes:
        name: short, for files.
        phrase: with its article, for a sentence.
        pretrained: whether it starts from weights learned elsewhere.
        build: (size, channels, n_classes, seed) → network with logits as its output,
            or an estimator on features.
        identity: what tells it from others of its name: its settings, or a digest.
    """

    name: str
    phrase: str
    pretrained: bool
    build: Build | OnFeatures
    identity: str = ""


def find_classifier(
    classifier: str | Factory | Any = SMALL,
    *,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
) -> Kind:
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
        DataError: there is no such classifier, frozen without weights, or something is
            asked that the classifier does not have.
        MissingExtraError: the weights are not there, or another network's.

    Example:
        >>> find_classifier().phrase
        'a small network trained from scratch'
    """
    asked = {"weights": weights, "frozen": frozen, "features": features}
    if hasattr(classifier, "predict_proba") and hasattr(classifier, "get_params"):
        usable = ("features",) if features is None else ("features", "weights")
        _refuse_others(asked, usable, "an estimator on features")
        return _find_estimator(classifier, features, weights)
    if callable(classifier):
        _refuse_others(asked, (), "a network of your own")
        name = getattr(classifier, "__name__", "factory").strip("<>")
        known = _digest_code(classifier)
        return Kind(name, f"your network {name}", False, _call(classifier), known)
    if classifier == SMALL:
        _refuse_others(asked, (), "the small network")
        phrase = "a small network trained from scratch"
        return Kind(SMALL, phrase, False, _build_small)
    _refuse_others(asked, ("weights", "frozen"), "a torchvision network")
    return _find_torchvision(classifier, weights, frozen)


def _refuse_others(asked: dict[str, Any], usable: tuple[str, ...], what: str) -> None:
    for name, value in asked.items():
        if value and name not in usable:
            raise DataError(
                f"{what} has no use for {name}; leave it out, or choose another "
                "classifier"
            )


def _find_estimator(
    estimator: Any, features: str | None, weights: Path | str | None
) -> Kind:
    name, known = type(estimator).__name__, repr(estimator.get_params())
    if features is None:
        phrase = f"a {name} on features of a random network"
        return Kind(name, phrase, False, OnFeatures(estimator, random_features), known)
    extract = load_extractor(features, weights)
    phrase = f"a {name} on features of {features}"
    if weights is not None:
        known += _digest_file(weights)
    build = OnFeatures(estimator, extract)
    return Kind(f"{name}-{features}", phrase, True, build, known)


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
                return factory(size, channels, n_classes)
            except Exception as error:
                raise DataError(
                    f"your classifier factory failed for size {size}, {channels} "
                    f"channels and {n_classes} classes: {type(error).__name__}: {error}"
                ) from error

    return build


def _find_torchvision(name: str, weights: Path | str | None, frozen: bool) -> Kind:
    from torchvision import models

    if name not in models.list_models(models):
        raise DataError(
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
        raise DataError("a frozen network needs weights to be of use; give --weights")

    def make(n_classes: int) -> nn.Module:
        network: nn.Module = models.get_model(name, weights=None)
        if weights is not None:
            load_state(name, network, weights)
        return Adapted(network, n_classes, frozen=frozen)

    def build(
        size: tuple[int, int], channels: int, n_classes: int, seed: int
    ) -> nn.Module:
        with engine.seeded(seed):
            return make(n_classes)

    how = "trained from scratch"
    if weights is not None:
        how = "with frozen weights" if frozen else "fine-tuned from its weights"
    known = "" if weights is None else _digest_file(weights)
    return Kind(name, f"a {name} {how}", weights is not None, build, known)


class Adapted(nn.Module):
    """A torchvision network for small images of any channels, with a new last layer.

    Args:
        network: its last linear layer is replaced.
        n_classes: outputs of the new one.
        frozen: whether all else keeps its weights and statistics.
    """

    def __init__(self, network: nn.Module, n_classes: int, *, frozen: bool) -> None:
        super().__init__()
        self.body, self.frozen = network, frozen
        if frozen:
            network.requires_grad_(False)
        path = [n for n, m in network.named_modules() if isinstance(m, nn.Linear)][-1]
        parent, _, last = path.rpartition(".")
        old = network.get_submodule(path)
        assert isinstance(old, nn.Linear)
        head = nn.Linear(old.in_features, n_classes)
        setattr(network.get_submodule(parent), last, head)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1))

    def train(self, mode: bool = True) -> Adapted:
        super().train(mode)
        if self.frozen:
            self.body.train(False)
        return self

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :3].expand(-1, 3, -1, -1)
        if max(x.shape[2:]) < SIDE:
            scale = SIDE / max(x.shape[2:])
            size = [max(32, round(side * scale)) for side in x.shape[2:]]
            x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        assert isinstance(self.mean, Tensor)
        assert isinstance(self.std, Tensor)
        logits: Tensor = self.body(((x + 1) / 2 - self.mean) / self.std)
        return logits


def _digest_file(path: Path | str) -> str:
    """A digest of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _digest_code(function: Any) -> str:
    """A digest of what a function does, as far as its own code tells."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    plain = [c for c in code.co_consts if not hasattr(c, "co_code")]
    text = f"{code.co_code!r} {code.co_names} {plain}"
    return hashlib.sha256(text.encode()).hexdigest()
