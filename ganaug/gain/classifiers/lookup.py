"""find_classifier: find a classifier by name, or wrap the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from ganaug.classify.network import build_classifier
from ganaug.errors import ConfigError
from ganaug.gain.classifiers.estimators import find_estimator
from ganaug.gain.classifiers.factories import wrap_factory
from ganaug.gain.classifiers.specs import SMALL_NETWORK, ClassifierSpec, Factory
from ganaug.gain.classifiers.torchvision_networks import find_torchvision


def find_classifier(
    classifier: str | Factory | Any = SMALL_NETWORK,
    *,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
) -> ClassifierSpec:
    """Return the classifier of that name, or wrap the user's own.

    Args:
        classifier: `small`; a torchvision name, such as `resnet18`; a function
            (size, channels, n_classes) → network that takes (n, c, h, w) in [−1, 1]
            and returns (n, n_classes) logits; or a scikit-learn classifier with
            `predict_proba` and sample weights, fitted to features.
        features: torchvision or timm model with weights that computes features for a
            scikit-learn classifier; by default a fixed random network does.
        weights: .pth or .safetensors file for the torchvision network; by default the
            file that torchvision has downloaded before, if any; `none` for random
            weights.
        frozen: whether only the last layer learns; needs weights.

    Raises:
        ConfigError: there is no such classifier, it is frozen without weights, or an
            option does not apply to it.
        MissingExtraError: the weights are missing or belong to another network.

    Example:
        >>> find_classifier().phrase
        'a small network trained from scratch'
    """
    given = {"weights": weights, "frozen": frozen, "features": features}
    if hasattr(classifier, "predict_proba") and hasattr(classifier, "get_params"):
        usable = ("features",) if features is None else ("features", "weights")
        _refuse_others(given, usable, "an estimator on features")
        return find_estimator(classifier, features, weights)
    if callable(classifier):
        _refuse_others(given, (), "a network of your own")
        return wrap_factory(classifier)
    if classifier == SMALL_NETWORK:
        _refuse_others(given, (), "the small network")
        phrase = "a small network trained from scratch"
        return ClassifierSpec(SMALL_NETWORK, phrase, False, _build_small)
    _refuse_others(given, ("weights", "frozen"), "a torchvision network")
    return find_torchvision(classifier, weights, frozen=frozen)


def _refuse_others(given: dict[str, Any], usable: tuple[str, ...], what: str) -> None:
    for name, value in given.items():
        if value and name not in usable:
            raise ConfigError(
                f"{what} does not use {name}; omit it, or choose another classifier"
            )


def _build_small(
    size: tuple[int, int], channels: int, n_classes: int, seed: int
) -> nn.Module:
    return build_classifier(size, channels, n_classes, seed=seed)
