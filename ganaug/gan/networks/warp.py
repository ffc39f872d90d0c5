"""Warps: smooth displacements and changes of light, which leave the label valid."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FOLD_FREE = 0.4  # share of the knots' spacing; below .48 no displacement can fold


def spline_matrix(n: int, cells: int) -> Tensor:
    """Return weights (n, cells + 3) of a uniform cubic B-spline at n places.

    The places are evenly spaced from one end of the curve to the other. Rows sum to 1
    and no weight is negative, so that bounds of the coefficients are bounds of the
    curve. Rueckert et al., "Nonrigid registration using free-form deformations" (1999),
    equation 1.

    Args:
        n: number of places, at least 2.
        cells: number of intervals between knots, at least 1.

    Example:
        >>> spline_matrix(5, 2).sum(dim=1).round(decimals=5)
        tensor([1., 1., 1., 1., 1.])
    """
    place = torch.linspace(0, cells, n, dtype=torch.float64)
    first = place.floor().clamp(max=cells - 1)
    t = place - first
    basis = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    weights = torch.zeros(n, cells + 3, dtype=torch.float64)
    for k, values in enumerate(basis):
        weights.scatter_(1, (first.long() + k)[:, None], values[:, None])
    return weights.float()


def spread_smoothly(coarse: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Turn coefficients (n, c, gh, gw) into a smooth field (n, c, h, w).

    Args:
        coarse: one coefficient per knot.
        rows: (h, gh) weights that `spline_matrix` gives.
        columns: (w, gw) weights that `spline_matrix` gives.
    """
    return rows @ coarse @ columns.T


def largest_shift(size: tuple[int, int], cells: int) -> tuple[float, float]:
    """Return how many rows and columns a coefficient may shift without a fold.

    Choi and Lee, "Injectivity conditions of 2D and 3D uniform cubic B-spline functions"
    (2000): a displacement below .48 of the spacing is one to one.
    """
    return FOLD_FREE * (size[0] - 1) / cells, FOLD_FREE * (size[1] - 1) / cells


def light_images(x: Tensor, light: Tensor) -> Tensor:
    """Brighten or darken images: shift each pixel's log-odds by `light`.

    Black and white stay. A brightness p from 0 to 1 becomes p·eˡ / (1 - p + p·eˡ),
    a curve with slopes eˡ and e⁻ˡ at its ends. Values outside [-1, 1], which cubic
    interpolation may give, are cut first.

    Args:
        x: (n, c, h, w) in [-1, 1] or nearly so.
        light: the same shape.

    Example:
        >>> x = torch.tensor([-1.0, 0.0, 1.0])
        >>> light_images(x, torch.tensor(3.0).log())
        tensor([-1.0000,  0.5000,  1.0000])
    """
    p = (x.clamp(-1, 1) + 1) / 2
    more = p * torch.exp(light)
    return 2 * more / (1 - p + more) - 1


def warp_images(x: Tensor, shift: Tensor, frame: Tensor | None = None) -> Tensor:
    """Bend images: pixel (i, j) is read from x at (i, j) + shift, moved by `frame`.

    A single cubic interpolation does both, so that nothing is blurred twice; beyond the
    border the nearest pixel repeats.

    Args:
        x: (n, c, h, w).
        shift: (n, 2, h, w) rows and columns to add, in pixels.
        frame: (n, 2, 3) affine map of (row, column, 1) whose result is added, in half
            sides from the middle; None adds nothing.

    Example:
        >>> x = torch.arange(16.0).reshape(1, 1, 4, 4)
        >>> shift = torch.zeros(1, 2, 4, 4)
        >>> shift[:, 1] = 1
        >>> warp_images(x, shift)[0, 0, 0].round()
        tensor([1., 2., 3., 3.])
    """
    h, w = x.shape[2:]
    rows = torch.linspace(-1, 1, h, device=x.device)[:, None].expand(h, w)
    columns = torch.linspace(-1, 1, w, device=x.device)[None, :].expand(h, w)
    down, right = shift.unbind(dim=1)
    place = torch.stack(
        [rows + down * (2 / (h - 1)), columns + right * (2 / (w - 1))], dim=1
    )  # (n, 2, h, w)
    if frame is not None:
        moved = torch.einsum("nab,nbhw->nahw", frame[:, :, :2], place)
        place = place + moved + frame[:, :, 2, None, None]
    grid = place.flip(1).permute(0, 2, 3, 1)  # grid_sample wants (x, y)
    return F.grid_sample(
        x, grid, mode="bicubic", padding_mode="border", align_corners=True
    )
