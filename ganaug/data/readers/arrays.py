"""numpy arrays: checked, resized and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.domains.names import name_domains, number_domains
from ganaug.data.groups import number_groups
from ganaug.data.images import LabelledImages
from ganaug.data.labels.class_names import drop_empty_classes, index_labels
from ganaug.data.limits.pixel_storage import allocate_pixels
from ganaug.data.naming import Values, name_values
from ganaug.data.readers.intensity import (
    DEEP_ONLY,
    Range,
    Scaling,
    find_range,
    say_range,
    to_eight_bits,
)
from ganaug.data.readers.notes import note_size
from ganaug.data.resize import Size, fit_inside, resize_pixels
from ganaug.errors import DataError

CHECKED_AT_ONCE = 1024  # images whose values are checked together
HAIR = 0.5 / 255  # beyond [0, 1], from rounding in resizing; less than a grey level


@dataclass(frozen=True)
class LabelledArrays:
    """Images and labels as they were found, not checked yet.

    Attributes:
        title: short name of the set.
        images: (n, h, w) or (n, h, w, c) of any type.
        labels: (n,) integers or strings.
        classes: names in label order, or None.
        groups: (n,) values, or None.
        domains: (n,) values, or None.
        notes: one sentence for each decision made while reading.
    """

    title: str
    images: NDArray[Any]
    labels: Any
    classes: Sequence[str] | None = None
    groups: Values | None = None
    domains: Values | None = None
    notes: tuple[str, ...] = ()


def label_arrays(
    found: LabelledArrays,
    *,
    size: Size | None = None,
    max_side: int = 256,
    scaling: Scaling = DEEP_ONLY,
) -> LabelledImages:
    """Turn arrays into LabelledImages.

    Args:
        found: images (n, h, w) or (n, h, w, c), c in 1, 3, 4: uint8, bool, other
            integers in [0, 255], floats in [0, 1], or uint16, which is scaled by one
            range; any finite numbers where all are scaled; labels (n,), integers or
            strings.
        size: (height, width) of the result, or None for the images' own.
        max_side: longest side above which they are reduced.
        scaling: which values are scaled, and from which range.

    Raises:
        DataError: shape, type or values are not allowed.

    Example:
        >>> found = LabelledArrays("two", np.zeros((2, 8, 8)), ["b", "a"])
        >>> label_arrays(found).classes
        ('a', 'b')
    """
    images = _check_shape(found.images, scaling)
    indices, names = index_labels(found.labels, found.classes)
    if len(indices) != len(images):
        raise DataError(
            f"{len(images)} images but {len(indices)} labels; give one label per image"
        )
    native = (images.shape[1], images.shape[2])
    held = size or fit_inside(native, max_side)
    used = _find_range(images, scaling)
    numbers = tuple(str(i) for i in range(len(images)))
    groups = name_values(numbers, values=found.groups)
    domains, domain_names = number_domains(name_domains(numbers, found.domains))
    notes = found.notes + note_size(native, held)
    if used:
        some = "values" if scaling.whole else "16-bit values"
        notes += (f"{some} {say_range(used, scaling)} become 0 to 255",)
    return drop_empty_classes(
        LabelledImages(
            images=_convert(images, held, used),
            labels=indices,
            classes=names,
            groups=None if groups is None else number_groups(groups),
            group_names=groups,
            domains=domains,
            domain_names=domain_names,
            names=numbers,
            data_size=native,
            notes=notes,
            intensity_range=used,
            scaled=scaling.whole,
            source=found.title,
        )
    )


def check_values(pixels: NDArray[Any]) -> None:
    """Refuse floats outside [0, 1] and integers outside their 8 or 16 bits.

    Floats beyond by less than half a grey level, as from bicubic resizing, pass; what
    turns them into 8 bits clips them.

    Raises:
        DataError: a value is NaN or out of range, or the type is not a number.

    Example:
        >>> check_values(np.array([0.0, 1.0]))
    """
    kind = pixels.dtype.kind
    if pixels.dtype in (np.uint8, np.uint16, np.bool_):
        return
    if kind not in "fiu":
        raise DataError(f"images are {pixels.dtype}; give uint8, uint16 or floats")
    low, high = pixels.min(), pixels.max()
    top, hair = (1, HAIR) if kind == "f" else (255, 0)
    if not (low >= -hair and high <= top + hair):  # also false for NaN
        raise DataError(
            f"{pixels.dtype} images have values from {low:.9g} to {high:.9g}; they "
            f"must lie in [0, {top}], without NaN: rescale them, or give uint8"
        )


def to_uint8(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn checked values into uint8: floats × 255, bool 0 or 255, uint16 / 257.

    Example:
        >>> to_uint8(np.array([0.0, 0.5, 1.0])).tolist()
        [0, 128, 255]
    """
    if pixels.dtype == np.uint16:
        return (pixels // 257).astype(np.uint8)
    if pixels.dtype.kind in "fb":
        return to_eight_bits(pixels, (0.0, 1.0))
    return pixels.astype(np.uint8, copy=False)


def _check_shape(found: Any, scaling: Scaling) -> NDArray[Any]:
    try:
        images = np.asarray(found)
    except ValueError as error:
        raise DataError(
            "images are of different shapes; give one array, or a folder"
        ) from error
    if images.ndim == 3:
        images = images[:, :, :, None]
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4) or not images.size:
        raise DataError(
            f"images have shape {images.shape}; give (n, h, w) or (n, h, w, c) with "
            "c 1, 3 or 4, channels last, and at least one image"
        )
    if images.dtype.kind not in "fiub":
        raise DataError(f"images are {images.dtype}; give uint8, uint16 or floats")
    for start in range(0, len(images), CHECKED_AT_ONCE):
        _refuse_infinite(images[start : start + CHECKED_AT_ONCE], start)
        if not scaling.whole:
            check_values(images[start : start + CHECKED_AT_ONCE])
    return images


def _refuse_infinite(images: NDArray[Any], start: int) -> None:
    if images.dtype.kind != "f":
        return
    finite = np.isfinite(images).all(axis=(1, 2, 3))
    if not finite.all():
        raise DataError(
            f"image {start + int(np.argmin(finite))} has values that are NaN or "
            "infinite; omit it, or replace them by others in [0, 1]"
        )


def _find_range(images: NDArray[Any], scaling: Scaling) -> Range | None:
    if images.dtype != np.uint16 and not scaling.whole:
        return None
    if scaling.given is not None:
        return scaling.given
    colours = (image[:, :, :3] for image in images)
    return find_range(colours, count=len(images), whole=scaling.whole)


def _convert(
    images: NDArray[Any], size: Size, intensity_range: Range | None
) -> NDArray[np.uint8]:
    if images.dtype == np.uint8 and images.shape[1:3] == size and not intensity_range:
        return images
    converted = allocate_pixels((len(images), *size, images.shape[3]))
    for i, image in enumerate(images):
        pixels = to_uint8(image)
        if intensity_range is not None:
            colours = to_eight_bits(image[:, :, :3], intensity_range)
            pixels = np.concatenate([colours, pixels[:, :, 3:]], axis=2)
        converted[i] = resize_pixels(pixels, size)
    return converted
