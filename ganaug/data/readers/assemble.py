"""From an ImageList to LabelledImages: survey, choose one form, decode, collect."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.domains.names import name_domains, number_domains
from ganaug.data.groups import number_groups
from ganaug.data.images import LabelledImages
from ganaug.data.labels.class_names import drop_empty_classes, index_labels
from ganaug.data.naming import name_values
from ganaug.data.readers.decode import quiet_decoding
from ganaug.data.readers.image_list import ImageHeader, ImageList
from ganaug.data.readers.intensity import DEEP_ONLY, Scaling
from ganaug.data.readers.notes import describe_choices, note_class_sizes, note_strays
from ganaug.data.readers.reading import (
    Decoded,
    Form,
    Skipped,
    Tell,
    decode_images,
    ignore,
    survey_images,
    survey_intensities,
)
from ganaug.data.resize import Size, common_size, fit_inside
from ganaug.data.thumbnails import read_thumbnails, survey_files
from ganaug.errors import DataError


@dataclass(frozen=True)
class Glance:
    """What was seen of a set without keeping its pixels.

    Attributes:
        thumbnails: the set, with a thumbnail (16, 16, 1) in place of each image.
        form: form that its images would be brought into.
        hashes: hash of each image at the size at which it was read.
        looks: (n, f) look of each image, as `measure_looks` has it.
        brightest: highest value of a colour in all images.
    """

    thumbnails: LabelledImages
    form: Form
    hashes: tuple[str, ...]
    looks: NDArray[np.float32]
    brightest: int


def assemble_images(
    listing: ImageList,
    *,
    size: Size | None,
    max_side: int,
    strict: bool,
    scaling: Scaling = DEEP_ONLY,
    tell: Tell = ignore,
) -> LabelledImages:
    """Read every image of a list, all in one form.

    Args:
        listing: list of the images.
        size: (height, width) wanted, or None for the common one within `max_side`.
        max_side: longest side of the result, in pixels.
        strict: whether an unreadable image refuses the whole set.
        scaling: which values are scaled, and from which range.
        tell: function that is called with the number of images read, and of all.

    Raises:
        DataError: no image is readable, or one is not and `strict` is set; an image is
            a decompression bomb; a class name is not allowed.
    """
    # refuses labels and names before any reading
    index_labels(listing.labels, listing.classes, images=listing.names)
    with quiet_decoding():
        found = survey_images(listing)
        survey = _survey(listing, found, size or max_side, scaling)
        decoded = decode_images(listing, list(survey.headers), survey.form, tell=tell)
        if decoded[2] and len(decoded[1]):
            # files that turned out broken decide nothing about the others
            sound = _keep_sound(survey, decoded)
            again = _survey(listing, sound, size or max_side, scaling)
            if again.form != survey.form:
                decoded = decode_images(listing, list(again.headers), again.form)
            else:
                decoded = decoded[0], decoded[1], ()
            survey = again
    return _collect(listing, survey, decoded, strict=strict)


def glance_at(
    listing: ImageList,
    workers: Executor,
    *,
    max_side: int,
    strict: bool,
    scaling: Scaling = DEEP_ONLY,
    tell: Tell = ignore,
) -> Glance:
    """Read every image of a list as `assemble_images` does, but keep thumbnails only.

    Images are not brought to a common size, which takes as long as to decode them.

    Args:
        listing: list of image files.
        workers: what `start_workers` started.
        max_side, strict, scaling, tell: as for `assemble_images`.

    Raises:
        DataError: as for `assemble_images`.
    """
    index_labels(listing.labels, listing.classes, images=listing.names)
    with quiet_decoding():
        found = survey_files(listing, workers)
        survey = _survey(listing, found, max_side, scaling)
        sizes = {i: fit_inside(h.size, max_side) for i, h in survey.headers.items()}
        decoded, seen = read_thumbnails(
            listing, sizes, survey.form, workers=workers, tell=tell
        )
        if decoded[2] and len(decoded[1]):
            sound = _keep_sound(survey, decoded)
            again = _survey(listing, sound, max_side, scaling)
            if again.form != survey.form:
                sizes = {i: sizes[i] for i in again.headers}
                decoded, seen = read_thumbnails(
                    listing, sizes, again.form, workers=workers
                )
            else:
                decoded = decoded[0], decoded[1], ()
            survey = again
    thumbnails = _collect(listing, survey, decoded, strict=strict)
    return Glance(
        thumbnails, survey.form, seen.hashes, seen.looks, max(seen.tops, default=0)
    )


@dataclass(frozen=True)
class _Survey:
    """What the headers say: by index, the common size, the form; unreadable ones."""

    headers: dict[int, ImageHeader]
    skipped: Skipped
    native: Size
    form: Form
    notes: tuple[str, ...]


def _keep_sound(
    survey: _Survey, decoded: Decoded
) -> tuple[dict[int, ImageHeader], Skipped]:
    """Return the headers of the images that could be decoded, and all skipped ones."""
    _, kept, damaged = decoded
    headers = {int(i): survey.headers[int(i)] for i in kept}
    return headers, survey.skipped + damaged


def _survey(
    listing: ImageList,
    found: tuple[dict[int, ImageHeader], Skipped],
    size: Size | int,
    scaling: Scaling,
) -> _Survey:
    """Choose the form of the set by its headers; `size` may be the longest side."""
    headers, skipped = found
    _refuse_skipped(skipped, listing, strict=False)
    native = common_size([header.size for header in headers.values()])
    form = Form(
        fit_inside(native, size) if isinstance(size, int) else size,
        max(header.channels for header in headers.values()),
        *survey_intensities(listing, headers, scaling),
        scaled=scaling.whole,
    )
    notes = describe_choices(headers, form, native, scaling)
    notes += note_class_sizes(listing.labels, headers)
    return _Survey(headers, skipped, native, form, notes)


def _collect(
    listing: ImageList, survey: _Survey, decoded: Decoded, *, strict: bool
) -> LabelledImages:
    """Put the decoded images together with their labels and all that is known."""
    pixels, kept, damaged = decoded
    labels, classes = index_labels(listing.labels, listing.classes)
    groups = name_values(listing.names, values=listing.groups)
    named = _pick(name_domains(listing.names, listing.domains), kept)
    domains, domain_names = number_domains(named)
    skipped = tuple(sorted(survey.skipped + damaged))
    _refuse_skipped(skipped, listing, strict=strict, found=len(kept))
    headers = survey.headers
    strays = tuple(listing.names[i] for i in kept if headers[int(i)].synthetic)
    images = LabelledImages(
        images=pixels,
        labels=labels[kept],
        classes=classes,
        groups=None if groups is None else number_groups(groups)[kept],
        group_names=_pick(groups, kept),
        domains=domains,
        domain_names=domain_names,
        names=_pick(listing.names, kept) or (),
        data_size=survey.native,
        notes=listing.notes + survey.notes + note_strays(strays),
        skipped=skipped,
        synthetic=strays,
        intensity_range=survey.form.intensity_range,
        scaled=survey.form.scaled,
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
