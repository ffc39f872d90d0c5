"""Duplicates: images equal in every pixel, or so alike that they show one thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.images import LabelledImages

MOST_EXAMPLES = 5  # example pairs that are kept
COMPARED_IMAGES = 5000
GROUPED_FROM = 0.01  # share of near duplicates above which groups are likely
THUMBNAIL = 16
COMPARED_AT_ONCE = 512

# Measured on digits, MNIST, Fashion-MNIST, CIFAR-10 and steel defects, where at most
# 3 in 1,000 images pass, and on tiles photographed up to six times, where 2 in 3 do.
LIKENESS = 0.95  # least correlation of two thumbnails
CERTAIN = 0.998  # correlation that is enough on its own
NEIGHBOUR, NEARNESS = 10, 0.3  # a pair is this much nearer than the 10th neighbour


@dataclass(frozen=True)
class ExactDuplicates:
    """Images with equal pixels.

    Attributes:
        within: number of images that repeat an earlier one of their class.
        across: number of images whose pixels also occur with another label.
        examples: pairs of names, conflicting labels first.
    """

    within: int = 0
    across: int = 0
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class NearDuplicates:
    """Images of different groups that are more alike than chance allows.

    Attributes:
        sampled: number of images that were compared.
        images: number of those with a near duplicate.
        clusters: number of sets that these form.
        examples: pairs of names, the most alike first.
    """

    sampled: int = 0
    images: int = 0
    clusters: int = 0
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def many(self) -> bool:
        """Whether near duplicates are frequent, so that groups are likely."""
        return self.images > GROUPED_FROM * self.sampled


def find_exact(images: LabelledImages, hashes: list[str]) -> ExactDuplicates:
    """Count repeated images, given the hash of each.

    Example:
        >>> pixels = np.zeros((3, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(pixels, np.array([0, 0, 1]), ("a", "b"))
        >>> find_exact(data, ["x", "x", "x"])
        ExactDuplicates(within=1, across=3, examples=(('0', '2'), ('0', '1')))
    """
    places: dict[str, list[int]] = {}
    for i, digest in enumerate(hashes):
        places.setdefault(digest, []).append(i)
    repeated = [members for members in places.values() if len(members) > 1]
    labels = images.labels.tolist()
    within = across = 0
    conflicts, copies = [], []
    for members in repeated:
        kinds = {labels[i] for i in members}
        within += len(members) - len(kinds)
        first = members[0]
        if len(kinds) > 1:
            across += len(members)
            conflicts.append(
                (first, next(i for i in members if labels[i] != labels[first]))
            )
        if len(members) > len(kinds):
            copies.append(_find_copy(members, labels))
    pairs = (conflicts + copies)[:MOST_EXAMPLES]
    return ExactDuplicates(within, across, _name_pairs(images, pairs))


def find_near(images: LabelledImages, hashes: list[str]) -> NearDuplicates:
    """Count images that nearly repeat another one, among at most 5,000 different ones.

    Two images count when their thumbnails correlate and they are far nearer to each
    other than to what else is alike, so that a plain set whose images all look alike
    does not count as a whole. Images of one stated group are not compared.

    Args:
        images: images of the set.
        hashes: hash of each image; exact copies are omitted.

    Example:
        >>> find_near(LabelledImages(
        ...     np.zeros((1, 8, 8, 1), np.uint8), np.array([0]), ("a",)), ["x"])
        NearDuplicates(sampled=1, images=0, clusters=0, examples=())
    """
    chosen = _sample(hashes)
    features = _make_thumbnails(images.images[i] for i in chosen)
    groups = None if images.groups is None else images.groups[chosen]
    rows, columns, likeness = _find_pairs(features, groups)
    if not len(rows):
        return NearDuplicates(sampled=len(chosen))
    members = _join(rows, columns, len(chosen))
    paired = np.union1d(rows, columns)
    best = np.argsort(-likeness, kind="stable")
    pairs = {
        (min(p), max(p)): None for p in zip(rows[best], columns[best], strict=True)
    }
    shown = [(int(chosen[a]), int(chosen[b])) for a, b in list(pairs)[:MOST_EXAMPLES]]
    return NearDuplicates(
        sampled=len(chosen),
        images=len(paired),
        clusters=len(np.unique(members[paired])),
        examples=_name_pairs(images, shown),
    )


def mark_strangers(
    images: NDArray[np.uint8], others: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Mark (n,) the images that repeat none of the others, exactly or nearly.

    Marks all of them if at most one in 100 repeats another: chance alone makes a few
    look so.

    Args:
        images: (n, h, w, c) images to mark.
        others: (m, h, w, c) images that they may repeat.

    Example:
        >>> pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), np.uint8)
        >>> mark_strangers(pixels[1:], pixels[:2])
        array([False,  True])
    """
    repeats = _mark_repeats(images, others)
    few = repeats.sum() <= GROUPED_FROM * len(images)
    return np.ones(len(images), bool) if few else ~repeats


def _mark_repeats(
    images: NDArray[np.uint8], others: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    if not len(images) or not len(others):
        return np.zeros(len(images), bool)
    features = _make_thumbnails(chain(images, others))
    rows, columns, _ = _find_pairs(features, None)
    n, found = len(images), np.zeros(len(images), bool)
    found[rows[(rows < n) & (columns >= n)]] = True
    found[columns[(columns < n) & (rows >= n)]] = True
    return found


def _join(
    rows: NDArray[np.int64], columns: NDArray[np.int64], n: int
) -> NDArray[np.int64]:
    """Number the sets (n,) that pairs join images into, by their first image.

    scipy has this too, but takes .3 s to import.
    """
    first, before = np.arange(n), np.full(n, -1)
    while (first != before).any():
        before = first.copy()
        np.minimum.at(first, rows, before[columns])
        np.minimum.at(first, columns, before[rows])
        first = first[first]
    return first


def _find_copy(members: list[int], labels: list[int]) -> tuple[int, int]:
    seen: dict[int, int] = {}
    for i in members:
        if labels[i] in seen:
            return seen[labels[i]], i
        seen[labels[i]] = i
    raise AssertionError("some class occurs twice")


def _name_pairs(
    images: LabelledImages, pairs: list[tuple[int, int]]
) -> tuple[tuple[str, str], ...]:
    def name(i: int) -> str:
        return images.names[i] if images.names else str(i)

    return tuple((name(a), name(b)) for a, b in pairs)


def _sample(hashes: list[str]) -> NDArray[np.int64]:
    """Return indices of different images, at most COMPARED_IMAGES, ascending."""
    different = np.array(
        sorted({h: i for i, h in enumerate(hashes)}.values()), np.int64
    )
    if len(different) <= COMPARED_IMAGES:
        return different
    generator = np.random.default_rng(0)
    return np.sort(generator.choice(different, COMPARED_IMAGES, replace=False))


def make_thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reduce an image (h, w, c) to a grey one (16, 16, 1); such a one stays as it is.

    Example:
        >>> make_thumbnail(np.full((64, 48, 3), 9, np.uint8)).shape
        (16, 16, 1)
    """
    if pixels.shape == (THUMBNAIL, THUMBNAIL, 1):
        return pixels
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    side = (THUMBNAIL, THUMBNAIL)
    reduced = image.convert("L").resize(side, Image.Resampling.BILINEAR)
    return np.asarray(reduced)[:, :, None]


def _make_thumbnails(images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Make grey thumbnails (n, 256) of zero mean and unit length; flat ones are 0."""
    rows = [np.empty((0, THUMBNAIL**2), np.float32)]
    rows += [
        make_thumbnail(pixels).reshape(1, -1).astype(np.float32) for pixels in images
    ]
    features = np.concatenate(rows)
    features -= features.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    features *= lengths > THUMBNAIL
    features /= np.maximum(lengths, THUMBNAIL)
    return features


def _find_pairs(
    features: NDArray[np.float32], groups: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Find (row, column, correlation) of near pairs; a pair can occur both ways."""
    found = [
        _find_pairs_of(features, groups, start)
        for start in range(0, len(features), COMPARED_AT_ONCE)
    ]
    rows, columns, likeness = (
        np.concatenate(part) for part in zip(*found, strict=True)
    )
    return rows, columns, likeness


def _find_pairs_of(
    features: NDArray[np.float32], groups: NDArray[np.int64] | None, start: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    some = np.arange(start, min(start + COMPARED_AT_ONCE, len(features)))
    likeness = features[some] @ features.T
    likeness[some - start, some] = -1
    limits = np.full((len(some), 1), CERTAIN, np.float32)
    if len(features) > 2 * NEIGHBOUR:
        neighbour = -np.partition(-likeness, NEIGHBOUR - 1, axis=1)[:, NEIGHBOUR - 1]
        # Squared distance is 2 − 2 × correlation.
        nearer = 1 - NEARNESS**2 * (1 - neighbour[:, None])
        limits = np.clip(nearer, LIKENESS, CERTAIN)
    near = likeness >= limits
    if groups is not None:
        near &= groups[some][:, None] != groups[None, :]
    rows, columns = np.nonzero(near)
    return rows + start, columns, likeness[rows, columns]
