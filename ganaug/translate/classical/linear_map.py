"""LinearMap: colour, sharpness and background of a domain, learned in closed form."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages

Floats = NDArray[np.float64]
SIDE = 3  # pixels of a neighbourhood
RIDGE = 1e-2  # weight of "change nothing", per pixel of the class means


@dataclass(frozen=True, eq=False)
class PairMap:
    """The map from one domain into another.

    Attributes:
        filters: (c, SIDE · SIDE · c) weights of a pixel's neighbourhood, for each
            channel.
        offset: (h, w, c) what is added at each place.
    """

    filters: Floats
    offset: Floats

    def apply(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Map images (n, h, w, c)."""
        seen = _list_neighbourhoods(images.astype(np.float64))
        return np.asarray(
            (seen @ self.filters.T + self.offset).round().clip(0, 255), np.uint8
        )


@dataclass(frozen=True, eq=False)
class LinearMap:
    """A linear map for each pair of domains, see `fit_linear_map`.

    Attributes:
        means: (domains, classes, h, w, c) mean images; NaN where a cell is empty.
        counts: (classes, domains) images that they are means of.
    """

    means: Floats
    counts: NDArray[np.int64]
    _maps: dict[tuple[int, int], PairMap] = field(default_factory=dict, repr=False)

    def carry(
        self,
        images: NDArray[np.uint8],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> NDArray[np.uint8]:
        """Carry each image from its own domain into its target domain.

        Args:
            images: (n, h, w, c) uint8.
            sources: (n,) their domains, all known.
            targets: (n,) target domains.
            rng: not used; the map draws nothing.
        """
        carried = images.copy()
        pairs = np.stack([sources, targets], axis=1)
        for source, target in np.unique(pairs, axis=0).tolist():
            rows = np.flatnonzero((sources == source) & (targets == target))
            if source != target:
                carried[rows] = self.find(source, target).apply(images[rows])
        return carried

    def find(self, source: int, target: int) -> PairMap:
        """Return the map of a pair of domains, solved once."""
        if (source, target) not in self._maps:
            own = self.counts[:, [source, target]].min(axis=1)
            self._maps[source, target] = solve_pair(
                self.means[source][own > 0],
                self.means[target][own > 0],
                own[own > 0].astype(np.float64),
            )
        return self._maps[source, target]


def fit_linear_map(data: LabelledImages) -> LinearMap:
    """Fit a linear map for each pair of domains, on the classes that both show.

    A pixel of the target is a weighted sum of its 3 × 3 neighbourhood in the source
    (all channels), plus an offset for its place. Both come from ridge regression, drawn
    towards "change nothing", between the mean images of the classes that both domains
    show, so nothing is blurred and an image stays what it shows. Where no class is in
    both, nothing changes.

    Args:
        data: labelled images with domains; those of unknown domains are not used.
    """
    assert data.domains is not None, "carriers are fitted to images with domains"
    k, d = len(data.classes), len(data.domain_names)
    means = np.full((d, k, *data.images.shape[1:]), np.nan)
    counts = np.zeros((k, d), np.int64)
    for domain in range(d):
        for label in range(k):
            own = np.flatnonzero((data.domains == domain) & (data.labels == label))
            counts[label, domain] = len(own)
            if len(own):
                means[domain, label] = data.images[own].mean(axis=0)
    return LinearMap(means, counts)


def solve_pair(sources: Floats, targets: Floats, weights: Floats) -> PairMap:
    """Solve the ridge regression between mean images of the same classes.

    Args:
        sources, targets: (classes, h, w, c) mean images in both domains.
        weights: (classes,) weight of each.

    Example:
        >>> x = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 1))
        >>> found = solve_pair(x, 255 - x, np.ones(4))
        >>> bool(abs(found.apply(x.round().astype(np.uint8)) - (255 - x)).max() < 12)
        True
    """
    h, w, c = sources.shape[1:]
    if not len(sources):
        return PairMap(_identity(c), np.zeros((h, w, c)))
    shares = weights / weights.sum()
    seen = _list_neighbourhoods(sources)  # (classes, h, w, 9c)
    centre_x = np.einsum("k,khwf->hwf", shares, seen)
    centre_y = np.einsum("k,khwc->hwc", shares, targets)
    if len(sources) == 1:  # places tell nothing about filters then
        centre_x, centre_y = (
            np.broadcast_to(x.mean(axis=(0, 1)), x.shape) for x in (centre_x, centre_y)
        )
    scale = np.sqrt(shares)[:, None, None, None]
    x = (scale * (seen - centre_x)).reshape(-1, seen.shape[-1])
    y = (scale * (targets - centre_y)).reshape(-1, c)
    start = _identity(c)
    ridge = RIDGE * max(1e-6, float(np.square(x).sum(axis=0).mean()))
    change = np.linalg.solve(
        x.T @ x + ridge * np.eye(x.shape[1]), x.T @ (y - x @ start.T)
    )
    filters = start + change.T
    offset = np.einsum("k,khwc->hwc", shares, targets - seen @ filters.T)
    return PairMap(filters, offset)


def _identity(channels: int) -> Floats:
    """Return the filters (c, 9c) that change nothing."""
    filters = np.zeros((channels, SIDE * SIDE, channels))
    filters[np.arange(channels), SIDE * SIDE // 2, np.arange(channels)] = 1
    return filters.reshape(channels, -1)


def _list_neighbourhoods(images: Floats) -> Floats:
    """Return (n, h, w, 9c) the neighbourhood of each pixel; edges are repeated."""
    reach = SIDE // 2
    wide = np.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
    h, w = images.shape[1:3]
    parts = [wide[:, i : i + h, j : j + w] for i in range(SIDE) for j in range(SIDE)]
    return np.concatenate(parts, axis=-1)
