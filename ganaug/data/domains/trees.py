"""Folder trees with a level of domains: domain/class/… or class/domain/…."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from ganaug.data.readers.folder import list_files, scan_folder
from ganaug.data.readers.image_list import ImageList
from ganaug.data.word import NOT_SAID
from ganaug.errors import DataError


def scan_tree(path: Path, kind: str) -> ImageList:
    """List a folder tree whose images have a class folder and a domain folder.

    Args:
        path: the folder.
        kind: `outside` for domain/class/…, `inside` for class/domain/…; with the
            latter, an image that lies in no folder of its class is of no known domain.

    Raises:
        DataError: the folder is empty, or has no second level of folders.
    """
    listing = scan_folder(path, note_nested=False)
    parts = _find_parts(listing)
    if not any(len(each) > 2 for each in parts):
        outer, inner = ("domain", "class") if kind == "outside" else ("class", "domain")
        raise DataError(
            f"{path} has no folders inside its {outer} folders; --domains-{kind} "
            f"reads {outer}/{inner}/image"
        )
    if kind == "inside":
        domains = [each[1] if len(each) > 2 else NOT_SAID for each in parts]
        return replace(listing, domains=domains)
    return _swap(path, listing, parts)


def _find_parts(listing: ImageList) -> list[tuple[str, ...]]:
    """Split each name; leave out a folder, such as train, above the first level."""
    parts = [PurePosixPath(name).parts for name in listing.names]
    names = listing.list_classes()
    deeper = any(each[0] != name for each, name in zip(parts, names, strict=True))
    return [each[1:] if deeper else each for each in parts]


def _swap(path: Path, listing: ImageList, parts: list[tuple[str, ...]]) -> ImageList:
    """Make the second level the classes; images outside it are left out."""
    kept = [i for i, each in enumerate(parts) if len(each) > 2]
    named = [parts[i][1] for i in kept]
    classes = tuple(sorted(set(named)))
    labels = [classes.index(name) for name in named]
    listed = list_files(listing.title, path, [listing.files[i] for i in kept], labels)
    notes = listing.notes
    left = len(parts) - len(kept)
    if left:
        notes += (f"files beside the class folders are ignored ({left})",)
    domains = [parts[i][0] for i in kept]
    return replace(listed, classes=classes, domains=domains, notes=notes)
