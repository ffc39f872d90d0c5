"""What a protocol was asked for, as plain values: a folder goes on with no other."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.data.fingerprint import digest_set
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.errors import DataError
from ganaug.gain.classifiers import Kind
from ganaug.gain.settings import Settings


def check_numbers(
    *, splits: int, initialisations: int, seed: int, margin: float = 0.0
) -> None:
    """Raise DataError for numbers that no protocol can be run with.

    Args:
        splits, initialisations, seed: whole numbers from 2, 1 and 0 up.
        margin: a share, below 1.
    """
    if splits < 2:
        raise DataError(f"splits={splits} is too few to tell anything; give 5 or more")
    if initialisations < 1:
        raise DataError(f"initialisations={initialisations} must be 1 or more")
    if seed < 0:
        raise DataError(f"seed={seed} must be 0 or more")
    if not 0 <= margin < 1:
        raise DataError(f"a margin of {100 * margin:g} points must lie in [0, 100)")


def describe_request(
    images: LabelledImages,
    tests: LabelledImages | None,
    kind: Kind,
    settings: Settings | None,
    **numbers: float,
) -> dict[str, Any]:
    """All that a protocol's cells follow from, by the name that a user knows it by.

    Args:
        images: the data.
        tests: the given test set, if any.
        kind: the classifier.
        settings: where they were given in place of a budget.
        numbers: further ones, such as seed and budget.
    """
    asked: dict[str, Any] = {
        "data": digest_set(images),
        "order or groups": describe_order(images),
        "test": None if tests is None else describe_order(tests),
        "classifier": kind.name,
        "settings of the classifier": kind.identity,
        **numbers,
    }
    if settings is not None:
        asked["settings"] = settings.to_dict()
    return asked


def list_options(
    classifier: Any,
    *,
    grouped: bool,
    defaults: dict[str, Any],
    **options: Any,
) -> dict[str, Any]:
    """What whoever measures again has to say again, as plain values.

    Args:
        classifier: its name; of one's own network or estimator only that it was one.
        grouped: whether images have groups, which a folder does not tell by itself.
        defaults: of the options, which are left out where they have these.
        options: further arguments of `measure_gain`.

    Example:
        >>> list_options("small", grouped=False, defaults={"seed": 0}, seed=7)
        {'classifier': 'small', 'grouped': False, 'seed': 7}
    """
    changed = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in options.items()
        if value != defaults.get(name)
    }
    named = classifier if isinstance(classifier, str) else None
    return {"classifier": named, "grouped": grouped, **changed}


def describe_order(images: LabelledImages) -> str:
    """A digest of how images are ordered and grouped, which splits follow.

    Example:
        >>> from ganaug import load_images
        >>> digits = load_images("digits")
        >>> describe_order(digits) == describe_order(digits.subset(np.arange(5)))
        False
    """
    digest = hashlib.sha256(images.labels.tobytes())
    for image in images.images:
        digest.update(hash_pixels(image).encode())
    if images.groups is not None:
        # numbers may be others for the same groups
        digest.update(np.unique(images.groups, return_inverse=True)[1].tobytes())
    return digest.hexdigest()
