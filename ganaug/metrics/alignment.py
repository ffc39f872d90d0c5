"""Alignment: the real images most like a candidate, and their shift and mirroring."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

REACH = 8  # a shift is at most one REACH-th of a side
BLUR, KEPT = 9, 0.7  # pixels of surroundings, and the share of them subtracted
COARSE, FINE = (2, 2), (2, 1)  # pixels down and across that make a cell
SINGLE_PIXELS_BELOW = 16  # side in pixels below which cells are single pixels
FLOOR = 0.3  # grey levels of contrast that count as none

Views = tuple[tuple[int, ...], ...]  # axes of (n, h, w) to mirror
Cell = tuple[int, int]


class Pairs(NamedTuple):
    """Candidates beside real images, b × k pairs.

    Attributes:
        real: (b, k) indices of the real images, the most alike first.
        candidates: (b · k, h, w) candidates, moved so that the overlap is at the upper
            left.
        images: (b · k, h, w) real images, mirrored as fits best and moved likewise.
        heights, widths: (b · k,) sides of the overlap, in pixels.
    """

    real: Tensor
    candidates: Tensor
    images: Tensor
    heights: Tensor
    widths: Tensor


class Gallery:
    """The real images of a class, prepared for search.

    Images are alike where their overlap correlates (Lewis, "Fast Normalized
    Cross-Correlation", 1995) once most of each pixel's surroundings is subtracted:
    many images share shading, only copies share detail. All real images are compared
    in coarse cells at every second shift, then the best ones in finer cells at every
    shift.

    Args:
        images: (m, h, w) grey, 0…255.
        views: mirrorings that count, each given by its axes; () is the image itself.

    Example:
        >>> images = torch.rand(9, 24, 24, generator=torch.manual_seed(0)) * 255
        >>> gallery = Gallery(images, ((), (2,)))
        >>> moved = images[4:5].flip(2).roll(2, dims=1)
        >>> gallery.nominate(moved[:, None], 3).real[0, 0].item()
        4
    """

    def __init__(self, images: Tensor, views: Views) -> None:
        self._images, self._views = images, views
        self._sharp = _sharpen(images)
        cell = _fit_cell(images, COARSE)
        self._cells = (
            F.avg_pool2d(self._mirror(self._sharp), cell).flatten(0, 1).flatten(1)
        )
        inside = _find_inside(*images.shape[1:], cell)
        self._scales = _to_scales(self._cells, inside)  # (m · views, shifts)

    def nominate(
        self, phases: Tensor, count: int, without: Tensor | None = None
    ) -> Pairs:
        """Nominate the real images most like each candidate.

        Args:
            phases: (b, s, h, w) each candidate s times, moved by parts of a pixel.
            count: number of real images per candidate, at most all.
            without: (b,) index of a real image to exclude, for each candidate.
        """
        sharp = _sharpen(phases.flatten(0, 1)).view(phases.shape)
        likeness = self._correlate(sharp[:, 0])
        if without is not None:
            likeness[torch.arange(len(phases)), without] = -2
        return self._align(phases, sharp, likeness.topk(count, dim=1).indices)

    def _correlate(self, sharp: Tensor) -> Tensor:
        """Correlate (b, h, w) with real images: (b, m), best of views and shifts."""
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
        """Align each pair by the best of all views and shifts."""
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
        images = self._mirror(self._images[real.flatten()])[each, view]
        return Pairs(
            real,
            _cut_corner(phases[each // k, part], down, right),
            _cut_corner(images, -down, -right),
            h - down.abs(),
            w - right.abs(),
        )

    def _mirror(self, images: Tensor) -> Tensor:
        """Mirror images (n, h, w) in each view: (n, views, h, w)."""
        return torch.stack([images.flip(v) for v in self._views], dim=1)


def _sharpen(images: Tensor) -> Tensor:
    """Subtract most of each pixel's surroundings and the mean from images (n, h, w)."""
    down, across = (_make_blur(side) for side in images.shape[1:])
    sharp = images - KEPT * (down @ (images @ across.T))
    return sharp - sharp.mean(dim=(1, 2), keepdim=True)


@lru_cache(maxsize=16)
def _make_blur(side: int) -> Tensor:
    """Make a matrix (side, side) that averages BLUR neighbours, edges repeated."""
    near = torch.arange(side)[:, None] + torch.arange(BLUR) - BLUR // 2
    return F.one_hot(near.clamp(0, side - 1), side).float().mean(dim=1)


def _fit_cell(images: Tensor, cell: Cell) -> Cell:
    return cell if min(images.shape[1:]) >= SINGLE_PIXELS_BELOW else (1, 1)


def _fit(sharp: Tensor, known: Tensor) -> Tensor:
    """Correlate (b, h, w) with (b, n, h, w) at all shifts: (b, n, shifts)."""
    cell = _fit_cell(sharp, FINE)
    cells, windows = F.avg_pool2d(known, cell).flatten(2), _cut_windows(sharp, cell)
    scales = _to_scales(cells, _find_inside(*sharp.shape[1:], cell))
    return cells @ windows.mT * scales * _invert_lengths(windows).mT


def _invert_lengths(windows: Tensor) -> Tensor:
    """Return one over the length (…, 1) of windows (…, cells), bounded if flat."""
    least = FLOOR * windows.shape[-1] ** 0.5
    length: Tensor = torch.linalg.vector_norm(windows, dim=-1, keepdim=True)
    return length.clamp(min=least).reciprocal()


def _split(place: Tensor, size: int) -> tuple[Tensor, Tensor]:
    return place // size, place % size


def _cut_windows(sharp: Tensor, cell: Cell) -> Tensor:
    """Cut the windows (b, shifts, cells) that a moved real image would cover."""
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
    """Mark with 1 the cells that lie within the image."""
    rows, columns = height // REACH, width // REACH
    ones = F.pad(torch.ones(1, height, width), (columns, columns, rows, rows))
    return (F.avg_pool2d(ones, cell, 1) == 1).float()


@lru_cache(maxsize=16)
def _find_inside(height: int, width: int, cell: Cell) -> Tensor:
    """Mark with 1 the cells (shifts, cells) that a moved image shares with another."""
    return _cut_windows(torch.ones(1, height, width), cell)[0]


def _to_scales(cells: Tensor, inside: Tensor) -> Tensor:
    """Return one over the length (…, shifts) of the overlap of cells (…, cells)."""
    return (cells.square() @ inside.T + FLOOR**2 * cells.shape[-1]).rsqrt()


def _cut_corner(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Cut off the first rows and columns (p, h, w), if positive; edges repeat."""
    h, w = images.shape[1:]
    rows = (torch.arange(h) + down.clamp(min=0)[:, None]).clamp(max=h - 1)
    columns = (torch.arange(w) + right.clamp(min=0)[:, None]).clamp(max=w - 1)
    place = (rows[:, :, None] * w + columns[:, None]).flatten(1)
    return images.flatten(1).gather(1, place).view(images.shape)
