"""Pairs for image conditioning: a target image and a source image of its class."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.gan.inputs.random_draws import Draws, Sampler, mix_seed


class PairSampler(Sampler):
    """Draws a target image and a source image: another image of the target's class.

    In its draws `picked` are the targets, `y` their source images and `y_wrong` source
    images of other classes, all of them indices into the training images. Targets of
    one group share their source image. The image of a class with one image has no
    partner: it is never a target, only a source image of another class.

    Args:
        labels, frequencies, batch, latent, seed, group: the arguments of `Sampler`.

    Raises:
        DataError: no class has two images.

    Example:
        >>> sampler = PairSampler(torch.tensor([0, 0, 1]), "uniform", 4, 8, seed=0)
        >>> draws = sampler.draw(0)
        >>> sorted({*draws.picked.tolist()}), sorted({*draws.y_wrong.tolist()})
        ([0, 1], [2])
    """

    def weigh_images(self, frequencies: str) -> NDArray[np.float64]:
        """Return the weight (n,) of each image as a target: 0 where it has no pair."""
        refuse_singles(self.labels.numpy())
        cumulative = np.cumsum(super().weigh_images(frequencies))
        weights = np.diff(cumulative, prepend=0.0)
        return np.where(self.groups.counts > 1, weights, 0.0)

    @cached_property
    def class_counts(self) -> NDArray[np.int64]:
        """Number of images (k,) of each class."""
        return np.bincount(self.labels.numpy())

    @cached_property
    def class_starts(self) -> NDArray[np.int64]:
        """Place (k,) of each class's first image in the order by class."""
        return np.cumsum(self.class_counts) - self.class_counts

    def draw(self, seen: int) -> Draws:
        draws = super().draw(seen)
        generator = torch.Generator().manual_seed(mix_seed("pairs", self.seed, seen))
        u = torch.rand(2, self.batch, generator=generator).double().numpy()
        targets, sources = self._match(draws.picked.numpy(), u[0])
        wrong = self._find_member(draws.y_wrong.numpy(), u[1])
        return draws._replace(
            picked=torch.from_numpy(targets),
            y=torch.from_numpy(sources),
            y_wrong=torch.from_numpy(wrong),
        )

    def _match(
        self, picked: NDArray[np.int64], u: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Choose targets (n,) and their source images (n,), one for each group."""
        groups = self.groups
        first = picked[:: self.group]
        counts = groups.counts[first][:, None]
        ranks = groups.ranks[picked].reshape(-1, self.group)
        step = 1 + (u[: len(first), None] * (counts - 1)).astype(np.int64)
        source = (ranks[:, :1] + step) % counts
        # move the source to an image that is no target, where the class has one
        for _ in range(self.group):
            taken = (source == ranks).any(axis=1, keepdims=True)
            source = (source + taken) % counts
        ranks = np.where(ranks == source, ranks + 1, ranks) % counts
        starts = groups.starts[first][:, None]
        targets = groups.order[starts + ranks].reshape(-1)
        return targets, groups.order[starts + source].repeat(self.group)

    def _find_member(
        self, classes: NDArray[np.int64], u: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Choose an image of each class (n,)."""
        counts = self.class_counts[classes]
        rank = np.minimum((u * counts).astype(np.int64), counts - 1)
        found: NDArray[np.int64] = self.groups.order[self.class_starts[classes] + rank]
        return found


def refuse_singles(labels: NDArray[np.int64]) -> None:
    """Raise DataError unless some class has two images, which can form a pair."""
    if np.bincount(labels).max(initial=0) < 2:
        raise DataError(
            "image conditioning needs two training images of a class, but no class has "
            "more than one; add images, or set conditioning=class"
        )
