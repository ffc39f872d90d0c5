"""Guessing: unlabelled images get the classes that self-training finds for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.adaptation.self_training import AUTO, SelfTrained, self_train
from ganaug.data.images import LabelledImages
from ganaug.data.resize import Size, fit_inside, resize_images

LABELLED = "labelled"  # domain of the labelled images, where they have none
MOST_SIDE = 64  # pixels of the longest side at which classes are guessed

Images = NDArray[np.uint8]  # (m, h, w, c)


class Pool(Protocol):
    """Unlabelled images (m, h, w, c) uint8 of one domain."""

    @property
    def images(self) -> Images: ...

    @property
    def domain(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Guessed:
    """Unlabelled images with guessed classes.

    Attributes:
        images: (m, h, w, c) uint8.
        domain: name of their domain.
        found: what self-training made of them.
        size: (height, width) at which it saw them.
    """

    images: Images
    domain: str
    found: SelfTrained
    size: Size

    def judge(self, images: Images) -> NDArray[np.float32]:
        """Return class probabilities (n, k) by the self-trained classifier."""
        return self.found.classifier.predict_proba(resize_images(images, self.size))


@dataclass(frozen=True, eq=False)
class Rest:
    """Unlabelled images whose classes are not sure enough."""

    images: Images
    domain: str


def guess_classes(
    data: LabelledImages,
    pool: Pool,
    *,
    start: NDArray[np.float32] | None = None,
    policy: str = AUTO,
    seed: int = 0,
) -> Guessed:
    """Guess the classes of unlabelled images by self-training on labelled ones.

    Args:
        data: labelled images.
        pool: unlabelled images.
        start: (m, k) probabilities by an earlier self-training, or None.
        policy: classical augmentation, see `self_train`.
        seed: seed of everything random.
    """
    size = fit_inside(data.size, MOST_SIDE)
    found = self_train(
        resize_images(data.images, size),
        data.labels,
        len(data.classes),
        resize_images(pool.images, size),
        start=start,
        policy=policy,
        seed=seed,
    )
    return Guessed(pool.images, pool.domain, found, size)


def join_guessed(
    data: LabelledImages, pools: Sequence[Guessed]
) -> tuple[LabelledImages, list[Rest]]:
    """Join labelled images with unlabelled ones whose guessed classes are sure.

    Returns:
        All of these with their domains; and the other unlabelled images.
    """
    data = place_labelled(data)
    names = list(dict.fromkeys([*data.domain_names, *(p.domain for p in pools)]))
    assert data.domains is not None, "labelled images have a domain now"
    images, labels, domains = [data.images], [data.labels], [data.domains]
    for pool in pools:
        sure = pool.found.chosen
        images.append(pool.images[sure])
        labels.append(pool.found.guesses[sure])
        domains.append(np.full(int(sure.sum()), names.index(pool.domain)))
    n = sum(map(len, labels)) - len(data)
    groups = data.groups
    if groups is not None:
        more = int(groups.max(initial=-1)) + 1 + np.arange(n)
        groups = np.concatenate([groups, more])
    joined = replace(
        data,
        images=np.concatenate(images),
        labels=np.concatenate(labels).astype(np.int64),
        domains=np.concatenate(domains).astype(np.int64),
        domain_names=tuple(names),
        groups=groups,
        group_names=None,
        names=(),
        captions=None,
    )
    rest = [Rest(p.images[~p.found.chosen], p.domain) for p in pools]
    return joined, [each for each in rest if len(each.images)]


def place_labelled(data: LabelledImages) -> LabelledImages:
    """Return labelled images with a domain: one of their own where they have none.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]), ("a", "b")
        ... )
        >>> place_labelled(data).domain_names
        ('labelled',)
    """
    if data.domains is not None:
        return data
    domains = np.zeros(len(data), np.int64)
    return replace(data, domains=domains, domain_names=(LABELLED,))
