"""From an ImageSource to LabelledImages: survey, decide, decode, resize, collect."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ganaug.data.groups import name_groups, number_groups
from ganaug.data.images import LabelledImages
from ganaug.data.readers.class_names import drop_empty_classes, index_labels
from ganaug.data.readers.decode import quiet_decoding
from ganaug.data.readers.image_list import Header, ImageSource, UnreadableError
from ganaug.data.readers.intensity import find_range, say_range, to_eight_bits
from ganaug.data.readers.storage import allocate
from ganaug.data.resize import Size, common_size, fit_inside, resize_pixels
from ganaug.errors import DataError

WINDOW = 256  # images in flight between the decoding threads and the array
KINDS = {1: "grey", 3: "RGB", 4: "RGBA"}

T = TypeVar("T")
Skipped = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Form:
    """What every image of the set is turned into.

    Attributes:
        size: (height, width).
        channels: 1, 3 or 4.
        intensity_range: what deep values are scaled from, or None.
    """

    size: Size
    channels: int
    intensity_range: tuple[float, float] | None


def assemble_images(
    source: ImageSource,
    *,
    size: Size | None,
    max_side: int,
    strict: bool,
    intensity_range: tuple[float, float] | None = None,
) -> LabelledImages:
    """Reads every image of a source, in one form.

    Args:
        source: what to read.
        size: (height, width) wanted, or None for the common one within `max_side`.
        max_side: longest side in pixels that images are held at.
        strict: whether an unreadable image refuses the whole set.
        intensity_range: what deep values are scaled from, or None for their own range.

    Raises:
        DataError: nothing is readable, something is not and `strict`, a
            decompression bomb, a class name that is not allowed.
    """
    labels, classes = index_labels(source.labels, source.classes)
    groups = name_groups(source.names, groups=source.groups)
    with quiet_decoding():
        headers, skipped = _survey(source)
        _refuse_skipped(skipped, source, strict=False)
        sizes = [header.size for header in headers.values()]
        native = common_size(sizes)
        form = Form(
            size or fit_inside(native, max_side),
            max(header.channels for header in headers.values()),
            _find_intensity_range(source, headers, intensity_range),
        )
        pixels, kept, damaged = _decode(source, list(headers), form)
    skipped = tuple(sorted(skipped + damaged))
    strays = tuple(source.names[i] for i in kept if headers[int(i)].synthetic)
    _refuse_skipped(skipped, source, strict=strict, found=len(kept))
    return drop_empty_classes(
        LabelledImages(
            images=pixels,
            labels=labels[kept],
            classes=classes,
            groups=None if groups is None else number_groups(groups)[kept],
            group_names=groups and tuple(groups[i] for i in kept),
            names=tuple(source.names[i] for i in kept),
            data_size=native,
            notes=source.notes
            + _describe_choices(headers, form, native, given=intensity_range)
            + note_strays(strays),
            skipped=skipped,
            synthetic=strays,
            intensity_range=form.intensity_range,
            size_range=_find_size_range(sizes),
            source=source.title,
            captions=source.captions and tuple(source.captions[i] for i in kept),
        )
    )


def note_size(native: Size, held: Size) -> tuple[str, ...]:
    """The note for images that are held at another size than the data's common one.

    Example:
        >>> note_size((512, 512), (256, 256))
        ('images of 512 × 512 are held at 256 × 256',)
    """
    if native == held:
        return ()
    return (f"images of {native[0]} × {native[1]} are held at {held[0]} × {held[1]}",)


def note_strays(names: Sequence[str]) -> tuple[str, ...]:
    """The note for images that ganaug drew itself.

    Example:
        >>> note_strays(["cat/01.png"])
        ('1 of the images was drawn by ganaug, such as cat/01.png: never test on it',)
        >>> note_strays([])
        ()
    """
    if not names:
        return ()
    some = "1 of the images was" if len(names) == 1 else f"{len(names)} images were"
    it = "it" if len(names) == 1 else "them"
    return (f"{some} drawn by ganaug, such as {names[0]}: never test on {it}",)


def _survey(source: ImageSource) -> tuple[dict[int, Header], Skipped]:
    headers: dict[int, Header] = {}
    skipped = list(source.skipped)
    everything = range(len(source.names))
    for i, header in _read_each(source, source.read_header, everything):
        if isinstance(header, UnreadableError):
            skipped.append((source.names[i], str(header)))
        else:
            headers[i] = header
    return headers, tuple(skipped)


def _read_each(
    source: ImageSource, read: Callable[[int], T], indices: Sequence[int]
) -> Iterator[tuple[int, T | UnreadableError]]:
    """Each index with what was read, in order, by threads, some at a time."""

    def attempt(i: int) -> T | UnreadableError:
        try:
            return read(i)
        except UnreadableError as error:
            return error

    threads = min(8, os.cpu_count() or 1) if source.parallel else 1
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(indices), WINDOW):
            window = indices[start : start + WINDOW]
            yield from zip(window, pool.map(attempt, window), strict=True)


def _refuse_skipped(
    skipped: Skipped, source: ImageSource, *, strict: bool, found: int | None = None
) -> None:
    if strict and skipped:
        name, reason = skipped[0]
        raise DataError(
            f"{len(skipped)} of the files in {source.title} cannot be used, first "
            f"{name} ({reason}); remove them, or load without strict to skip them"
        )
    usable = len(source.names) + len(source.skipped) - len(skipped)
    if (usable if found is None else found) < 1:
        first = f", first {skipped[0][0]} ({skipped[0][1]})" if skipped else ""
        raise DataError(
            f"{source.title} has no readable image: {len(skipped)} were tried{first}; "
            "PNG, JPEG, BMP, TIFF and WebP are read"
        )


def _find_intensity_range(
    source: ImageSource,
    headers: dict[int, Header],
    given: tuple[float, float] | None,
) -> tuple[float, float] | None:
    deep = [i for i, header in headers.items() if header.deep]
    if not deep or given is not None:
        return given if deep else None
    read = partial(_read_colours, source, headers)
    found = (pixels for _, pixels in _read_each(source, read, deep))
    images = (p for p in found if not isinstance(p, UnreadableError))
    return find_range(images, count=len(deep))


def _read_colours(
    source: ImageSource, headers: dict[int, Header], i: int
) -> NDArray[Any]:
    return source.read_pixels(i, headers[i].size)[:, :, :3]


def _decode(
    source: ImageSource, indices: list[int], form: Form
) -> tuple[NDArray[np.uint8], NDArray[np.int64], Skipped]:
    """The pixels of what can be decoded, their indices, and the rest with reasons."""
    pixels = allocate((len(indices), *form.size, form.channels))
    kept: list[int] = []
    skipped: list[tuple[str, str]] = []
    read = partial(_read_formed, source, form)
    for i, image in _read_each(source, read, indices):
        if isinstance(image, UnreadableError):
            skipped.append((source.names[i], str(image)))
        else:
            pixels[len(kept)] = image
            kept.append(i)
    return pixels[: len(kept)], np.array(kept, np.int64), tuple(skipped)


def _read_formed(source: ImageSource, form: Form, i: int) -> NDArray[np.uint8]:
    pixels = source.read_pixels(i, form.size)
    if pixels.dtype != np.uint8:
        if form.intensity_range is None:
            raise UnreadableError("16-bit only at its second reading")
        colours = to_eight_bits(pixels[:, :, :3], form.intensity_range)
        opacity = (pixels[:, :, 3:] / 257).astype(np.uint8)  # empty without alpha
        pixels = np.concatenate([colours, opacity], axis=2)
    return resize_pixels(match_channels(pixels, form.channels), form.size)


def match_channels(pixels: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Grey as RGB, or either as opaque RGBA.

    Raises:
        UnreadableError: the image has more channels than wanted.

    Example:
        >>> match_channels(np.zeros((2, 2, 1), np.uint8), 4)[0, 0].tolist()
        [0, 0, 0, 255]
    """
    if pixels.shape[2] > channels:
        raise UnreadableError("more channels than at its first reading")
    if pixels.shape[2] == 1 and channels > 1:
        pixels = np.repeat(pixels, 3, axis=2)
    if pixels.shape[2] < channels:
        opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
        pixels = np.concatenate([pixels, opaque], axis=2)
    return pixels


