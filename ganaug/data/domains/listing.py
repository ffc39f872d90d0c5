"""Domains of listed images, read from file names, folders, headers or EXIF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ganaug.data.domains.exif import read_exif
from ganaug.data.domains.names import name_domains
from ganaug.data.domains.rules import DomainRule
from ganaug.data.readers.image_list import ImageList, UnreadableError
from ganaug.data.word import NOT_SAID
from ganaug.display.words import count
from ganaug.errors import DataError

MOST_SIZES = 200  # with more sizes than this, a size says nothing of a domain


def find_domains(listing: ImageList, rule: DomainRule) -> ImageList:
    """Return the list with the domains that a rule finds, before pixels are read.

    Folder trees have theirs already, and clusters need pixels: for these two the list
    comes back as it is.

    Raises:
        DataError: the images have no file names, or the rule finds nothing in them.
    """
    if rule.kind not in FINDERS:
        return listing
    found = FINDERS[rule.kind](listing, rule.detail)
    return replace(listing, domains=found)


def _by_regex(listing: ImageList, expression: str) -> Sequence[str]:
    _refuse_nameless(listing, "domain_regex")
    return name_domains(listing.names, regex=expression) or ()


def _by_parent(listing: ImageList, level: str) -> Sequence[str]:
    """Take the folder of each file, or one of the folders above it."""
    _refuse_nameless(listing, "--domain-from parent")
    up = int(level or 1)
    parts = [PurePosixPath(name).parts[:-1] for name in listing.names]
    found = [each[-up] if len(each) >= up else NOT_SAID for each in parts]
    if not any(found):
        raise DataError(
            f"--domain-from parent:{up} needs {count(up, 'folder')} above a file, but "
            f"{listing.names[0]!r} has fewer"
        )
    if found == listing.list_classes():
        raise DataError(
            f"--domain-from parent:{up} finds the class folders: domain and class "
            "would be the same partition; name the level of the domains, such as "
            "parent:2"
        )
    return found


def _by_size(listing: ImageList, _: str) -> Sequence[str]:
    found = [_name_size(listing, i) for i in range(len(listing.names))]
    kinds = len(set(found) - {NOT_SAID})
    if kinds > MOST_SIZES:
        raise DataError(
            f"--domain-from size finds {kinds:,} different sizes, which is too many "
            "for domains; give another rule"
        )
    return found


def _by_exif(listing: ImageList, tag: str) -> Sequence[str]:
    if not listing.files:
        raise DataError(
            f"--domain-from exif:{tag} needs image files, but {listing.title} has none"
        )
    found = [read_exif(path, tag) for path in listing.files]
    if not any(found):
        raise DataError(
            f"no image of {listing.title} says its {tag} in its EXIF data; give "
            "another rule, or the domains themselves"
        )
    return found


def _refuse_nameless(listing: ImageList, option: str) -> None:
    if not listing.named:
        raise DataError(
            f"{option} needs file names, but {listing.title} has none; pass domains="
        )


def _name_size(listing: ImageList, i: int) -> str:
    try:
        height, width = listing.read_header(i).size
    except UnreadableError:
        return NOT_SAID
    return f"{height} x {width}"


FINDERS: dict[str, Callable[[ImageList, str], Sequence[str]]] = {
    "regex": _by_regex,
    "parent": _by_parent,
    "size": _by_size,
    "exif": _by_exif,
}
