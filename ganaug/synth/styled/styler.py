"""Styler: draws a store's candidates, real images in the look of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.manifest import Source
from ganaug.translate.style.styles import StyleSet
from ganaug.translate.style.transfer import StyleTransfer

AT_A_TIME = {"optimise": 4, "generate": 64}  # images between two reports of progress

Images = NDArray[np.uint8]  # (n, h, w, c)
Numbers = NDArray[np.int64]  # (n,)


@dataclass(frozen=True, eq=False)
class Contents:
    """The real images that are drawn in another look, in order of their hashes.

    Attributes:
        images: (n, h, w, c) uint8.
        labels: (n,) classes.
        hashes: (n,) hashes of the user's own pixels.
        rows: (n,) their places among the user's images.
        groups: (n,) groups, or None.
    """

    images: Images
    labels: Numbers
    hashes: tuple[str, ...]
    rows: Numbers
    groups: Numbers | None = None

    @cached_property
    def places(self) -> dict[int, Numbers]:
        """Class → rows of its images."""
        return {int(k): np.flatnonzero(self.labels == k) for k in set(self.labels)}

    def as_styles(self) -> StyleSet:
        """Return the same images as styles of each other."""
        return StyleSet(tuple(self.images), self.hashes, self.labels)


def gather_contents(real: RealImages) -> Contents:
    """Gather the training images of a run or store, equal ones once."""
    every, groups = real.images.hash_images(), real.images.groups
    hashes = np.array([every[row] for row in real.train])
    order = np.unique(hashes, return_index=True)[1]  # equal images once
    rows = real.train[order]
    return Contents(
        np.asarray(real.images.images[rows]),
        real.images.labels[rows],
        tuple(hashes[order].tolist()),
        rows,
        None if groups is None else groups[rows],
    )


@dataclass(frozen=True, eq=False)
class Styler:
    """Draws candidates of every class; it is a `Drawer`.

    Every image of a class is a content once, in random order, before any is again; its
    style follows from `StyleSet.find_styles`.

    Attributes:
        transfer: gives contents the look of styles.
        contents: real images.
        mode: which styles a content takes, see `StyleSet.find_styles`.
        seed: decides the order of contents and styles.
    """

    transfer: StyleTransfer
    contents: Contents
    mode: str
    seed: int

    @property
    def reads_captions(self) -> bool:
        return False

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.contents.images.shape[1:3]
        return int(height), int(width)

    @property
    def channels(self) -> int:
        return int(self.contents.images.shape[3])

    @property
    def device(self) -> torch.device:
        return self.transfer.device

    @property
    def at_a_time(self) -> int:
        """Number of candidates to draw before progress is shown."""
        return AT_A_TIME[self.transfer.engine]

    def sample_rows(
        self,
        labels: Numbers,
        indices: Numbers,
        *,
        seed: int,
        captions: Sequence[str] | None = None,
    ) -> Images:
        """Draw candidates of classes (n,) with indices (n,) in these."""
        contents = self.find_contents(labels, indices)
        styles = self.find_styles(labels, indices)
        return self.transfer.apply(self.contents.images[contents], styles)

    def find_contents(self, labels: Numbers, indices: Numbers) -> Numbers:
        """Return the rows (n,) of the candidates' contents."""
        order, found = cache(self._order), np.empty(len(labels), np.int64)
        for i, (label, index) in enumerate(
            zip(labels.tolist(), indices.tolist(), strict=True)
        ):
            turn, at = divmod(index, len(self.contents.places[label]))
            found[i] = order(label, turn)[at]
        return found

    def _order(self, label: int, turn: int) -> Numbers:
        random = np.random.default_rng(mix_seed(f"content {label}", self.seed, turn))
        return random.permutation(self.contents.places[label])

    def find_styles(self, labels: Numbers, indices: Numbers) -> Numbers:
        """Return the indices (n,) of the candidates' styles."""
        rows = self.find_contents(labels, indices)
        return self.transfer.styles.find_styles(
            labels,
            indices,
            mode=self.mode,
            seed=self.seed,
            contents=[self.contents.hashes[row] for row in rows],
        )

    def choose_captions(self, labels: Numbers, indices: Numbers) -> list[str]:
        raise AssertionError("styles read no captions")

    def find_sources(
        self, labels: Numbers, indices: Numbers, *, seed: int
    ) -> list[Source]:
        """Return the content and the style of candidates (n,)."""
        names, alpha = self.transfer.styles.names, f"{self.transfer.alpha:g}"
        contents = self.find_contents(labels, indices)
        return [
            Source(self.contents.hashes[row], style_id=names[style], alpha=alpha)
            for row, style in zip(
                contents, self.find_styles(labels, indices), strict=True
            )
        ]
