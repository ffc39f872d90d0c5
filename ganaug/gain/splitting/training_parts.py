"""Training parts: what a GAN and candidates see, and what chooses among recipes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ganaug.data.split import hold_out
from ganaug.errors import DataError
from ganaug.gain.splitting.splits import Indices, Split


def make_split(
    labels: Indices,
    groups: Indices | None,
    train: Indices,
    *,
    test: Indices | None = None,
    seed: int = 0,
) -> Split:
    """Part a training part: a fifth of each class, in whole groups, is to choose by.

    Where classes are so small or groups so large that this gives nothing, half a class
    may be taken; each class keeps an image to fit.

    Args:
        labels: (n,) class indices of the whole set.
        groups: (n,) or None, of the whole set.
        train: indices of the training part.
        test: indices of the test part, or None.
        seed: equal seeds give equal parts.

    Raises:
        DataError: nothing can be kept aside.

    Example:
        >>> split = make_split(np.repeat([0, 1], 10), None, np.arange(20))
        >>> len(split.fit), len(split.validation)
        (16, 4)
    """
    own = None if groups is None else groups[train]
    for fraction, smallest in ((0.2, 3), (0.2, 2), (0.5, 2)):
        fit, validation = hold_out(
            labels[train], own, fraction=fraction, smallest=smallest, seed=seed
        )
        if len(validation):
            return Split(np.sort(train[fit]), np.sort(train[validation]), test)
    raise DataError(
        f"a training part of {len(train)} images has no class with two images in "
        "different groups, one to fit and one to choose the recipe by; add images"
    )


def check_classes(labels: Indices) -> None:
    """Raise DataError for fewer than two classes."""
    n = len(np.unique(labels))
    if n < 2:
        raise DataError(f"a gain needs two classes or more, but the data have {n}")


def derive_seed(seed: int, number: int) -> int:
    """Return a seed that no other number of the same seed gives."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def note_whole(
    label: int,
    labels: Indices,
    groups: Indices | None,
    classes: Sequence[str],
    what: str,
) -> str:
    """Return a line about a class that is in every training part."""
    own = labels == label
    size = f"{own.sum()} image{'s' * int(own.sum() > 1)}"
    if groups is not None:
        n = len(np.unique(groups[own]))
        size += f" in {n} group{'s' * int(n > 1)}"
    return f"{_name(label, classes)} has {size}: in every training part, {what}"


def name_unit(groups: Indices | None) -> str:
    """Return what is counted: images, or groups of them."""
    return "images" if groups is None else "groups"


def _name(label: int, classes: Sequence[str]) -> str:
    return f"class {classes[label] if classes else label}"
