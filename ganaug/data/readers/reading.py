"""Reading the images of a list, by several threads: headers first, then pixels."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ganaug.data.limits.pixel_budget import hold_pixels
from ganaug.data.limits.pixel_storage import allocate_pixels
from ganaug.data.readers.decode import keep_open
from ganaug.data.readers.image_list import ImageHeader, ImageList, UnreadableError
from ganaug.data.readers.intensity import (
    Range,
    Scaling,
    survey_range,
    to_eight_bits,
)
from ganaug.data.resize import Size, resize_pixels
from ganaug.errors import DataError

IMAGES_IN_FLIGHT = 256  # images in flight between the decoding threads and the array
PIXELS_IN_FLIGHT = 48_000_000  # and their pixels, with at most one image more
TOGETHER = 16  # images that a thread reads in one go; fewer cost more switching

S = TypeVar("S")
T = TypeVar("T")
Skipped = tuple[tuple[str, str], ...]
Decoded = tuple[NDArray[np.uint8], NDArray[np.int64], Skipped]
Tell = Callable[[int, int], None]  # images read so far, and their total


def ignore(done: int, total: int) -> None:
    """Tell nobody how many images have been read."""


@dataclass(frozen=True)
class Form:
    """Form that every image of the set is brought into.

    Attributes:
        size: (height, width) in pixels.
        channels: number of channels: 1, 3 or 4.
        intensity_range: range that deep values are scaled from, or None.
        left_out: value of pixels without data, which does not count for the range.
        scaled: whether values of 8 bits are scaled from that range as well.
    """

    size: Size
    channels: int
    intensity_range: Range | None
    left_out: float | None = None
    scaled: bool = False


def survey_images(listing: ImageList) -> tuple[dict[int, ImageHeader], Skipped]:
    """Read every header: by index, then (name, reason) of each unreadable image."""
    headers: dict[int, ImageHeader] = {}
    skipped = list(listing.skipped)
    everything = range(len(listing.names))
    found = _read_each(listing, listing.read_header, everything)
    for i, header in sift(listing, found, len(everything), skipped=skipped):
        headers[i] = header
    return headers, tuple(skipped)


def survey_intensities(
    listing: ImageList, headers: dict[int, ImageHeader], scaling: Scaling
) -> tuple[Range | None, float | None]:
    """Find the range, and a value of pixels without data that is left out of it.

    Raises:
        DataError: 8-bit and deeper values would need one range, and none is given.
    """
    deep = [i for i, header in headers.items() if header.deep]
    scaled = list(headers) if scaling.whole else deep
    if not scaled or scaling.given is not None:
        return (scaling.given if scaled else None), None
    if 0 < len(deep) < len(scaled):
        raise DataError(
            f"{listing.title} mixes images of 8 bits and more, so --scale auto finds "
            "no range for both; give --scale LOWEST:HIGHEST, or save all in one depth"
        )
    read = partial(_read_colours, listing, headers)
    size = {i: math.prod(headers[i].size) for i in scaled}
    each = _read_each(listing, read, scaled, pixels=size.__getitem__)
    found = (pixels for _, pixels in each)
    images = (p for p in found if not isinstance(p, UnreadableError))
    return survey_range(images, count=len(scaled), whole=scaling.whole)


def _read_colours(
    listing: ImageList, headers: dict[int, ImageHeader], i: int
) -> NDArray[Any]:
    return listing.read_pixels(i, headers[i].size)[:, :, :3]


def decode_images(
    listing: ImageList, indices: list[int], form: Form, *, tell: Tell = ignore
) -> Decoded:
    """Decode the readable images: pixels, their indices, and reasons for the rest."""
    pixels = allocate_pixels((len(indices), *form.size, form.channels))
    kept: list[int] = []
    skipped: list[tuple[str, str]] = []
    read = partial(_read_formed, listing, form)
    found = _read_each(listing, read, indices, pixels=lambda _: math.prod(form.size))
    for i, image in sift(listing, found, len(indices), skipped=skipped, tell=tell):
        pixels[len(kept)] = image
        kept.append(i)
    return pixels[: len(kept)], np.array(kept, np.int64), tuple(skipped)


def _read_formed(listing: ImageList, form: Form, i: int) -> NDArray[np.uint8]:
    with hold_pixels():
        pixels = match_form(listing.read_pixels(i, form.size), form)
        return resize_pixels(pixels, form.size)


def match_form(pixels: NDArray[Any], form: Form) -> NDArray[np.uint8]:
    """Bring pixels to the set's channels and range of 8 bits, but not to its size.

    Raises:
        UnreadableError: the image is not as it was when its header was read.
    """
    deep = pixels.dtype != np.uint8
    if deep or form.scaled:
        if form.intensity_range is None:
            raise UnreadableError("16-bit only at its second reading")
        colours, opacity = pixels[:, :, :3], pixels[:, :, 3:]
        pixels = to_eight_bits(colours, form.intensity_range)
        if opacity.size:
            opacity = (opacity / 257).astype(np.uint8) if deep else opacity
            pixels = np.concatenate([pixels, opacity], axis=2)
    return match_channels(pixels, form.channels)


def match_channels(pixels: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Turn grey into RGB, or either into opaque RGBA.

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


def bring_channels(images: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Bring images (n, h, w, c) to as many channels: grey by Rec. 601, no opacity.

    Example:
        >>> bring_channels(np.full((1, 2, 2, 3), 7, np.uint8), 1)[0, 0, 0].tolist()
        [7]
    """
    if images.shape[3] == channels:
        return images
    colours = images[..., :3] if channels < 4 else images
    if colours.shape[3] == 3 and channels == 1:
        grey = colours @ np.array([0.299, 0.587, 0.114])
        return np.asarray(grey.round().astype(np.uint8)[..., None])
    return np.stack([match_channels(image, channels) for image in colours])


