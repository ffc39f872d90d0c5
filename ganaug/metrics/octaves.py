"""Octaves: does one image explain another, and is the rest mere noise?

Two images are compared octave by octave of their cosine transforms, so that noise or
compression in the fine octaves hides nothing of what the coarse ones show.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

GAINS = 0.85, 1.18  # how much darker or brighter a copy may be
ROUNDING = 2.0  # grey levels of difference that are rounding and compression
WORST = 0.7  # largest log(R/E) of an octave that counts against a copy
MOST_STRUCTURE = 3.0  # largest q − 1 − log q of an octave that counts as structure
NOISY = 0.75  # quantile of the rest, over the fine octaves, that is the noise level
FEWEST_COEFFICIENTS = 8  # coefficients of an octave; smaller ones join the next


class Comparison(NamedTuple):
    """How well real images explain candidates.

    Attributes:
        evidence: (p,) nats for "the real image and a disturbance" against "an image of
            its own"; negative for unrelated images, hundreds for a clean copy.
        structure: (p,) nats, at least 0, against the disturbance being noise.
    """

    evidence: Tensor
    structure: Tensor


def compare(
    candidate: Tensor, real: Tensor, heights: Tensor, widths: Tensor
) -> Comparison:
    """Compare pairs of grey images, place by place.

    The real image, at the gain that fits best, is subtracted from the candidate. With
    E and R the mean energies of the candidate and of the rest in an octave of n
    coefficients, the evidence is the sum of n/2·log(E/R), the log-likelihood ratio of
    two Gaussian models (Whittle's approximation, 1953). A disturbance is about white,
    so an octave whose R is q > 1 times the noise level adds n/2·(q − 1 − log q), the
    log-likelihood ratio of two variances, to the structure. The noise level comes from
    the fine octaves, from a quarter of the highest frequency up. Means are omitted.

    Args:
        candidate: (p, h, w) values 0…255.
        real: (p, h, w) likewise.
        heights: (p,) number of rows of each pair that are compared, h − ⌊h/8⌋ to h.
        widths: (p,) number of columns.

    Example:
        >>> x = 128 + 50 * torch.randn(2, 24, 24, generator=torch.manual_seed(0))
        >>> sides = torch.tensor([24, 24])
        >>> (compare(x, x, sides, sides).evidence > 500).tolist()
        [True, True]
        >>> (compare(x, x.flip(0), sides, sides).evidence < 0).tolist()
        [True, True]
    """
    assert candidate.shape == real.shape, (candidate.shape, real.shape)
    basis = _make_basis(candidate.shape[1], candidate.shape[2])
    places = candidate.shape[1] - heights, candidate.shape[2] - widths
    down, across = basis.down[places[0]], basis.across[places[1]].mT
    known = (down @ real @ across).flatten(1)
    rest = (down @ (candidate - real) @ across).flatten(1)
    # Sums over each octave, (p, octaves). With the difference as a term an exact copy
    # leaves exactly nothing.
    pairs = (rest, rest), (rest, known), (known, known)
    rr, rk, kk = ((a * b) @ basis.octaves for a, b in pairs)
    counts = basis.counts[places]
    floor = counts * ROUNDING**2
    energy = (rr + 2 * rk + kk).clamp(min=0) + floor
    weight = counts / (rr + floor)
    fitted = ((kk + rk) * weight).sum(1) / (kk * weight).sum(1).clamp(min=1e-9)
    change = (fitted.clamp(*GAINS) - 1)[:, None]
    left = (rr - 2 * change * rk + change**2 * kk).clamp(min=0) + floor
    against = (left / energy).log().clamp(max=WORST)
    noise = (left / counts)[:, basis.fine].quantile(NOISY, dim=1, keepdim=True)
    excess = (left / counts / noise).clamp(min=1)
    structure = (excess - 1 - excess.log()).clamp(max=MOST_STRUCTURE)
    return Comparison(-(against * counts).sum(1) / 2, (structure * counts).sum(1) / 2)


class _Basis(NamedTuple):
    down: Tensor  # (reach + 1, h, h): cosines of h, h − 1, … rows, zeros beyond
    across: Tensor  # (reach + 1, w, w)
    octaves: Tensor  # (h · w, octaves): 1 where a coefficient belongs
    counts: Tensor  # (reach + 1, reach + 1, octaves) of coefficients
    fine: Tensor  # (octaves,) bool


@lru_cache(maxsize=16)
def _make_basis(height: int, width: int) -> _Basis:
    numbers, fine = _number_octaves(height, width)
    members = numbers.reshape(-1, 1) == np.arange(len(fine))
    octaves = torch.from_numpy(members.astype(np.float32))
    down, across = _stack_cosines(height), _stack_cosines(width)
    rows, columns = ((b != 0).any(dim=2).float() for b in (down, across))
    present = rows[:, None, :, None] * columns[None, :, None, :]
    counts = (present.flatten(2) @ octaves).clamp(min=1)
    return _Basis(down, across, octaves, counts, torch.from_numpy(fine))


def _stack_cosines(side: int) -> Tensor:
    """Stack orthonormal cosine transforms (DCT-II) of side, side − 1, … places."""
    out = np.zeros((side // 8 + 1, side, side), np.float32)
    for i in range(len(out)):
        n = side - i
        k = np.arange(n)[:, None]
        out[i, :n, :n] = np.cos(math.pi * k * (2 * k.T + 1) / (2 * n))
        out[i, :n, :n] *= math.sqrt(2 / n)
        out[i, 0] /= math.sqrt(2)
    return torch.from_numpy(out)


def _number_octaves(
    height: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Number each coefficient's octave (h, w), −1 for the mean, and mark fine ones.

    Frequencies 1, 2–3, 4–7, … of either side make an octave; small ones are joined.
    """
    down, across = (np.frexp(np.arange(n))[1] for n in (height, width))
    finest = max(down.max(), across.max()) - 1
    numbers, fine = np.full((height, width), -1), [False]
    cells = [(a + b, a, b) for a in set(down.tolist()) for b in set(across.tolist())]
    collected, all_fine = 0, True
    for _, a, b in sorted(cells)[1:]:
        member = (down[:, None] == a) & (across == b)
        numbers[member] = len(fine) - 1
        collected, all_fine = collected + member.sum(), all_fine and max(a, b) >= finest
        fine[-1] = all_fine
        if collected >= FEWEST_COEFFICIENTS:
            fine.append(False)
            collected, all_fine = 0, True
    # What is left over joins the last octave.
    if len(fine) > 1:
        fine.pop()
        numbers[numbers == len(fine)] = len(fine) - 1
    if not any(fine):
        fine[-1] = True
    return numbers, np.array(fine)
