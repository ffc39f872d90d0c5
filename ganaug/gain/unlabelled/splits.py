"""Splits beside unlabelled images: a test set of their domain, or a hidden domain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.split import hold_out
from ganaug.data.unlabelled import FEWEST, UnlabelledImages
from ganaug.errors import DataError
from ganaug.gain.splitting.inputs import split_set
from ganaug.gain.splitting.splits import Split, Splits, measure_overlap
from ganaug.gain.splitting.training_parts import derive_seed, make_split

Indices = NDArray[np.int64]


def make_unlabelled_splits(
    data: LabelledImages, pool: UnlabelledImages, n: int, *, given: bool, seed: int = 0
) -> tuple[Splits, tuple[str, ...]]:
    """Return splits for a given test set, or by hidden domains; and notes.

    Without labelled images of the new domain nobody can say how well it is recognised.
    Where the labelled images have domains, these stand in for it: one is hidden in each
    split, and half of its images are used without their labels, the other half test.

    Args:
        data: the labelled images.
        pool: the unlabelled images.
        n: number of splits.
        given: whether a test set of the new domain is given.
        seed: seed of the splits.

    Raises:
        DataError: there is neither a test set nor a domain that can be hidden.
    """
    if given:
        return split_set(data, n, given=True, seed=seed), ()
    domains = list_hideable(data)
    lack = f"no labelled images of {pool.domain} are given (--test)"
    if not domains:
        raise DataError(
            f"{lack}, so no verdict on it is possible, and no known domain can stand "
            f"in for it; label some images of {pool.domain}, 10 of each class or more, "
            "and leave them out of the unlabelled ones"
        )
    splits = tuple(
        hide_domain(data, domains[k % len(domains)], seed=derive_seed(seed, k))
        for k in range(n)
    )
    names = ", ".join(data.domain_names[d] for d in domains)
    note = (
        f"{lack}, so nothing is said about {pool.domain} itself: known domains "
        f"({names}) are hidden in turn, and used as if they were unlabelled"
    )
    overlap = max(measure_overlap(splits, len(data)), 1 / len(splits))
    return Splits(splits, overlap), (note,)


def list_hideable(data: LabelledImages) -> list[int]:
    """List the domains whose classes others show too, and with images for two halves.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((60, 8, 8, 1), np.uint8), np.arange(60) % 2, ("a", "b"),
        ...     domains=np.repeat([0, 1], [40, 20]), domain_names=("lamp", "sun"),
        ... )
        >>> list_hideable(data), list_hideable(data.subset(np.arange(50)))
        ([0, 1], [0])
    """
    if data.domains is None:
        return []
    found = []
    for domain in range(len(data.domain_names)):
        inside = data.domains == domain
        outside = (data.domains >= 0) & ~inside
        classes = np.unique(data.labels[inside])
        shown = np.isin(classes, data.labels[outside]).all()
        if shown and len(classes) > 1 and inside.sum() >= 2 * FEWEST:
            found.append(domain)
    return found


def hide_domain(data: LabelledImages, domain: int, *, seed: int) -> Split:
    """Divide images into those of other domains, and half of a domain to test on.

    The rest of the domain is what `find_hidden` returns. Groups of the hidden domain
    are in no training part, and are not divided.
    """
    assert data.domains is not None, "domains are hidden where they are known"
    inside = np.flatnonzero(data.domains == domain)
    outside = np.flatnonzero((data.domains >= 0) & (data.domains != domain))
    groups = data.groups
    if groups is not None:
        outside = outside[~np.isin(groups[outside], groups[inside])]
    own = None if groups is None else groups[inside]
    _, test = hold_out(data.labels[inside], own, fraction=0.5, smallest=2, seed=seed)
    return make_split(data.labels, groups, outside, test=inside[test], seed=seed)


def find_hidden(data: LabelledImages, split: Split) -> UnlabelledImages:
    """Return the images of a split's hidden domain that do not test, unlabelled."""
    assert split.test is not None, "a domain is hidden"
    assert data.domains is not None, "a domain is hidden"
    domain = int(data.domains[split.test[0]])
    rows = np.setdiff1d(np.flatnonzero(data.domains == domain), split.test)
    return UnlabelledImages(data.images[rows], data.domain_names[domain])
