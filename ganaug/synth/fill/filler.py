"""Filler: draws a store's candidates by carrying real images into other domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.errors import DataError
from ganaug.gan.generators import AT_A_TIME
from ganaug.synth.fill.guessing import LABELLED, place_labelled
from ganaug.synth.fill.plan import NOWHERE, CellPlan, Journeys
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.manifest import Source
from ganaug.translate.rules import FittedRule, Rule

Images = NDArray[np.uint8]  # (n, h, w, c)
Numbers = NDArray[np.int64]  # (n,)


class Carries(Protocol):
    """What carries images into domains, such as a Translator."""

    @property
    def config(self) -> Any: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def data_digest(self) -> str: ...

    @property
    def domains(self) -> tuple[str, ...]: ...

    @property
    def data_size(self) -> tuple[int, int]: ...

    @property
    def device(self) -> torch.device: ...

    def translate(
        self, images: Images, domain: Numbers, seed: int = 0, indices: Numbers = ...
    ) -> Images: ...


@dataclass(frozen=True, eq=False)
class Sources:
    """The real images that candidates are carried over from, in order of their hashes.

    Attributes:
        images: (n, h, w, c) uint8.
        labels, domains: (n,) classes, and domains in the translator's numbers.
        hashes: (n,) hashes of the user's own pixels.
        rows: (n,) their places among the user's images.
        groups: (n,) groups, or None.
    """

    images: Images
    labels: Numbers
    domains: Numbers
    hashes: tuple[str, ...]
    rows: Numbers
    groups: Numbers | None = None


@dataclass(frozen=True, eq=False)
class Filler:
    """Draws candidates of every cell; it is a `Drawer`.

    Attributes:
        translator: carries the images, or a rule in its place.
        sources: real images.
        plan: which of them each candidate comes from.
        fitted: the rule, fitted to these images.
    """

    translator: Carries | Rule
    sources: Sources
    plan: CellPlan
    fitted: FittedRule | None = None

    @property
    def reads_captions(self) -> bool:
        return False

    @property
    def at_a_time(self) -> int:
        """Number of candidates to draw before progress is shown."""
        return AT_A_TIME

    @property
    def size(self) -> tuple[int, int]:
        return self.translator.data_size

    @property
    def channels(self) -> int:
        return int(self.sources.images.shape[3])

    @property
    def device(self) -> torch.device:
        return self.translator.device

    def sample_rows(
        self,
        labels: Numbers,
        indices: Numbers,
        *,
        seed: int,
        captions: Sequence[str] | None = None,
    ) -> Images:
        """Carry the source images of candidates (n,) over; see `CellPlan.find`."""
        found = self.plan.find(labels, indices)
        images = self.sources.images[found.sources]
        homes = self.sources.domains[found.sources]
        first = found.via != NOWHERE
        if first.any():
            images, homes = np.array(images), np.where(first, found.via, homes)
            images[first] = self._carry(
                images[first],
                self.sources.domains[found.sources[first]],
                found.via[first],
                seed=seed,
                indices=indices[first],
            )
        return self._carry(images, homes, found.targets, seed=seed, indices=indices)

    def carry_back(
        self, images: Images, journeys: Journeys, indices: Numbers, *, seed: int
    ) -> Images:
        """Carry candidates back into the domains of their source images."""
        home = self.sources.domains[journeys.sources]
        return self._carry(images, journeys.targets, home, seed=seed, indices=indices)

    def _carry(
        self, images: Images, homes: Numbers, targets: Numbers, *,
        seed: int, indices: Numbers,
    ) -> Images:  # fmt: skip
        """Carry images from one domain (n,) into another (n,)."""
        if self.fitted is not None:
            return self.fitted.carry(images, homes, targets, seed=seed, indices=indices)
        assert not isinstance(self.translator, Rule), "a rule is fitted"
        return self.translator.translate(images, targets, seed=seed, indices=indices)

    def choose_captions(self, labels: Numbers, indices: Numbers) -> list[str]:
        raise AssertionError("a translator reads no captions")

    def find_sources(
        self, labels: Numbers, indices: Numbers, *, seed: int
    ) -> list[Source]:
        """Return what candidates (n,) are carried over from, and where to."""
        found, names = self.plan.find(labels, indices), self.translator.domains
        return [
            Source(
                self.sources.hashes[row],
                names[target],
                names[self.sources.domains[row]],
            )
            for row, target in zip(
                found.sources.tolist(), found.targets.tolist(), strict=True
            )
        ]


def make_filler(
    translator: Carries | Rule,
    real: RealImages,
    *,
    seed: int,
    into: Sequence[str] | None = None,
) -> Filler:
    """Make the filler of a translator's real images.

    Args:
        translator: carries images, or a rule in its place, which is fitted here.
        real: labelled images.
        seed: decides the order of sources.
        into: domains to fill; None for those that the images show.

    Raises:
        DataError: the images have no domains, or others than the translator.
    """
    sources = _gather(translator, real)
    wanted = None
    if into is not None:
        wanted = tuple(translator.domains.index(name) for name in into)
    plan = CellPlan(
        sources.labels,
        sources.domains,
        classes=len(real.images.classes),
        turns=len(translator.domains),
        wanted=wanted,
        seed=seed,
    )
    fitted = None
    if isinstance(translator, Rule):
        fitted = translator.fit(_to_labelled(sources, translator))
    return Filler(translator, sources, plan, fitted)


def _to_labelled(sources: Sources, rule: Rule) -> LabelledImages:
    """Return sources as images with domains, in the rule's numbers."""
    return LabelledImages(
        sources.images, sources.labels, rule.classes, domains=sources.domains,
        domain_names=rule.domains,
    )  # fmt: skip


def _gather(translator: Carries | Rule, real: RealImages) -> Sources:
    """Gather the training images whose domain is known; others say nothing of it."""
    data = real.images
    if LABELLED in translator.domains:
        data = place_labelled(data)
    if data.domains is None:
        raise DataError(
            "these images have no domains, but a translator needs them; name the "
            "domains as for the training, such as with --domain-from"
        )
    places = {name: k for k, name in enumerate(translator.domains)}
    numbers = np.array([places.get(n, NOWHERE) for n in data.domain_names], np.int64)
    known = data.domains[real.train] >= 0
    rows = real.train[known]
    domains = numbers[data.domains[rows]]
    if (domains == NOWHERE).any():
        raise DataError(
            f"the images are of the domains {', '.join(data.domain_names)}, but the "
            f"translator knows {', '.join(translator.domains)}; name them as for the "
            "training"
        )
    every = data.hash_images()
    hashes = np.array([every[row] for row in rows])
    order = np.argsort(hashes, kind="stable")
    rows = rows[order]
    return Sources(
        np.asarray(data.images[rows]),
        data.labels[rows],
        domains[order],
        tuple(hashes[order].tolist()),
        rows,
        None if data.groups is None else data.groups[rows],
    )
