"""Clusters of look: domains that nobody wrote down, found and assigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ganaug.blas import one_blas_thread
from ganaug.data.images import LabelledImages
from ganaug.data.looks.look import measure_looks
from ganaug.data.looks.mixture import Mixture, fit_mixture
from ganaug.data.looks.sampling import pick_some
from ganaug.errors import DataError

MOST_FITTED = 2000  # images that the clusters are fitted to
MOST_CLUSTERS = 6  # that are tried where no number is given
MEDIAN = 2  # the figure that says how bright an image is
HERE = 0.15  # share of a class's images from which it is at home in a cluster
STRAY = 0.03  # share up to which they are strays, as clusters are not exact
ALONE = 1 - STRAY  # share from which a class has a single home
LONE_CLASSES = 0.3  # share of the classes that must have a single home; two at least
UNCLEAR = 0.05  # share of cells that may lie between stray and home


@dataclass(frozen=True)
class Clusters:
    """A mixture of Gaussians over standardised looks, ordered from dark to bright.

    Attributes:
        centre, spread: (f,) mean and standard deviation of each figure.
        mixture: the fitted mixture.
        order: (n,) place of each of its components.
    """

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    mixture: Mixture
    order: NDArray[np.int64]

    def assign(self, looks: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the cluster (m,) of each of m looks (m, f)."""
        found = self.mixture.assign((looks - self.centre) / self.spread)
        return np.asarray(self.order[found], np.int64)


def fit_clusters(looks: NDArray[np.float32], n: int, *, seed: int = 0) -> Clusters:
    """Fit n clusters to looks (m, f): a mixture of Gaussians without covariances.

    Raises:
        DataError: there are fewer than 2 n images.

    Example:
        >>> looks = np.repeat([[1, 1, 9.0], [1, 1, 2]], 5, axis=0).astype(np.float32)
        >>> fit_clusters(looks, 2).assign(looks).tolist()
        [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    """
    if len(looks) < 2 * n:
        raise DataError(f"{len(looks)} images are too few for {n} clusters; give fewer")
    some = pick_some(len(looks), MOST_FITTED, seed)
    chosen = looks[some].astype(np.float64)
    centre, spread = chosen.mean(axis=0), chosen.std(axis=0)
    spread[spread < 1e-6] = np.inf  # a figure that is the same everywhere says nothing
    mixture = fit_mixture((chosen - centre) / spread, n, seed=seed)
    brightness = mixture.means[:, MEDIAN]
    ranks = np.argsort(np.argsort(brightness, kind="stable"))
    return Clusters(centre, spread, mixture, ranks.astype(np.int64))


def fit_each(looks: NDArray[np.float32]) -> tuple[Clusters, ...]:
    """Fit two clusters, three, and so on up to six, as far as there are images."""
    most = min(MOST_CLUSTERS, len(looks) // 2)
    return tuple(fit_clusters(looks, n) for n in range(2, most + 1))


def choose_clusters(
    looks: NDArray[np.float32],
    labels: NDArray[np.int64],
    fits: Sequence[Clusters] | None = None,
) -> Clusters | None:
    """Choose the number of clusters: the most, up to 6, that are confounded with class.

    See `is_confounded`. Class means stay in the looks, since the classes that a domain
    lacks sit in them.

    Args:
        looks: (n, f) what `measure_looks` returns.
        labels: (n,) class indices.
        fits: what `fit_each` returned, if it was called already.

    Returns:
        The clusters, or None where no number from 2 to 6 gives such a table.
    """
    chosen = None
    some = pick_some(len(looks), MOST_FITTED)
    for clusters in fit_each(looks) if fits is None else fits:
        if is_confounded(count_looks(labels[some], clusters.assign(looks[some]))):
            chosen = clusters
    return chosen


def is_confounded(counts: NDArray[np.int64]) -> bool:
    """Whether clusters look like domains that some classes lack.

    Three tenths of the classes, and at least two, have 97 % of their images in one
    cluster; some class is at home in several, with 15 % of its images each; each
    cluster is the home of two classes; and the table is clear: at most 5 % of its cells
    have a share between 3 and 15 %. Where clusters only cut a gradual difference, or
    follow the classes, most tables are not.

    Args:
        counts: (k, n) images of each class in each cluster.

    Example:
        >>> is_confounded(np.array([[9, 9], [8, 9], [9, 0], [0, 9]]))
        True
        >>> is_confounded(np.array([[9, 0], [9, 0], [0, 9], [0, 9]]))
        False
    """
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    homes = shares >= HERE
    alone = (shares.max(axis=1) >= ALONE).sum()
    unclear = ((shares > STRAY) & ~homes).mean()
    return bool(
        alone >= max(2, LONE_CLASSES * len(counts))
        and (homes.sum(axis=1) > 1).any()
        and (homes.sum(axis=0) > 1).all()
        and unclear <= UNCLEAR
    )


def count_looks(
    labels: NDArray[np.int64], clusters: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the images of each class that occurs in each cluster, (k, n).

    Example:
        >>> count_looks(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
        [[1, 1], [0, 1]]
    """
    counts = np.zeros((int(labels.max()) + 1, int(clusters.max()) + 1), np.int64)
    np.add.at(counts, (labels, clusters), 1)
    return np.asarray(counts[counts.sum(axis=1) > 0])


def name_clusters(n: int) -> tuple[str, ...]:
    """Name n clusters, from dark to bright.

    Example:
        >>> name_clusters(2)
        ('look-1', 'look-2')
    """
    return tuple(f"look-{i + 1}" for i in range(n))


@one_blas_thread()
def cluster_images(images: LabelledImages, n: int | None = None) -> LabelledImages:
    """Return images whose domains are clusters of their look.

    Args:
        images: the images.
        n: number of clusters; None for what `choose_clusters` says, which may be one.
    """
    looks = measure_looks(images.images)
    clusters = (
        choose_clusters(looks, images.labels) if n is None else fit_clusters(looks, n)
    )
    if clusters is None:
        return _make_one(images)
    names = name_clusters(len(clusters.order))
    return replace(images, domains=clusters.assign(looks), domain_names=names)


@one_blas_thread()
def cluster_like(images: LabelledImages, known: LabelledImages) -> LabelledImages:
    """Return images with the clusters that `cluster_images` gave to others.

    Args:
        images: such as those of a test set, as large as the others.
        known: what `cluster_images` returned.
    """
    n = len(known.domain_names)
    if n < 2:
        return _make_one(images)
    clusters = fit_clusters(measure_looks(known.images), n)
    domains = clusters.assign(measure_looks(images.images))
    return replace(images, domains=domains, domain_names=known.domain_names)


def _make_one(images: LabelledImages) -> LabelledImages:
    note = "clusters of look find no domain in which some classes were never seen"
    return replace(
        images,
        domains=np.zeros(len(images), np.int64),
        domain_names=name_clusters(1),
        notes=(*images.notes, note),
    )
