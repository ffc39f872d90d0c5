"""scikit-learn classifiers on features of a fixed network."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

from ganaug.classify.pretrained import load_extractor
from ganaug.classify.random_net import random_features
from ganaug.errors import ConfigError
from ganaug.gain.classifiers.digests import digest_file
from ganaug.gain.classifiers.specs import ClassifierSpec, OnFeatures

WEIGHT = "sample_weight"


def find_estimator(
    estimator: Any, features: str | None, weights: Path | str | None
) -> ClassifierSpec:
    """Return a scikit-learn classifier on features of a fixed network.

    Raises:
        ConfigError: the estimator cannot weight images.
        MissingExtraError: the weights are missing or belong to another network.
    """
    name, known = type(estimator).__name__, repr(estimator.get_params())
    if find_weights(estimator) is None:
        raise ConfigError(
            f"a {name} cannot weight images (its fit takes no sample_weight); give "
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
        known += digest_file(weights)
    build = OnFeatures(estimator, extract)
    return ClassifierSpec(f"{name}-{features}", phrase, True, build, known)


def find_weights(estimator: Any) -> str | None:
    """Return the argument of `fit` that takes the images' weights, or None.

    Example:
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> find_weights(make_pipeline(StandardScaler(), LogisticRegression()))
        'logisticregression__sample_weight'
    """
    from sklearn.utils.validation import has_fit_parameter

    last, prefix = estimator, ""
    while getattr(last, "steps", None):
        name, last = last.steps[-1]
        prefix += f"{name}__"
    # a parameter search or a vote passes unknown arguments on to its estimators
    handed = any(
        p.kind is p.VAR_KEYWORD for p in signature(last.fit).parameters.values()
    )
    weighs = handed or has_fit_parameter(last, WEIGHT)
    return f"{prefix}{WEIGHT}" if weighs else None
