"""Pairs: a real row beside another of its class, and changes that classes lend."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.gan.inputs.conditioners import Change, SourceAndClass
from ganaug.gan.inputs.random_draws import Draws, image_weights, mix_seed
from ganaug.metrics.neighbours import nearest_others

Labels = NDArray[np.int64]


class RowPairs:
    """Draws pairs of neighbouring rows.

    Args:
        rows: (n, width) encoded rows.
        labels: (n,) classes.
        neighbours: most nearest rows of its class that a row is paired with.
        batch: rows per step, a multiple of `pack`.
        pack: rows that share one real row, for they are judged together.
        noise: size of z.
        borrow: share of rare rows, as far as their class falls short of the largest
            one, whose change is that between two rows of the largest class.
        frequencies: `uniform`, `sqrt` or `natural` frequencies of the classes.
        seed: seed that decides every draw, together with the rows seen.

    Attributes:
        partners: (n, neighbours) nearest rows of the same class, repeated where a class
            has fewer; a row without others is its own partner.
    """

    def __init__(
        self,
        rows: NDArray[np.float32],
        labels: Labels,
        *,
        neighbours: int,
        batch: int,
        pack: int,
        noise: int,
        borrow: float = 0.0,
        frequencies: str = "uniform",
        seed: int,
    ) -> None:
        self.partners = torch.from_numpy(find_partners(rows, labels, neighbours))
        self.batch, self.pack, self.noise, self.seed = batch, pack, noise, seed
        weights = image_weights(labels, frequencies)
        counts = np.bincount(labels)
        self.lender = Lender(labels, self.partners)
        shortfall = 1 - counts[labels] / counts.max()
        self.borrowed = torch.from_numpy(borrow * shortfall)
        self.cumulative = torch.from_numpy(np.cumsum(weights))

    def draw(self, seen: int) -> Draws:
        """Return the random numbers of the step that begins after `seen` rows.

        `y` is the index of the real row that a pair begins with, `picked` that of its
        neighbour.
        """
        generator = torch.Generator().manual_seed(mix_seed("rows", self.seed, seen))
        n, packs = self.batch, self.batch // self.pack
        u = torch.rand(packs, generator=generator, dtype=torch.float64)
        # one stratified draw per share of the total weight
        place = (torch.arange(packs) + u) / packs * self.cumulative[-1]
        anchor = torch.searchsorted(self.cumulative, place)
        y = anchor.clamp(max=len(self.cumulative) - 1).repeat_interleave(self.pack)
        many = self.partners.shape[1]
        start = torch.randint(many, (packs,), generator=generator)
        turn = (start[:, None] + torch.arange(self.pack)).flatten() % many
        nothing = torch.zeros(n, 0)
        z = torch.randn(n, self.noise, generator=generator)
        between = torch.rand(n, generator=generator)
        picked = self.partners[y, turn]
        return Draws(picked, y, y, z, nothing, nothing, nothing, nothing, between)

    def lend(self, draws: Draws, seen: int) -> tuple[Tensor, Tensor]:
        """Choose whose change each pair of a step has.

        Returns:
            (n,) row that the change begins with: y itself, or a row of the largest
            class; and (n,) row that it ends with, a neighbour of the former.
        """
        generator = torch.Generator().manual_seed(mix_seed("lend", self.seed, seen))
        n = len(draws.y)
        lent = torch.rand(n, generator=generator) < self.borrowed[draws.y]
        start, end = self.lender.draw(n, generator)
        return torch.where(lent, start, draws.y), torch.where(lent, end, draws.picked)

    def guess(self, seen: int) -> tuple[Tensor, Tensor]:
        """Choose the changes that the rows of a step begin with: two rows (n,) each."""
        generator = torch.Generator().manual_seed(mix_seed("guess", self.seed, seen))
        return self.lender.draw(self.batch, generator)


class Lender:
    """Lends changes: how two neighbouring rows of the largest class differ.

    Rare classes have few pairs of their own, and rows of one class mostly vary as those
    of another do.

    Args:
        labels: (n,) classes.
        partners: (n, neighbours) nearest rows of the same class, see `find_partners`.
    """

    def __init__(self, labels: Labels, partners: Tensor) -> None:
        common = labels == np.bincount(labels).argmax()
        self.common, self.partners = torch.from_numpy(np.flatnonzero(common)), partners

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return rows (n,) of the largest class, and a neighbour (n,) of each."""
        some = torch.randint(len(self.common), (n,), generator=generator)
        turn = torch.randint(self.partners.shape[1], (n,), generator=generator)
        start = self.common[some]
        return start, self.partners[start, turn]


def move_rows(
    rows: Tensor, y: Tensor, change: tuple[Tensor, Tensor], numbers: int
) -> Tensor:
    """Move rows y of (n, width, …) as the two rows of `change` differ.

    Categories stay, unless the change is that of the row itself.

    Example:
        >>> rows = torch.tensor([[0.0, 1.0, 0.0], [2.0, 0.0, 1.0]])
        >>> y, other = torch.tensor([0]), torch.tensor([1])
        >>> move_rows(rows, y, (other, y), 1).tolist()
        [[-2.0, 1.0, 0.0]]
        >>> move_rows(rows, y, (y, other), 1).tolist()
        [[2.0, 0.0, 1.0]]
    """
    start, end = change
    moved = rows[y] + rows[end] - rows[start]
    own = torch.where((start == y).view(-1, *[1] * (rows.ndim - 1)), rows[end], rows[y])
    return torch.cat([moved[:, :numbers], own[:, numbers:]], dim=1)


class RowConditioner:
    """Uses the index of a real row as y; D sees that row, and its class.

    Args:
        rows: (n, width, 1, 1) real rows as images.
        labels: (n,) classes.
    """

    def __init__(self, rows: Tensor, labels: Tensor) -> None:
        self.rows, self.labels = rows, labels

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return the rows themselves, which all draws begin with."""
        assert rows is not None
        return rows

    def for_generator(self, y: Tensor) -> Tensor:
        """Return the real rows (n, width)."""
        return self.rows[y].flatten(1)

    def for_discriminator(self, y: Tensor, u: Tensor, change: Change) -> SourceAndClass:
        """Return real rows and classes for y (n,) or (n, k)."""
        return SourceAndClass(self.rows[y], self.labels[y])


def find_partners(rows: NDArray[np.float32], labels: Labels, neighbours: int) -> Labels:
    """Find the nearest rows of the same class of each row: (n, neighbours).

    Example:
        >>> rows = np.array([[0.0], [1.0], [5.0], [9.0]], np.float32)
        >>> find_partners(rows, np.array([0, 0, 0, 1]), 2).tolist()
        [[1, 2], [0, 2], [1, 0], [3, 3]]
    """
    partners = np.repeat(np.arange(len(rows))[:, None], neighbours, axis=1)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        many = min(neighbours, len(own) - 1)
        if many:
            found = own[nearest_others(rows[own], many).indices]
            partners[own] = found[:, np.arange(neighbours) % many]
    return partners
