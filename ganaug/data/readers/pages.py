"""Pages: each page or frame of a file as an image of its own, in its file's group."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Literal, TypeVar

from ganaug.data.groups import OWN_GROUP
from ganaug.data.limits.pixel_budget import hold_pixels
from ganaug.data.naming import Values, name_values
from ganaug.data.readers.decode import (
    quiet_decoding,
    read_file_pixels,
    read_page_headers,
)
from ganaug.data.readers.image_list import ImageHeader, ImageList, UnreadableError
from ganaug.data.readers.reading import read_run, read_together
from ganaug.display.words import count
from ganaug.errors import ConfigError

Pages = Literal["first", "all"]
PAGES: tuple[Pages, ...] = ("first", "all")
MARK = re.compile(r"#[0-9]+$")  # of a page, after the name of its file

Header = ImageHeader | UnreadableError
Found = dict[int, Header]
T = TypeVar("T")


def check_pages(pages: str) -> Pages:
    """Return the word; raise ConfigError where it is neither first nor all."""
    for known in PAGES:
        if pages == known:
            return known
    raise ConfigError(f"--pages {pages} is not allowed; give first or all")


def open_pages(listing: ImageList) -> ImageList:
    """List every page of the files that have several; other lists stay as they are.

    The first page of `film.tif` is named `film.tif#1`. Pages have the label, domain and
    caption of their file. They have its group too, or are a group where it has none.

    Raises:
        DataError: a page is a decompression bomb, or a file has too many pages.

    Example:
        >>> open_pages(ImageList("none", (), (), abs, abs)).names
        ()
    """
    if not listing.files:
        return listing
    found = _read_headers(listing)
    rows = [(i, page) for i, pages in enumerate(found) for page in pages]
    files = [i for i, _ in rows]
    headers = [found[i][page] for i, page in rows]
    several = [i for i, pages in enumerate(found) if len(pages) > 1]

    def read_header(row: int) -> ImageHeader:
        header = headers[row]
        if isinstance(header, UnreadableError):
            raise header
        return header

    return replace(
        listing,
        names=tuple(
            f"{listing.names[i]}#{page + 1}" if len(found[i]) > 1 else listing.names[i]
            for i, page in rows
        ),
        labels=_repeat(listing.labels, files),
        files=_repeat(listing.files, files),
        pages=tuple(page for _, page in rows),
        read_header=read_header,
        read_pixels=lambda row, size: read_file_pixels(
            listing.files[files[row]], size, rows[row][1]
        ),
        groups=_name_groups(listing, several, files),
        domains=_repeat_values(listing, listing.domains, files, "domain"),
        captions=listing.captions and _repeat(listing.captions, files),
        notes=(*listing.notes, *_note_pages(found, several)),
    )


def name_files(names: Iterable[str]) -> list[str]:
    """Return the names of the files that have pages with these names, once each.

    Example:
        >>> name_files(["a/film.tif#1", "a/film.tif#2", "b.png"])
        ['a/film.tif', 'b.png']
    """
    return list(dict.fromkeys(MARK.sub("", name) for name in names))


def _read_headers(listing: ImageList) -> list[Found]:
    """Read the headers of each file's pages; a file that cannot be read has one."""
    files = dict(enumerate(listing.files))
    found: list[Found] = []

    def read(some: list[Any]) -> list[Found | UnreadableError]:
        return read_run(_read_file, some)

    with quiet_decoding(), ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for _, pages in read_together(read, files, pool):
            found.append(
                {0: pages} if isinstance(pages, UnreadableError) else dict(pages)
            )
    return found


def _read_file(path: Any) -> Found:
    with hold_pixels():
        return read_page_headers(path)


def _name_groups(
    listing: ImageList, several: Sequence[int], files: Sequence[int]
) -> tuple[str, ...] | None:
    """Name a group for each page; a path is a name that no other file's group has."""
    named = name_values(listing.names, values=listing.groups)
    if named is None and not several:
        return None
    own = list(named or [OWN_GROUP] * len(listing.names))
    for i in several:
        if own[i] == OWN_GROUP:
            own[i] = os.path.abspath(listing.files[i])
    return _repeat(own, files)


def _repeat_values(
    listing: ImageList, values: Values | None, files: Sequence[int], what: str
) -> tuple[str, ...] | None:
    named = name_values(listing.names, values=values, what=what)
    return None if named is None else _repeat(named, files)


def _repeat(values: Sequence[T], files: Sequence[int]) -> tuple[T, ...]:
    return tuple(values[i] for i in files)


def _note_pages(found: Sequence[Found], several: Sequence[int]) -> tuple[str, ...]:
    if not several:
        return ("no file has several pages or frames: --pages all changes nothing",)
    headers = [header for i in several for header in found[i].values()]
    pages = sum(isinstance(header, ImageHeader) for header in headers)
    has = "has" if len(several) == 1 else "have"
    return (
        f"{count(len(several), 'file')} {has} several pages or frames: {pages:,} are "
        "read as images, those of one file as one group",
    )
