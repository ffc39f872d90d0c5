"""Thumbnails of all images of a list, made as each is decoded; no pixels are kept."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ganaug.blas import one_blas_thread
from ganaug.data.duplicates import THUMBNAIL, make_thumbnail
from ganaug.data.images import hash_pixels
from ganaug.data.limits.pixel_budget import SMALL, hold_pixels
from ganaug.data.looks.look import measure_looks
from ganaug.data.readers.decode import (
    quiet_decoding,
    read_file_header,
    read_file_pixels,
)
from ganaug.data.readers.image_list import ImageHeader, ImageList, UnreadableError
from ganaug.data.readers.reading import (
    Decoded,
    Form,
    Skipped,
    Tell,
    ignore,
    match_form,
    read_run,
    read_together,
    sift,
    survey_images,
)
from ganaug.data.resize import Size, resize_pixels

# thumbnail (16, 16, 1), hash of the pixels, what `measure_looks` says of them, their
# highest value
Sight = tuple[NDArray[np.uint8], str, NDArray[np.float32], int]
Page = tuple[Path, Size, int]  # file, size wanted, number of the page
S = TypeVar("S")
T = TypeVar("T")


class Sights(NamedTuple):
    """What was seen of images: the hash of each, its look, its highest value."""

    hashes: tuple[str, ...]
    looks: NDArray[np.float32]
    tops: tuple[int, ...]


@contextmanager
def start_workers() -> Iterator[Executor]:
    """Start workers that decode images: processes on Linux, or else threads.

    Threads wait for each other, since much of decoding a small file is Python. Other
    systems start a process too slowly for that to pay. Processes are forked here and
    now, so no thread of the caller's, such as a spinner's, should run yet. They take
    over that matrices are multiplied with one thread, each on its own core.
    """
    with one_blas_thread():
        pool = _start_pool(min(8, os.cpu_count() or 1))
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def survey_files(
    listing: ImageList, workers: Executor
) -> tuple[dict[int, ImageHeader], Skipped]:
    """Read every header as `survey_images` does, by several workers."""
    if listing.pages:
        return survey_images(listing)  # their headers are known
    headers: dict[int, ImageHeader] = {}
    skipped = list(listing.skipped)
    files = dict(enumerate(listing.files))
    found = read_together(partial(_read_some, read_file_header), files, workers)
    for i, header in sift(listing, found, len(files), skipped=skipped):
        headers[i] = header
    return headers, tuple(skipped)


def read_thumbnails(
    listing: ImageList,
    sizes: dict[int, Size],
    form: Form,
    *,
    workers: Executor,
    tell: Tell = ignore,
) -> tuple[Decoded, Sights]:
    """Reduce each readable image to a thumbnail, as soon as it is decoded.

    Args:
        listing: list of image files.
        sizes: index → least (height, width) to read that image at.
        form: channels and range of the set; its size is not used.
        workers: what `start_workers` started.
        tell: function that is called with the number of images read, and of all.

    Returns:
        What `decode_images` returns, with thumbnails (n, 16, 16, 1); and what was seen
        of each image, its hash at the size at which it was read, its look (n, f).
    """
    skipped: list[tuple[str, str]] = []
    pages = listing.pages or (0,) * len(listing.files)
    files = {i: (listing.files[i], size, pages[i]) for i, size in sizes.items()}
    found = read_together(
        partial(_look_at_some, form), files, workers,
        file_of=listing.files.__getitem__ if listing.pages else None,
    )  # fmt: skip
    rows = list(sift(listing, found, len(files), skipped=skipped, tell=tell))
    thumbnails = np.array([seen[0] for _, seen in rows], np.uint8)
    pixels = thumbnails.reshape(-1, THUMBNAIL, THUMBNAIL, 1)
    kept = np.array([i for i, _ in rows], np.int64)
    looks = np.array([seen[2] for _, seen in rows], np.float32)
    digests = tuple(seen[1] for _, seen in rows)
    tops = tuple(seen[3] for _, seen in rows)
    return (pixels, kept, tuple(skipped)), Sights(digests, looks, tops)


def _start_pool(count: int) -> Executor:
    pool: Executor = ThreadPoolExecutor(count)
    if sys.platform == "linux" and count > 1:
        fork = get_context("fork")
        pool = ProcessPoolExecutor(count, mp_context=fork, initializer=_leave_signals)
        pool.submit(int)  # the first task forks
    return pool


def _read_some(read: Callable[[S], T], files: list[S]) -> list[T | UnreadableError]:
    with quiet_decoding():  # a process has warning filters of its own
        return read_run(read, files)


def _look_at_some(form: Form, files: list[Page]) -> list[Sight | UnreadableError]:
    """Look at some files; the looks of images of one size are measured together."""
    found = _read_some(partial(_read_matched, form), files)
    looks: dict[int, NDArray[np.float32]] = {}
    sizes: dict[tuple[int, ...], list[int]] = {}
    for i, pixels in enumerate(found):
        if not isinstance(pixels, UnreadableError):
            sizes.setdefault(pixels.shape, []).append(i)
    for alike in sizes.values():
        measured = measure_looks(np.stack([found[i] for i in alike]))  # type: ignore[misc]
        looks.update(zip(alike, measured, strict=True))
    return [
        pixels
        if isinstance(pixels, UnreadableError)
        else (
            make_thumbnail(pixels),
            hash_pixels(pixels),
            looks[i],
            int(pixels[:, :, :3].max()),
        )
        for i, pixels in enumerate(found)
    ]


def _read_matched(form: Form, file: Page) -> NDArray[np.uint8]:
    """Read an image, reduced to the size wanted only where it is very large."""
    with hold_pixels():
        pixels = match_form(read_file_pixels(*file), form)
        large = pixels.shape[0] * pixels.shape[1] > SMALL
        return resize_pixels(pixels, file[1]) if large else pixels


def _leave_signals() -> None:
    """Let the parent alone answer Ctrl-C and SIGTERM; it ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