def sift(
    listing: ImageList,
    found: Iterable[tuple[int, T | UnreadableError]],
    total: int,
    *,
    skipped: list[tuple[str, str]],
    tell: Tell = ignore,
) -> Iterator[tuple[int, T]]:
    """Yield what could be read, and add name and reason of the rest to `skipped`."""
    for done, (i, each) in enumerate(found, 1):
        tell(done, total)
        if isinstance(each, UnreadableError):
            skipped.append((listing.names[i], str(each)))
        else:
            yield i, each


def _read_each(
    listing: ImageList,
    read: Callable[[int], T],
    indices: Sequence[int],
    *,
    pixels: Callable[[int], int] = lambda _: 0,
) -> Iterator[tuple[int, T | UnreadableError]]:
    """Read each index by several threads; yield results in order, some at a time.

    Args:
        listing: list of the images.
        read: function of an index.
        indices: what to read.
        pixels: number of pixels of what `read` returns for an index.
    """

    threads = min(8, os.cpu_count() or 1) if listing.parallel else 1
    with ThreadPoolExecutor(threads) as pool:
        for window in _divide(indices, pixels):
            yield from read_together(
                partial(read_run, read), dict(zip(window, window, strict=True)), pool,
                file_of=listing.files.__getitem__ if listing.pages else None,
            )  # fmt: skip


def _divide(
    indices: Sequence[int], pixels: Callable[[int], int]
) -> Iterator[list[int]]:
    """Divide indices into windows of some images, and of not too many pixels."""
    window: list[int] = []
    held = 0
    for i in indices:
        if len(window) == IMAGES_IN_FLIGHT or held > PIXELS_IN_FLIGHT:
            yield window
            window, held = [], 0
        window.append(i)
        held += pixels(i)
    if window:
        yield window


def read_together(
    read: Callable[[list[S]], list[T]],
    items: dict[int, S],
    workers: Executor,
    *,
    file_of: Callable[[int], Path] | None = None,
) -> Iterator[tuple[int, T]]:
    """Read runs of items, each by one thread or process; yield results in order.

    Args:
        read: function of a run.
        items: index → what `read` takes.
        workers: threads or processes.
        file_of: index → file, where several images of one file stay in one run.
    """
    runs = _cut(items, file_of)
    jobs = [[items[i] for i in run] for run in runs]
    for run, found in zip(runs, workers.map(read, jobs), strict=True):
        yield from zip(run, found, strict=True)


def _cut(
    indices: Iterable[int], file_of: Callable[[int], Path] | None
) -> list[list[int]]:
    runs: list[list[int]] = []
    for i in indices:
        full = not runs or len(runs[-1]) >= TOGETHER
        same = bool(runs) and file_of and file_of(runs[-1][-1]) == file_of(i)
        if full and not same:
            runs.append([])
        runs[-1].append(i)
    return runs


def read_run(read: Callable[[S], T], some: Sequence[S]) -> list[T | UnreadableError]:
    """Read some images; where one cannot be read, the error stands in its place."""
    with keep_open():
        return [try_reading(read, which) for which in some]


def try_reading(read: Callable[[S], T], which: S) -> T | UnreadableError:
    """Read an image; return the error if it cannot be read."""
    try:
        return read(which)
    except UnreadableError as error:
        return error
