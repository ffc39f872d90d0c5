"""Training parts: images to fit, and images that choose the recipe."""

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
    """Divide a training part: 20 % of each class, in whole groups, choose the recipe.

    If classes are so small or groups so large that this gives no image, up to half a
    class is taken; each class keeps an image to fit.

    Args:
        labels: (n,) class indices of the whole set.
        groups: (n,) groups of the whole set, or None.
        train: indices of the training part.
        test: indices of the test part, or None.
        seed: seed for the two parts.

    Raises:
        DataError: no image can be set aside to choose the recipe.

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
    """Return a seed that differs for each number."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def note_whole(
    label: int,
    labels: Indices,
    groups: Indices | None,
    classes: Sequence[str],
    what: str,
) -> str:
    """Return a line about a class that is whole in every training part."""
    own = labels == label
    size = f"{own.sum()} image{'s' * int(own.sum() > 1)}"
    if groups is not None:
        n = len(np.unique(groups[own]))
        size += f" in {n} group{'s' * int(n > 1)}"
    return f"{_name(label, classes)} has {size}: in every training part, {what}"


def name_unit(groups: Indices | None) -> str:
    """Return the name of the unit that is split: images or groups."""
    return "images" if groups is None else "groups"


def _name(label: int, classes: Sequence[str]) -> str:
    return f"class {classes[label] if classes else label}"
