"""Copies: is an image a shifted, mirrored, noisier or brighter version of a real one?

An image is first correlated with all real images of its class, over all shifts of up to
an eighth of a side and all mirrorings that keep labels; the most similar ones are then
compared with it closely. One real image explains a copy far better than the next one
does, and what it leaves unexplained is noise. So the distance is the evidence against
noise, divided by the lead of the nearest real image over the second; both are in nats.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ganaug import engine
from ganaug.classify.parallel import map_parallel
from ganaug.metrics.alignment import Gallery
from ganaug.metrics.octaves import compare
from ganaug.metrics.thinning import thin

LONGEST_SIDE = 32  # pixels; larger images are compared in larger pixels
POOLED = 20  # images of a class below which the median of all classes is taken
MOST_REAL = 2_000  # real images of a class that are compared
BLOCK = 32  # candidates at a time
NOMINATED = 4  # real images that are compared closely
PRIOR = 5.0  # nats added to structure and lead, so that few nats decide nothing
ALONE = 0.2  # share of the evidence that is added to the lead
LEAST_MEDIAN = 0.5  # least value of the median that distances are divided by
ALARMS = 0.04  # share of images that are no copies but are refused as such

Scores = NDArray[np.float32]


class CopyScores(NamedTuple):
    """How near images are to real ones.

    Attributes:
        ratio: (n,) distance to the nearest real image over its class's median distance
            between nearest real images; inf where the class has none.
        nearest: (n,) index of that real image; -1 where the class has none.
    """

    ratio: Scores
    nearest: NDArray[np.int64]


class CopySearch:
    """The real images, prepared for the search for their copies.

    Args:
        images: (n, h, w, c) uint8 real images, which may have been copied.
        labels: (n,) their classes; candidates are compared within their class.
        hflip, vflip: whether mirrored copies count.
        distances: `distances` of an earlier search with the same arguments, which
            then are not measured again.

    Attributes:
        distances: (m,) distances of the real images to each other, class by class.
        own: (m,) ratios of the real images to each other, in classes of two or more.

    Example:
        >>> real = np.random.default_rng(0).integers(0, 255, (9, 16, 16, 1), np.uint8)
        >>> search = CopySearch(real, np.zeros(9, np.int64))
        >>> scores = search.score(np.roll(real[4:5], 1, axis=1), np.zeros(1, np.int64))
        >>> scores.nearest.item(), scores.ratio.item() < 0.2
        (4, True)
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        *,
        hflip: bool = False,
        vflip: bool = False,
        distances: Scores | None = None,
    ) -> None:
        views = [(), *[(2,)] * hflip, *[(1,)] * vflip, *[(1, 2)] * (hflip and vflip)]
        self._rows = {
            int(k): thin(np.flatnonzero(labels == k), MOST_REAL)
            for k in np.unique(labels)
        }
        with torch.inference_mode():
            self._galleries = {
                k: Gallery(_to_phases(images[rows])[:, 0], tuple(views))
                for k, rows in self._rows.items()
            }
        counts = [len(rows) * (len(rows) > 1) for rows in self._rows.values()]
        if distances is None or distances.shape != (sum(counts),):
            distances = self._leave_one_out(images)
        self.distances = distances
        self.own = self._set_medians(np.split(distances, np.cumsum(counts)[:-1]))

    def score(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> CopyScores:
        """Compare images (n, h, w, c) of the size of the real ones."""
        ratio = np.full(len(images), np.inf, np.float32)
        nearest = np.full(len(images), -1)
        blocks = [
            (label, rows[start : start + BLOCK])
            for label in self._rows
            if len(rows := np.flatnonzero(labels == label))
            for start in range(0, len(rows), BLOCK)
        ]

        def measure(block: tuple[int, NDArray[np.int64]]) -> None:
            label, rows = block
            with engine.one_thread():
                distance, place = self._measure(images[rows], label)
            ratio[rows] = distance / self._middle[label]
            nearest[rows] = self._rows[label][place]

        map_parallel(measure, blocks)
        return CopyScores(ratio, nearest)

    def _leave_one_out(self, images: NDArray[np.uint8]) -> Scores:
        """Return the distances (m,) of real images to each other, class by class."""
        parts = [np.empty(0, np.float32)]
        for label, rows in self._rows.items():
            for start in range(0, len(rows) if len(rows) > 1 else 0, BLOCK):
                block = np.arange(start, min(start + BLOCK, len(rows)))
                parts.append(self._measure(images[rows[block]], label, block)[0])
        return np.concatenate(parts)

    def _set_medians(self, distances: list[Scores]) -> Scores:
        """Set each class's median, given its distances; return the ratios (m,)."""
        own = dict(zip(self._rows, distances, strict=True))
        every = np.concatenate(distances)
        pooled = float(np.median(every)) if len(every) else 1.0
        self._middle = {
            k: max(LEAST_MEDIAN, float(np.median(d)) if len(d) >= POOLED else pooled)
            for k, d in own.items()
        }
        return np.concatenate([d / self._middle[k] for k, d in own.items()])

    @torch.inference_mode()
    def _measure(
        self,
        images: NDArray[np.uint8],
        label: int,
        without: NDArray[np.int64] | None = None,
    ) -> tuple[Scores, NDArray[np.int64]]:
        """Measure the distance to the class's nearest real image, and its place."""
        banned = None if without is None else torch.from_numpy(without)
        count = min(NOMINATED, len(self._rows[label]) - (without is not None))
        pairs = self._galleries[label].nominate(_to_phases(images), count, banned)
        compared = compare(*pairs[1:])
        evidence = compared.evidence.view(len(images), count)
        structure = compared.structure.view(len(images), count)
        best, order = evidence.sort(dim=1, descending=True)
        first = order[:, :1]
        second = best[:, 1] if count > 1 else torch.zeros(len(images))
        lead = best[:, 0] - second + ALONE * best[:, 0].clamp(min=0)
        distance = PRIOR + structure.gather(1, first)[:, 0]
        distance /= PRIOR + lead.clamp(min=0)
        place = pairs.real.gather(1, first)[:, 0]
        return distance.numpy(), place.numpy()


def copy_threshold(ratios: NDArray[np.floating], alarms: float = ALARMS) -> float:
    """Find the ratio below which an image counts as a copy.

    At most a share `alarms` of images that are no copies falls below it, expected over
    sets of this size: the k-th smallest of n, k = ⌊alarms·(n + 1)⌋, or half of the
    smallest where k is 0.

    Args:
        ratios: (n,) ratios of images that are no copies.
        alarms: share in (0, 1).

    Example:
        >>> copy_threshold(np.arange(1, 100), 0.05)
        5.0
        >>> copy_threshold(np.array([0.8, 0.9]))
        0.4
    """
    if not len(ratios):
        return 0.0
    k = int(alarms * (len(ratios) + 1))
    ordered = np.sort(ratios)
    return float(ordered[k - 1] if k else ordered[0] / 2)


def _to_phases(images: NDArray[np.uint8]) -> Tensor:
    """Turn (n, h, w, c) into (n, s, h, w) in grey, of about LONGEST_SIDE at most.

    Larger images come in s = 4 ways, also moved by half of a larger pixel down, right
    and both; alpha is omitted.
    """
    x = torch.from_numpy(np.ascontiguousarray(images[..., :3])).float()
    grey = x.mean(dim=3)[:, None]
    factor = max(1, round(max(grey.shape[2:]) / LONGEST_SIDE))
    if factor == 1:
        return grey
    size = [side // factor * factor for side in grey.shape[2:]]
    cut = grey[:, :, : size[0], : size[1]]
    moved = F.pad(cut, (0, factor // 2, 0, factor // 2), mode="replicate")
    return torch.cat(
        [
            F.avg_pool2d(moved[:, :, i : i + size[0], j : j + size[1]], factor)
            for i in (0, factor // 2)
            for j in (0, factor // 2)
        ],
        dim=1,
    )