def _describe_choices(
    headers: dict[int, Header],
    form: Form,
    native: Size,
    *,
    given: tuple[float, float] | None,
) -> tuple[str, ...]:
    notes: list[str] = []
    kinds = Counter(header.channels for header in headers.values())
    if len(kinds) > 1:
        listed = ", ".join(f"{n} {KINDS[c]}" for c, n in sorted(kinds.items()))
        notes.append(f"the set mixes {listed}: all are read as {KINDS[form.channels]}")
    deep = sum(header.deep for header in headers.values())
    if form.intensity_range:
        said = say_range(form.intensity_range, given=given is not None)
        notes.append(
            f"{deep} images of more than 8 bits are scaled by one range for the whole "
            f"set: {said} become 0 to 255"
        )
    sizes = {header.size for header in headers.values()}
    if len(sizes) > 1:
        notes.append(
            f"sizes are uneven ({len(sizes)} different): all are resized to "
            f"{form.size[0]} × {form.size[1]} (median {native[0]} × {native[1]})"
        )
        return tuple(notes)
    return tuple(notes) + note_size(native, form.size)


def _find_size_range(sizes: Sequence[Size]) -> tuple[Size, Size] | None:
    if len(set(sizes)) == 1:
        return None
    by_area = sorted(set(sizes), key=lambda size: size[0] * size[1])
    return by_area[0], by_area[-1]
