"""ImageList: images that are listed but not read yet, whatever they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ganaug.data.naming import Values
from ganaug.data.resize import Size


@dataclass(frozen=True)
class ImageHeader:
    """Facts about an image that are known before its pixels are read.

    Attributes:
        size: (height, width) of the upright image, its orientation applied.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        deep: whether its values are not 8-bit and need the set's intensity range.
        synthetic: whether the file has the mark of images that ganaug drew.
        pages: number of pages or frames in the file, if only the first is read; else 1.
        empty: value of pixels without data, as the file's tag names it, or None.
    """

    size: Size
    channels: int
    deep: bool = False
    synthetic: bool = False
    pages: int = field(default=1, repr=False)
    empty: float | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ImageList:
    """Images to be read one at a time, and the facts about each.

    Attributes:
        title: short name of the set.
        names: name of each image, relative to the folder or table that was listed.
        labels: class of each image, a name or an index into `classes`.
        read_header: index → ImageHeader; raises UnreadableError.
        read_pixels: (index, size wanted) → (h, w, c) array, uint8 unless deep; it may
            already be smaller than the file, never smaller than the size wanted.
        classes: names in label order, or None for those that the labels show.
        groups: group of each image, or None.
        domains: domain of each image, or None.
        notes: one sentence for each decision made while listing.
        skipped: (name, reason) of each image that was refused while listing.
        captions: caption of each image, or None.
        parallel: whether several threads may read at once.
        named: whether the names are those of files, not numbers.
        files: path of each image, where the images are files.
        pages: page of each image in its file, from 0; () where all are first pages.
    """

    title: str
    names: tuple[str, ...]
    labels: tuple[object, ...]
    read_header: Callable[[int], ImageHeader]
    read_pixels: Callable[[int, Size], NDArray[Any]]
    classes: tuple[str, ...] | None = None
    groups: Values | None = None
    domains: Values | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    captions: tuple[str, ...] | None = None
    parallel: bool = True
    named: bool = True
    files: tuple[Path, ...] = ()
    pages: tuple[int, ...] = ()

    def list_classes(self) -> list[str]:
        """Name the class of each image."""
        names = self.classes
        return [
            names[label] if names is not None and isinstance(label, int) else str(label)
            for label in self.labels
        ]


class UnreadableError(Exception):
    """One image cannot be read; its text is the reason for the user."""
