"""Fingerprint: measurements of the data, as plain values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ganaug.data.cells import CellTable, tabulate_cells
from ganaug.data.duplicates import (
    ExactDuplicates,
    NearDuplicates,
    find_exact,
    find_near,
)
from ganaug.data.images import LabelledImages
from ganaug.data.readers.assemble import Glance
from ganaug.data.readers.notes import UNSTEADY
from ganaug.data.resize import Size, check_size
from ganaug.display.words import CHANNEL_NAMES, count, describe_format
from ganaug.records import conform_fields, list_types


@dataclass(frozen=True)
class FlipCheck:
    """Whether mirrored images keep their label, as a classifier sees it.

    Attributes:
        safe: whether flips may be used for training.
        low: lower 95 % limit of the accuracy change on flipped images, in points.
        change: the accuracy change itself, in points.
        n: number of images that it was measured on.
        reason: one clause for the user.
    """

    safe: bool
    low: float
    change: float
    n: int
    reason: str


@dataclass(frozen=True, repr=False)
class Fingerprint:
    """Measurements of a set; equal digests mean equal images and labels.

    Attributes:
        source: short name of the set.
        digest: SHA-256 over classes, labels, pixels and captions; the order does not
            matter. Empty where the images were only glanced at.
        classes: names in label order.
        counts: number of images of each class.
        size: (height, width) of the loaded images.
        data_size: (height, width) of the source.
        size_range: smallest and largest (height, width) of an uneven source, or None.
        channels: 1, 3 or 4.
        groups: number of groups that were stated, or None.
        imbalance: images of the largest class per image of the smallest.
        exact: images that repeat.
        near: images that nearly repeat.
        hflip: whether left-right mirroring keeps labels, or None if not measured.
        vflip: whether up-down mirroring does.
        intensity_range: range that 16-bit and other deep values were scaled from, or
            None.
        skipped: (name, reason) of files that could not be used.
        synthetic: names of the files that ganaug drew, by their own mark.
        notes: one sentence for each thing that loading decided or noticed.
        cells: how many images each class has in each domain, or None without domains.
        scaled: whether all values were scaled from that range, those of 8 bits too.
    """

    source: str
    digest: str
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    size: Size
    data_size: Size
    size_range: tuple[Size, Size] | None
    channels: int
    groups: int | None
    imbalance: float
    exact: ExactDuplicates
    near: NearDuplicates
    hflip: FlipCheck | None = None
    vflip: FlipCheck | None = None
    intensity_range: tuple[float, float] | None = None
    skipped: tuple[tuple[str, str], ...] = ()
    synthetic: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cells: CellTable | None = None
    scaled: bool = False

    def say_other_images(self, path: object) -> str:
        """Say that a run has learned from other images than these, and why perhaps."""
        if UNSTEADY in self.notes:
            return f"{path} was trained on other images: {UNSTEADY}"
        return (
            f"{path} was trained on other images of the same classes; choose another "
            "--out"
        )

    def __repr__(self) -> str:
        images = count(sum(self.counts), "image")
        classes = count(len(self.classes), "class")
        form = describe_format(self.size, self.channels)
        return f"Fingerprint({self.source}: {images} of {classes}, {form})"

    def to_dict(self) -> dict[str, Any]:
        """Return dicts, lists and plain values, as JSON has them."""
        plain = _listed(asdict(self))
        assert isinstance(plain, dict)
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Fingerprint:
        """Restore the fingerprint from what `to_dict` returned, also through JSON.

        Raises:
            ValueError: a value has another type, or does not fit the others.
        """
        found = cls(**conform_fields(values, list_types(cls)))
        if len(found.counts) != len(found.classes) or min(found.counts, default=-1) < 0:
            raise ValueError("counts does not have a number of images for each class")
        if found.channels not in CHANNEL_NAMES:
            raise ValueError(f"channels is {found.channels}, not 1, 3 or 4")
        for size in (found.size, found.data_size):
            check_size(size)
        return found


def take_fingerprint(images: LabelledImages) -> Fingerprint:
    """Measure a set; flips need a training, so they stay None.

    Example:
        >>> import numpy as np
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 1]), ("a", "b")
        ... )
        >>> take_fingerprint(data).imbalance
        2.0
    """
    hashes = list(images.hash_images())
    measured = _measure(images, hashes)
    return replace(measured, digest=digest_images(images, hashes))


def describe_glance(glance: Glance) -> Fingerprint:
    """Measure a set of which thumbnails were kept; digest and flips stay empty."""
    measured = _measure(glance.thumbnails, list(glance.hashes))
    return replace(measured, size=glance.form.size, channels=glance.form.channels)


def _measure(images: LabelledImages, hashes: list[str]) -> Fingerprint:
    counts = images.counts
    present = counts[counts > 0]
    return Fingerprint(
        source=images.source,
        digest="",
        classes=images.classes,
        counts=tuple(counts.tolist()),
        size=images.size,
        data_size=images.data_size or images.size,
        size_range=images.size_range,
        channels=images.channels,
        groups=None if images.groups is None else len(set(images.groups.tolist())),
        imbalance=round(float(present.max() / present.min()), 3),
        exact=find_exact(images, hashes),
        near=find_near(images, hashes),
        intensity_range=images.intensity_range,
        scaled=images.scaled,
        skipped=images.skipped,
        synthetic=images.synthetic,
        notes=images.notes,
        cells=tabulate_cells(images),
    )


def digest_images(images: LabelledImages, hashes: list[str]) -> str:
    """Return the SHA-256 over class names and each (class, pixel hash), sorted.

    If there are captions, each image's caption is a part of its row.

    Example:
        >>> import numpy as np
        >>> data = LabelledImages(
        ...     np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]), ("a", "b")
        ... )
        >>> digest_images(data, ["x", "y"]) == digest_images(data, ["y", "x"])
        False
    """
    digest = hashlib.sha256()
    for name in images.classes:
        digest.update(name.encode(errors="surrogateescape") + b"\0")
    captions = [""] * len(hashes)
    if images.captions is not None:
        captions = [f" {caption!a}" for caption in images.captions]
    rows = zip(images.labels.tolist(), hashes, captions, strict=True)
    for label, pixels, caption in sorted(rows):
        digest.update(f"{label} {pixels}{caption}\n".encode())
    return digest.hexdigest()


def digest_set(images: LabelledImages) -> str:
    """Hash the images and return their `digest_images`."""
    return digest_images(images, list(images.hash_images()))


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple) else value
