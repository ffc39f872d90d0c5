"""From an ImageList to LabelledImages: survey, choose one form, decode, collect."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ganaug.data.groups import name_groups, number_groups
from ganaug.data.images import LabelledImages
from ganaug.data.readers.class_names import drop_empty_classes, index_labels
from ganaug.data.readers.decode import quiet_decoding
from ganaug.data.readers.image_list import ImageHeader, ImageList
from ganaug.data.readers.notes import describe_choices, note_strays
from ganaug.data.readers.reading import (
    Form,
    Skipped,
    decode_images,
    find_intensity_range,
    survey_images,
)
from ganaug.data.resize import Size, common_size, fit_inside
from ganaug.errors import DataError


def assemble_images(
    listing: ImageList,
    *,
    size: Size | None,
    max_side: int,
    strict: bool,
    intensity_range: tuple[float, float] | None = None,
) -> LabelledImages:
    """Read every image of a list, all in one form.

    Args:
        listing: list of the images.
        size: (height, width) wanted, or None for the common one within `max_side`.
        max_side: longest side of the result, in pixels.
        strict: whether an unreadable image refuses the whole set.
        intensity_range: range that deep values are scaled from, None for their own.

    Raises:
        DataError: no image is readable, or one is not and `strict` is set; an image is
            a decompression bomb; a class name is not allowed.
    """
    labels, classes = index_labels(listing.labels, listing.classes)
    groups = name_groups(listing.names, groups=listing.groups)
    with quiet_decoding():
        headers, skipped = survey_images(listing)
        _refuse_skipped(skipped, listing, strict=False)
        native = common_size([header.size for header in headers.values()])
        form = Form(
            size or fit_inside(native, max_side),
            max(header.channels for header in headers.values()),
            find_intensity_range(listing, headers, intensity_range),
        )
        pixels, kept, damaged = decode_images(listing, list(headers), form)
    skipped = tuple(sorted(skipped + damaged))
    _refuse_skipped(skipped, listing, strict=strict, found=len(kept))
    strays = tuple(listing.names[i] for i in kept if headers[int(i)].synthetic)
    notes = describe_choices(headers, form, native, given=intensity_range)
    images = LabelledImages(
        images=pixels,
        labels=labels[kept],
        classes=classes,
        groups=None if groups is None else number_groups(groups)[kept],
        group_names=_pick(groups, kept),
        names=_pick(listing.names, kept) or (),
        data_size=native,
        notes=listing.notes + notes + note_strays(strays),
        skipped=skipped,
        synthetic=strays,
        intensity_range=form.intensity_range,
        size_range=_find_size_range(headers.values()),
        source=listing.title,
        captions=_pick(listing.captions, kept),
    )
    return drop_empty_classes(images)


def _refuse_skipped(
    skipped: Skipped, listing: ImageList, *, strict: bool, found: int | None = None
) -> None:
    if strict and skipped:
        name, reason = skipped[0]
        raise DataError(
            f"{len(skipped)} of the files in {listing.title} cannot be used, first "
            f"{name} ({reason}); remove them, or omit strict to skip them"
        )
    usable = len(listing.names) + len(listing.skipped) - len(skipped)
    if (usable if found is None else found) < 1:
        first = f", first {skipped[0][0]} ({skipped[0][1]})" if skipped else ""
        raise DataError(
            f"{listing.title} has no readable image: {len(skipped)} were tried{first}; "
            "PNG, JPEG, BMP, TIFF and WebP are read"
        )


def _pick(
    words: tuple[str, ...] | None, rows: NDArray[np.int64]
) -> tuple[str, ...] | None:
    return words and tuple(words[i] for i in rows)


def _find_size_range(headers: Iterable[ImageHeader]) -> tuple[Size, Size] | None:
    """Return the smallest and the largest size by area, None if all are equal."""
    sizes = {header.size for header in headers}
    if len(sizes) == 1:
        return None
    by_area = sorted(sizes, key=lambda size: size[0] * size[1])
    return by_area[0], by_area[-1]
