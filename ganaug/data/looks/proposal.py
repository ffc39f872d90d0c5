"""What clusters of look say where no domain is known: a proposal, or a warning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.looks.clusters import (
    ALONE,
    HERE,
    MOST_FITTED,
    choose_clusters,
    count_looks,
    fit_clusters,
)
from ganaug.data.looks.sampling import pick_some
from ganaug.display.words import count

MOST_SOURCES = 3  # clusters that are tried for classes of different sources
FEWEST = 20  # images; below, nothing is said


@dataclass(frozen=True)
class Proposal:
    """Domains that the images seem to have.

    Attributes:
        kind: `domains`, where some classes lack some clusters and others do not;
            `sources`, where each class has a cluster of its own, alone or with others.
        clusters: number of clusters.
        lone: number of classes that were seen in one cluster only.
        classes: number of all classes.
    """

    kind: str
    clusters: int
    lone: int
    classes: int

    def say(self) -> str:
        """Say it in one line, with what to do."""
        if self.kind == "sources":
            return (
                f"the images have {self.clusters} kinds of look (light, colour or "
                "sharpness), and each class has only one of them: if the classes come "
                "from different sources, a classifier can take the source for the "
                "class, and no generator can repair it; photograph two classes or more "
                "in both, or take all from one source"
            )
        return (
            f"the images have {self.clusters} kinds of look (light, colour or "
            f"sharpness), and {self.lone} of {count(self.classes, 'class')} were seen "
            f"in one of them only: --domain-from clusters:{self.clusters}"
        )


def propose_domains(
    looks: NDArray[np.float32], labels: NDArray[np.int64]
) -> Proposal | None:
    """Look for domains that nobody wrote down; None where nothing stands out.

    Args:
        looks: (n, f) what `measure_looks` returns.
        labels: (n,) class indices.
    """
    if len(looks) < FEWEST or len(set(labels.tolist())) < 2:
        return None
    rows = pick_some(len(looks), MOST_FITTED)
    looks, labels = looks[rows], labels[rows]
    clusters = choose_clusters(looks, labels)
    if clusters is not None:
        shares = _find_shares(labels, clusters.assign(looks))
        lone = int((shares.max(axis=1) >= ALONE).sum())
        return Proposal("domains", shares.shape[1], lone, len(shares))
    for n in range(2, MOST_SOURCES + 1):
        shares = _find_shares(labels, fit_clusters(looks, n).assign(looks))
        if follows_class(shares):
            return Proposal("sources", n, len(shares), len(shares))
    return None


def follows_class(shares: NDArray[np.float64]) -> bool:
    """Whether every class has all its images in one cluster; (k, n) shares.

    Example:
        >>> follows_class(np.array([[1.0, 0], [0.98, 0.02], [0, 1]]))
        True
    """
    alone = (shares.max(axis=1) >= ALONE).all()
    return bool(alone and (shares >= HERE).any(axis=0).all())


def _find_shares(
    labels: NDArray[np.int64], clusters: NDArray[np.int64]
) -> NDArray[np.float64]:
    counts = count_looks(labels, clusters)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
