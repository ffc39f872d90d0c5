"""Copies: is an image a shifted, mirrored, noisier or brighter version of a real one?

Every image is compared with the middle of each real image of its class, in grey, over
all shifts of up to an eighth of a side and all mirrorings that keep labels, by
normalised cross-correlation, which gain and offset don't change (Lewis, "Fast
Normalized Cross-Correlation", 1995). Cells of 2×2 pixels take the edge off noise and
compression, and the correlation is corrected for the noise that is left (Spearman's
correction for attenuation, 1904): noise is what varies within cells beyond the real
image's own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

LONGEST = 32  # pixels; larger images are compared in larger cells
REACH = 8  # a shift is at most one REACH-th of a side
SMALL = 16  # pixels, below which cells are single pixels
POOLED = 20  # real images of a class, below which all classes' median is taken
MOST = 2_000  # real images of a class that are compared
BLOCK = 32  # candidates at a time
FLOOR = 0.3  # grey levels of contrast that count as none
CLOSE, LEAST = 1e-3, 0.02  # distances below which nothing is divided
NOISE = 0.8  # share of an image's variance that may be taken for noise
ALARMS = 0.045  # share of images that are no copies, refused all the same

Scores = NDArray[np.float32]


class CopyScores(NamedTuple):
    """How near images are to real ones.

    Attributes:
        ratio: (n,) distance to the nearest real image over its class's median distance
            between nearest real images, times the square of the distance to the nearest
            over that to the second nearest: a copy is near to one image, a new one to
            several.
        nearest: (n,) which real image that is; -1 where the class has none.
    """

    ratio: Scores
    nearest: NDArray[np.int64]


class CopySearch:
    """The real images, ready to be compared with.

    Args:
        images: (n, h, w, c) uint8, what may have been copied.
        labels: (n,) their classes; candidates are compared within their class.
        hflip, vflip: whether mirrored copies count.

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
    ) -> None:
        views: list[tuple[int, ...]] = [()]
        views += [(3,)] * hflip + [(2,)] * vflip + [(2, 3)] * (hflip and vflip)
        self._views = views
        self._rows = {
            int(k): np.flatnonzero(labels == k)[:MOST] for k in np.unique(labels)
        }
        grey = _to_grey(images)
        self._side = grey.shape[2], grey.shape[3]
        factor = max(1, round(max(self._side) / LONGEST))
        small = min(self._side) < SMALL * factor
        self._cells = factor if small else 2 * factor
        self._step = max(1, factor // 2)  # between shifts
        self._reach = self._side[0] // REACH, self._side[1] // REACH
        self._real = {k: self._cut_middle(grey[r]) for k, r in self._rows.items()}
        self._rough = {k: self._split(grey[r])[0] for k, r in self._rows.items()}
        self.own = self._leave_one_out(images, labels)

    def score(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> CopyScores:
        """Compare images (n, h, w, c) of the size of the real ones."""
        first = np.full(len(images), np.inf, np.float32)
        second, nearest = first.copy(), np.full(len(images), -1)
        for label in np.unique(labels):
            if int(label) not in self._rows:
                continue
            own, real = np.flatnonzero(labels == label), self._rows[int(label)]
            for start in range(0, len(own), BLOCK):
                rows = own[start : start + BLOCK]
                distances = self._measure(images[rows], int(label))
                first[rows], second[rows], place = _two_least(distances)
                nearest[rows] = real[place]
        middle = np.array([self._middle.get(int(k), 1.0) for k in labels])
        return CopyScores(_ratio(first, second, middle), nearest)

    def _leave_one_out(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> Scores:
        """(m,) ratios of the real images to each other, and the medians on the way."""
        pairs: dict[int, Scores] = {}
        for label, rows in self._rows.items():
            parts = []
            for start in range(0, len(rows) if len(rows) > 1 else 0, BLOCK):
                block = rows[start : start + BLOCK]
                distances = self._measure(images[block], label)
                distances[np.arange(len(block)), start + np.arange(len(block))] = np.inf
                parts.append(np.stack(_two_least(distances)[:2], axis=1))
            none = np.empty((0, 2), np.float32)
            pairs[label] = np.concatenate([none, *parts])
        every = np.concatenate(list(pairs.values()))
        pooled = float(np.median(every[:, 0])) if len(every) else 1.0
        self._middle = {
            k: max(LEAST, float(np.median(p[:, 0])) if len(p) >= POOLED else pooled)
            for k, p in pairs.items()
        }
        ratios = [_ratio(p[:, 0], p[:, 1], self._middle[k]) for k, p in pairs.items()]
        return np.concatenate(ratios).astype(np.float32)

    @torch.inference_mode()
    def _measure(self, images: NDArray[np.uint8], label: int) -> Scores:
        """(b, real images of the class) distances, at the best shift and mirroring."""
        grey = _to_grey(images)
        real = self._real[label]
        views = torch.cat([grey.flip(v) if v else grey for v in self._views], dim=1)
        windows = self._cut_windows(views)  # (b, views × shifts, cells)
        flat = windows.reshape(-1, windows.shape[2])
        best = (flat @ real.T).view(len(grey), -1, len(real)).amax(dim=1)
        rough, smooth = self._split(grey)
        noise = (rough[:, None] - self._rough[label]).clamp(min=0) / self._cells**2
        share = (noise / smooth[:, None].clamp(min=FLOOR**2)).clamp(max=NOISE)
        best = best / (1 - share).sqrt()
        return np.asarray((1 - best.clamp(max=1)).sqrt().numpy())

    def _split(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 1, h, w) → median variance within cells, variance between them."""
        area = self._cells**2
        means = F.avg_pool2d(grey, self._cells)
        within = F.avg_pool2d(grey.square(), self._cells) - means.square()
        rough = within.flatten(1).median(dim=1).values * (area / max(1, area - 1))
        return rough, means.flatten(1).var(dim=1)

    def _cut_middle(self, grey: Tensor) -> Tensor:
        """(n, 1, h, w) → (n, cells) of unit length, without what a shift moves out."""
        (y, x), (h, w) = self._reach, self._side
        middle = grey[:, :, y : h - y, x : w - x]
        return _unit(F.avg_pool2d(middle, self._cells).flatten(1))

    def _cut_windows(self, views: Tensor) -> Tensor:
        """(b, v, h, w) → (b, v × shifts, cells): what may be a real image's middle."""
        cells = F.avg_pool2d(views, self._cells, stride=1)
        rows, columns = (
            torch.arange(0, 2 * reach + 1, self._step)[:, None]
            + self._cells * torch.arange((side - 2 * reach) // self._cells)
            for reach, side in zip(self._reach, self._side, strict=True)
        )
        found = cells[:, :, rows[:, None, :, None], columns[None, :, None, :]]
        return _unit(found.flatten(4).flatten(1, 3))


def _to_grey(images: NDArray[np.uint8]) -> Tensor:
    """(n, h, w, c) → (n, 1, h, w); alpha is left out."""
    x = torch.from_numpy(np.ascontiguousarray(images[..., :3])).float()
    return x.mean(dim=3)[:, None]


def copy_threshold(ratios: NDArray[np.floating], alarms: float = ALARMS) -> float:
    """The ratio below which an image counts as a copy.

    At most a share `alarms` of images that are no copies falls below it, expected over
    sets of this size: the k-th smallest of n, k = ⌊alarms·(n + 1)⌋; where that is none
    at all, half of the smallest.

    Args:
        ratios: (n,) of images that are no copies.
        alarms: in (0, 1).

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


def _unit(x: Tensor) -> Tensor:
    """Rows without their mean and of length 1; flat ones near 0."""
    x = x - x.mean(dim=-1, keepdim=True)
    square = x.square().sum(dim=-1, keepdim=True) + FLOOR**2 * x.shape[-1]
    return x / square.sqrt()


def _two_least(distances: Scores) -> tuple[Scores, Scores, NDArray[np.int64]]:
    """Smallest and second smallest of each row, and the place of the smallest."""
    place = distances.argmin(axis=1)
    rows = np.arange(len(distances))
    first = distances[rows, place]
    rest = distances.copy()
    rest[rows, place] = np.inf
    return first, rest.min(axis=1), place


def _ratio(first: Scores, second: Scores, middle: Scores | float) -> Scores:
    """d₁/median · (d₁/d₂)²; a class of one image has no d₂."""
    alone = ~np.isfinite(second)
    second = np.where(alone, first, second)
    with np.errstate(invalid="ignore"):
        lone = np.where(np.isfinite(first), (first + CLOSE) / (second + CLOSE), 1)
    return np.asarray(first / middle * lone**2, np.float32)
