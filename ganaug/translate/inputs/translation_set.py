"""TranslationSet: the images that a translator is trained on, at its grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.resize import resize_images
from ganaug.data.split import hold_out
from ganaug.display.words import count
from ganaug.errors import DataError
from ganaug.gan.inputs.value_range import Span, measure_span
from ganaug.translate.inputs.pairs import UNKNOWN, Indices
from ganaug.translate.settings import TranslateConfig

Pixels = NDArray[np.uint8]  # (n, h, w, c)
Split = dict[str, list[str]]


class Pool(Protocol):
    """Unlabelled images (m, h, w, c) uint8 of one domain."""

    @property
    def images(self) -> Pixels: ...
    @property
    def domain(self) -> str: ...


@dataclass(frozen=True, eq=False)
class TranslationSet:
    """Labelled images with domains, and unlabelled images of further ones.

    Attributes:
        config: configuration of the training.
        data: the labelled images.
        kept, held_out: rows of `data` that the translator sees, and does not see.
        pools: unlabelled images, of a domain each.
        domains: names of all domains, those of `data` first.
    """

    config: TranslateConfig
    data: LabelledImages
    kept: Indices
    held_out: Indices
    pools: tuple[Pool, ...]
    domains: tuple[str, ...]

    @cached_property
    def images(self) -> Pixels:
        """Training images at the translator's grid, unlabelled ones last."""
        size = self.config.height, self.config.width
        parts = [resize_images(self.data.images, size, rows=self.kept)]
        parts += [resize_images(pool.images, size) for pool in self.pools]
        return np.concatenate(parts)

    @property
    def labels(self) -> Indices:
        """Class of each training image, −1 for unlabelled ones."""
        pools = [np.full(len(pool.images), UNKNOWN) for pool in self.pools]
        return np.concatenate([self.data.labels[self.kept], *pools]).astype(np.int64)

    @property
    def placed(self) -> Indices:
        """Domain of each training image, −1 where it is unknown."""
        pools = [
            np.full(len(pool.images), self.domains.index(pool.domain))
            for pool in self.pools
        ]
        own = own_domains(self.data)[self.kept]
        return np.concatenate([own, *pools]).astype(np.int64)

    @property
    def span(self) -> Span:
        """Grey levels that the networks' -1 and 1 stand for."""
        return measure_span(self.images, self.config.stretch)

    @property
    def split(self) -> Split:
        """Hashes of training, held-out and unlabelled images, and the domains."""
        hashes, own = self.data.hash_images(), own_domains(self.data)
        return {
            "train": [hashes[i] for i in self.kept],
            "held_out": [hashes[i] for i in self.held_out],
            "unlabelled": [hash_pixels(x) for pool in self.pools for x in pool.images],
            "domains": [
                "" if own[i] == UNKNOWN else self.domains[own[i]] for i in self.kept
            ],
        }


def build_translation_set(
    data: LabelledImages,
    config: TranslateConfig,
    unlabelled: Sequence[Pool] = (),
) -> TranslationSet:
    """Split the labelled images, and number the domains of all.

    Raises:
        DataError: fewer than two domains have images, or channels differ.
    """
    pools = tuple(unlabelled)
    check_images(data, pools, config)
    kept, held_out = hold_out(
        data.labels, data.groups, fraction=config.holdout, seed=config.seed
    )
    further = [pool.domain for pool in pools if pool.domain not in data.domain_names]
    names = (*data.domain_names, *dict.fromkeys(further))
    return TranslationSet(config, data, kept, held_out, pools, names)


def check_images(
    data: LabelledImages,
    pools: Sequence[Pool],
    config: TranslateConfig | None = None,
) -> None:
    """Raise DataError unless images of two domains or more are there, and fit."""
    own = own_domains(data)
    found = {data.domain_names[d] for d in own if d != UNKNOWN}
    found |= {pool.domain for pool in pools if len(pool.images)}
    if len(found) < 2:
        raise DataError(
            "a translator carries images between domains, but these images show "
            f"{count(len(found), 'domain')}; give each image its domain (a column "
            "named domain, or --domain-regex)"
        )
    channels = {data.channels, *(pool.images.shape[3] for pool in pools)}
    if config is not None:
        channels.add(config.channels)
    if len(channels) > 1:
        raise DataError(
            f"images have {' and '.join(map(str, sorted(channels)))} channels; give "
            "all of them the same number"
        )


def own_domains(data: LabelledImages) -> Indices:
    """Return the domain (n,) of each image, −1 where it is unknown."""
    if data.domains is None:
        return np.full(len(data), UNKNOWN, np.int64)
    return data.domains
