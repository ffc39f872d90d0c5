"""Which real pictures a candidate is like, and at which shift and mirroring."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

REACH = 8  # a shift is at most one REACH-th of a side
BLUR, KEPT = 9, 0.7  # pixels of surroundings, and their share that is taken off
COARSE, FINE = (2, 2), (2, 1)  # pixels down and across that make a cell
SINGLE_PIXELS_BELOW = 16  # pixels of a side, below which cells are single pixels
FLOOR = 0.3  # grey levels of contrast that count as none

Views = tuple[tuple[int, ...], ...]  # axes of (n, h, w) to mirror
Cell = tuple[int, int]


class Pairs(NamedTuple):
    """Candidates beside real pictures, b × k pairs.

    Attributes:
        real: (b, k) indices of the real pictures, the most alike first.
        candidates: (b · k, h, w) whose upper left shows the overlap.
        pictures: (b · k, h, w) the real pictures likewise, mirrored as fits best.
        heights, widths: (b · k,) of the overlap.
    """

    real: Tensor
    candidates: Tensor
    pictures: Tensor
    heights: Tensor
    widths: Tensor


class Gallery:
    """The real pictures of a class, ready to be found.

    Pictures are alike where their overlap correlates (Lewis, "Fast Normalized
    Cross-Correlation", 1995) once most of each pixel's surroundings is taken off:
    shading is alike in many, detail only in copies. All real pictures are tried in
    coarse cells at every second shift, the best ones again in finer cells at all.

    Args:
        pictures: (m, h, w) grey, 0…255.
        views: mirrorings that count, each by its axes; () is none.

    Example:
        >>> pictures = torch.rand(9, 24, 24, generator=torch.manual_seed(0)) * 255
        >>> gallery = Gallery(pictures, ((), (2,)))
        >>> moved = pictures[4:5].flip(2).roll(2, dims=1)
        >>> gallery.nominate(moved[:, None], 3).real[0, 0].item()
        4
    """

    def __init__(self, pictures: Tensor, views: Views) -> None:
        self._pictures, self._views = pictures, views
        self._sharp = _sharpen(pictures)
        cell = _fit_cell(pictures, COARSE)
        self._cells = (
            F.avg_pool2d(self._mirror(self._sharp), cell).flatten(0, 1).flatten(1)
        )
        inside = _find_inside(*pictures.shape[1:], cell)
        self._scales = _to_scales(self._cells, inside)  # (m · views, shifts)

    def nominate(
        self, phases: Tensor, count: int, without: Tensor | None = None
    ) -> Pairs:
        """Nominate the real images most like each candidate.

        Args:
            phases: (b, s, h, w) each candidate, also moved by parts of a pixel.
            count: how many to name, at most all.
            without: (b,) index of a real picture that is not to be named.
        """
        sharp = _sharpen(phases.flatten(0, 1)).view(phases.shape)
        likeness = self._correlate(sharp[:, 0])
        if without is not None:
            likeness[torch.arange(len(phases)), without] = -2
        return self._align(phases, sharp, likeness.topk(count, dim=1).indices)

    def _correlate(self, sharp: Tensor) -> Tensor:
        """(b, h, w) → (b, m), each in the best view at the best of half the shifts."""
        across = 2 * (sharp.shape[2] // REACH) + 1
        place = torch.arange(self._scales.shape[1])
        # Like the black squares of a board: each white one has black neighbours.
        tried = place[(place // across + place % across) % 2 == 0]
        windows = _cut_windows(sharp, _fit_cell(sharp, COARSE))[:, tried]
        product = (windows.flatten(0, 1) @ self._cells.T).view(*windows.shape[:2], -1)
        product *= self._scales.T[tried]
        product *= _invert_lengths(windows)
        return product.amax(dim=1).view(len(sharp), -1, len(self._views)).amax(dim=2)

    def _align(self, phases: Tensor, sharp: Tensor, real: Tensor) -> Pairs:
        """Compare each pair in the best of all views at the best of all shifts."""
        (b, k), (h, w) = real.shape, phases.shape[2:]
        known = self._mirror(self._sharp[real.flatten()]).view(b, -1, h, w)
        fits = [_fit(moved, known) for moved in sharp.unbind(1)]
        fit = torch.stack(fits, dim=2).view(b * k, -1)  # views × parts × shifts
        (rows, columns), shifts = (h // REACH, w // REACH), fits[0].shape[2]
        across = 2 * columns + 1
        view, place = _split(fit.argmax(dim=1), len(fits) * shifts)
        part, shift = _split(place, shifts)
        down, right = shift // across - rows, shift % across - columns
        each = torch.arange(b * k)
        pictures = self._mirror(self._pictures[real.flatten()])[each, view]
        return Pairs(
            real,
            _cut_corner(phases[each // k, part], down, right),
            _cut_corner(pictures, -down, -right),
            h - down.abs(),
            w - right.abs(),
        )

    def _mirror(self, pictures: Tensor) -> Tensor:
        """(n, h, w) → (n, views, h, w)."""
        return torch.stack([pictures.flip(v) for v in self._views], dim=1)


def _sharpen(pictures: Tensor) -> Tensor:
    """(n, h, w) less most of each pixel's surroundings, and without its mean."""
    down, across = (_make_blur(side) for side in pictures.shape[1:])
    sharp = pictures - KEPT * (down @ (pictures @ across.T))
    return sharp - sharp.mean(dim=(1, 2), keepdim=True)


@lru_cache(maxsize=16)
def _make_blur(side: int) -> Tensor:
    """(side, side) taking means of BLUR neighbours, edges repeated."""
    near = torch.arange(side)[:, None] + torch.arange(BLUR) - BLUR // 2
    return F.one_hot(near.clamp(0, side - 1), side).float().mean(dim=1)


def _fit_cell(pictures: Tensor, cell: Cell) -> Cell:
    return cell if min(pictures.shape[1:]) >= SINGLE_PIXELS_BELOW else (1, 1)


def _fit(sharp: Tensor, known: Tensor) -> Tensor:
    """(b, h, w), (b, n, h, w) → (b, n, shifts) correlations."""
    cell = _fit_cell(sharp, FINE)
    cells, windows = F.avg_pool2d(known, cell).flatten(2), _cut_windows(sharp, cell)
    scales = _to_scales(cells, _find_inside(*sharp.shape[1:], cell))
    return cells @ windows.mT * scales * _invert_lengths(windows).mT


def _invert_lengths(windows: Tensor) -> Tensor:
    """(…, cells) → (…, 1); of flat ones near 0."""
    least = FLOOR * windows.shape[-1] ** 0.5
    length: Tensor = torch.linalg.vector_norm(windows, dim=-1, keepdim=True)
    return length.clamp(min=least).reciprocal()


def _split(place: Tensor, size: int) -> tuple[Tensor, Tensor]:
    return place // size, place % size


def _cut_windows(sharp: Tensor, cell: Cell) -> Tensor:
    """(b, h, w) → (b, shifts, cells): what lies where a moved real picture would."""
    sides, (down, across) = sharp.shape[1:], cell
    rows, columns = (side // REACH for side in sides)
    cells = F.pad(sharp, (columns, columns, rows, rows))
    if cell != (1, 1):
        cells = F.avg_pool2d(cells, cell, 1) * _mark_whole(*sides, cell)
    spans = [(n // c - 1) * c + 1 for n, c in zip(sides, cell, strict=True)]
    windows = cells.unfold(1, spans[0], 1).unfold(2, spans[1], 1)
    windows = windows[:, : 2 * rows + 1, : 2 * columns + 1, ::down, ::across]
    return windows.flatten(3).flatten(1, 2)


@lru_cache(maxsize=16)
def _mark_whole(height: int, width: int, cell: Cell) -> Tensor:
    """1 for the cells that lie within the picture."""
    rows, columns = height // REACH, width // REACH
    ones = F.pad(torch.ones(1, height, width), (columns, columns, rows, rows))
    return (F.avg_pool2d(ones, cell, 1) == 1).float()


@lru_cache(maxsize=16)
def _find_inside(height: int, width: int, cell: Cell) -> Tensor:
    """(shifts, cells): 1 for the cells that a moved picture shares with another."""
    return _cut_windows(torch.ones(1, height, width), cell)[0]


def _to_scales(cells: Tensor, inside: Tensor) -> Tensor:
    """(…, cells) → (…, shifts): one over the length of what overlaps."""
    return (cells.square() @ inside.T + FLOOR**2 * cells.shape[-1]).rsqrt()


def _cut_corner(pictures: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """(p, h, w) without the first rows and columns, if positive; edges repeat."""
    h, w = pictures.shape[1:]
    rows = (torch.arange(h) + down.clamp(min=0)[:, None]).clamp(max=h - 1)
    columns = (torch.arange(w) + right.clamp(min=0)[:, None]).clamp(max=w - 1)
    place = (rows[:, :, None] * w + columns[:, None]).flatten(1)
    return pictures.flatten(1).gather(1, place).view(pictures.shape)
