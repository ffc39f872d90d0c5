"""LabelledImages: real images and their labels, in the one form used everywhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ganaug.data.limits.pixel_storage import gather_pixels
from ganaug.data.naming import find_fault
from ganaug.display.gallery import (
    CLASSES_SHOWN,
    ClassImages,
    draw_gallery,
    spread_indices,
)
from ganaug.display.words import count, describe_format
from ganaug.errors import DataError

CAPTION = "caption"  # the class of images that have captions and no labels


@dataclass(frozen=True, eq=False, repr=False)
class LabelledImages:
    """Real images with their labels, all of one size.

    Attributes:
        images: (n, h, w, c) uint8, c in 1 (grey), 3 (RGB), 4 (RGBA); an array or
            a read-only memory map.
        labels: (n,) int64, indices into `classes`.
        classes: class names, in label order.
        groups: (n,) int64 or None; images of one subject share a number.
        names: path or name of each image, relative to the source.
        data_size: common (height, width) of the source, before any reduction to the
            size of `images`.
        notes: one sentence for each thing that loading decided or noticed.
        skipped: (name, reason) of each file that could not be used.
        synthetic: names of the files that ganaug drew, by their own mark.
        intensity_range: (low, high) that 16-bit data were scaled from, or None.
        scaled: whether all values were scaled from that range, those of 8 bits too.
        pages: first or all: which pages were read of files that have several.
        size_range: smallest and largest (height, width) of an uneven source, or None.
        source: short name of the source, such as the folder's name.
        captions: caption of each image, or None.
        group_names: name of each image's group in the source, "" for a group of one
            image, or None; two sets share the groups whose names are equal.
        domains: (n,) int64 or None: index of each image's domain in `domain_names`,
            -1 where it is unknown. A domain is the circumstances of an image, such as
            camera, site or light.
        domain_names: names of the domains; () where `domains` is None.

    Example:
        >>> import numpy as np
        >>> data = LabelledImages(
        ...     np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]), ("a", "b")
        ... )
        >>> len(data), data.size, data.channels
        (2, (8, 8), 1)
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64] | None = None
    names: tuple[str, ...] = ()
    data_size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    synthetic: tuple[str, ...] = ()
    intensity_range: tuple[float, float] | None = None
    size_range: tuple[tuple[int, int], tuple[int, int]] | None = None
    source: str = ""
    captions: tuple[str, ...] | None = None
    group_names: tuple[str, ...] | None = None
    domains: NDArray[np.int64] | None = None
    domain_names: tuple[str, ...] = ()
    scaled: bool = False
    pages: Literal["first", "all"] = "first"

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise DataError(
                f"images have shape {self.images.shape} and type {self.images.dtype}; "
                "give (n, h, w, c) uint8"
            )
        if self.images.shape[3] not in (1, 3, 4):
            raise DataError(
                f"images have {self.images.shape[3]} channels; give 1, 3 or 4"
            )
        if self.labels.shape != (len(self.images),):
            raise DataError(
                f"{len(self.images)} images but labels of shape {self.labels.shape}; "
                "give one label per image"
            )
        if self.captions is not None:
            _check_captions(self.captions, len(self.images))
        _check_domains(self.domains, self.domain_names, len(self.images))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of `images`, in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def channels(self) -> int:
        """Channels of `images`: 1, 3 or 4."""
        return int(self.images.shape[3])

    @property
    def scale(self) -> tuple[float, float] | None:
        """Range (low, high) that all values were scaled from, or None."""
        return self.intensity_range if self.scaled else None

    def hash_images(self) -> tuple[str, ...]:
        """Hash the pixels of each image; not kept, since arrays can be written to."""
        return tuple(hash_pixels(image) for image in self.images)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of images of each class (k,), in label order."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    def __repr__(self) -> str:
        images, classes = count(len(self), "image"), count(len(self.classes), "class")
        form = describe_format(self.size, self.channels)
        return f"LabelledImages({images} of {classes}, {form})"

    def _repr_html_(self) -> str:
        """Return some images of each class, for notebooks."""
        shown = []
        for label, name in enumerate(self.classes[:CLASSES_SHOWN]):
            rows = np.flatnonzero(self.labels == label)
            some = self.images[rows[spread_indices(len(rows))]]
            shown.append(ClassImages(name, len(rows), some))
        return draw_gallery(repr(self), shown, total=len(self.classes))

    def subset(self, indices: NDArray[np.int64]) -> LabelledImages:
        """Return the images at `indices`, in that order; classes and domains stay."""
        return replace(
            self,
            images=gather_pixels(self.images, np.asarray(indices)),
            labels=self.labels[indices],
            groups=None if self.groups is None else self.groups[indices],
            group_names=self.group_names
            and tuple(self.group_names[i] for i in indices),
            names=tuple(self.names[i] for i in indices) if self.names else (),
            captions=self.captions and tuple(self.captions[i] for i in indices),
            domains=None if self.domains is None else self.domains[indices],
        )


def _check_captions(captions: tuple[str, ...], n: int) -> None:
    if len(captions) != n:
        raise DataError(f"{n} images but {len(captions)} captions; give one per image")
    empty = [
        i for i, c in enumerate(captions) if not isinstance(c, str) or not c.strip()
    ]
    if empty:
        raise DataError(
            f"captions of {len(empty)} images are empty or not text, first of image "
            f"{empty[0]}; give words for every image"
        )


def _check_domains(
    domains: NDArray[np.int64] | None, names: tuple[str, ...], n: int
) -> None:
    if domains is None:
        if names:
            raise DataError("domain_names without domains; give both or neither")
        return
    if domains.shape != (n,) or domains.dtype.kind != "i":
        raise DataError(
            f"{n} images but domains of shape {domains.shape} and type "
            f"{domains.dtype}; give one integer per image"
        )
    if n and not -1 <= domains.min() <= domains.max() < len(names):
        raise DataError(
            f"domains run from {domains.min()} to {domains.max()}, but there are "
            f"{len(names)} domain names; give 0 to {len(names) - 1}, or -1 for unknown"
        )
    for name in names:
        fault = find_fault(name)
        if fault:
            raise DataError(f"domain name {name!r} {fault}; rename it")
    if len(set(names)) < len(names):
        raise DataError("a domain name occurs twice; make the names unique")


def hash_pixels(image: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of an image's shape and pixels, in hexadecimal digits."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()
