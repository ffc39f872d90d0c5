"""Pairs: which source is carried where, and which real image it stands beside.

Half of the draws (`alone`) take a source of any class and a real image of any class of
the target domain, so that every class is carried into every domain. The others take a
cell that has images, and a source of the same class from another domain, so that the
network sees how a class looks there. Cells are drawn evenly, however few images they
have.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.errors import DataError
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.gan.objective.diffaugment import UNIFORMS
from ganaug.translate.networks.discriminator import Place

Indices = NDArray[np.int64]
FILTERS, SIDE = 16, 5  # random filters of a step, and their side in pixels
UNKNOWN = -1  # class of an unlabelled image, and domain of an image without one


class Draws(NamedTuple):
    """Random numbers of one step; everything else in a step is deterministic.

    Attributes:
        source, real: (n,) rows of the images to carry, and of real images at their
            targets.
        place: targets: class, domain, and whether the class counts.
        z: (2n, latent) standard normal numbers; the second half is for further passes.
        u: (2n, UNIFORMS) uniform numbers for the augmentation of real and fake images.
        filters: (FILTERS, c, side, side) random filters, for what patches look like.
    """

    source: Tensor
    real: Tensor
    place: Place
    z: Tensor
    u: Tensor
    filters: Tensor

    def to(self, device: torch.device) -> Draws:
        """Return the same on a device."""
        place = Place(*(t.to(device) for t in self.place))
        return Draws(
            self.source.to(device),
            self.real.to(device),
            place,
            self.z.to(device),
            self.u.to(device),
            self.filters.to(device),
        )


class PairSampler:
    """Draws pairs as a function of (seed, images seen).

    Args:
        labels: (n,) class of each image, UNKNOWN for unlabelled ones.
        domains: (n,) domain of each image, UNKNOWN for images that are sources only.
        batch: pairs per step.
        latent: size of z.
        alone: share of the draws that are judged by the domain alone.
        seed: seed that decides every draw, together with the images seen.
        channels: channels of the images.

    Raises:
        DataError: fewer than two domains have images.

    Example:
        >>> labels, domains = np.array([0, 0, 1]), np.array([0, 1, 0])
        >>> sampler = PairSampler(labels, domains, batch=4, latent=2, alone=0.5, seed=0)
        >>> draws = sampler.draw(64)
        >>> bool((torch.tensor(domains)[draws.real] == draws.place.domain).all())
        True
    """

    def __init__(
        self,
        labels: Indices,
        domains: Indices,
        *,
        batch: int,
        latent: int,
        alone: float,
        seed: int,
        channels: int = 1,
    ) -> None:
        self.batch, self.latent, self.seed = batch, latent, seed
        self.channels = channels
        self.cells = list_cells(labels, domains)
        self.places = sorted({d for _, d in self.cells if d != UNKNOWN})
        if len(self.places) < 2:
            raise DataError(
                "a translator needs images of at least two domains; give each image "
                "its domain"
            )
        keys = list(self.cells)
        self.within = {t: [c for c in keys if c[1] == t] for t in self.places}
        self.sources = {t: [c for c in keys if c[1] != t] for t in self.places}
        self.shared = list_shared(keys)
        self.alone = round(alone * batch) if self.shared else batch

    def draw(self, seen: int) -> Draws:
        """Return the random numbers of the step that begins after `seen` images."""
        seed = mix_seed("translate", self.seed, seen)
        random = np.random.default_rng(seed)
        rows = [self._draw_alone(random) for _ in range(self.alone)]
        rows += [self._draw_classed(random) for _ in range(self.batch - self.alone)]
        source, real, label, domain, classed = torch.tensor(rows).unbind(dim=1)
        generator = torch.Generator().manual_seed(seed)
        n = 2 * self.batch
        return Draws(
            source,
            real,
            Place(label.clamp(min=0), domain, classed.float()),
            torch.randn(n, self.latent, generator=generator),
            torch.rand(n, UNIFORMS, generator=generator),
            torch.randn(FILTERS, self.channels, SIDE, SIDE, generator=generator),
        )

    def _draw_alone(self, random: np.random.Generator) -> tuple[int, ...]:
        domain = self.places[random.integers(len(self.places))]
        goal = _choose(self.within[domain], random)
        start = _choose(self.sources[domain], random)
        return self._pick(start, random), self._pick(goal, random), *goal, 0

    def _draw_classed(self, random: np.random.Generator) -> tuple[int, ...]:
        goal = _choose(list(self.shared), random)
        start = _choose(self.shared[goal], random)
        return self._pick(start, random), self._pick(goal, random), *goal, 1

    def _pick(self, cell: tuple[int, int], random: np.random.Generator) -> int:
        rows = self.cells[cell]
        return int(rows[random.integers(len(rows))])


def list_cells(labels: Indices, domains: Indices) -> dict[tuple[int, int], Indices]:
    """Return the rows of each (class, domain) that has images.

    Example:
        >>> list(list_cells(np.array([1, 0, 1]), np.array([0, 2, 0])))
        [(0, 2), (1, 0)]
    """
    pairs = sorted(set(zip(labels.tolist(), domains.tolist(), strict=True)))
    return {
        (k, d): np.flatnonzero((labels == k) & (domains == d)).astype(np.int64)
        for k, d in pairs
    }


def list_shared(
    cells: list[tuple[int, int]],
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Return for each cell those of the same class elsewhere, where there are some."""
    shared = {
        (k, d): [(j, e) for j, e in cells if j == k and e != d]
        for k, d in cells
        if UNKNOWN not in (k, d)
    }
    return {cell: others for cell, others in shared.items() if others}


def _choose(
    cells: list[tuple[int, int]], random: np.random.Generator
) -> tuple[int, int]:
    return cells[random.integers(len(cells))]
