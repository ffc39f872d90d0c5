"""Listings of files: their digest, and folders that are not scanned to their end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from ganaug.data.images import LabelledImages
from ganaug.files import SYSTEM


def list_all_names(images: LabelledImages) -> list[str]:
    """List the names of a set's images, unreadable ones too."""
    return [*images.names, *(name for name, _ in images.skipped)]


def digest_names(names: Iterable[str]) -> str:
    """Return the SHA-256 over names in sorted order."""
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()


def has_at_most(folder: Path, most: int) -> bool:
    """Whether a folder has so few entries at any depth; counting ends soon if not."""
    if any(Path(place) in (folder, *folder.parents) for place in SYSTEM):
        return False
    left = most
    for _, folders, files in os.walk(folder):
        left -= len(folders) + len(files)
        if left < 0:
            return False
    return True
