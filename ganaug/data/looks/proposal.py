"""What clusters of look say where no domain is known: a proposal, or a warning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.looks.clusters import (
    ALONE,
    MOST_FITTED,
    choose_clusters,
    count_looks,
    fit_each,
)
from ganaug.data.looks.sampling import pick_some
from ganaug.data.looks.sources import count_sources
from ganaug.display.words import count

FEWEST = 20  # images; below, nothing is said


@dataclass(frozen=True)
class Proposal:
    """Domains that the images seem to have.

    Attributes:
        kind: `domains`, where some classes lack some clusters and others do not;
            `sources`, where each class has one kind of look, alone or with others.
        clusters: number of kinds of look.
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
    k = len(set(labels.tolist()))
    fits = fit_each(looks)
    sources = count_sources(looks, labels, fits)
    if sources:
        return Proposal("sources", sources, k, k)
    clusters = choose_clusters(looks, labels, fits)
    if clusters is None:
        return None
    counts = count_looks(labels, clusters.assign(looks))
    lone = int((counts.max(axis=1) >= ALONE * counts.sum(axis=1)).sum())
    return Proposal("domains", counts.shape[1], lone, k)
