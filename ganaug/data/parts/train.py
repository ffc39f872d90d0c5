"""The training part of a folder that has train, test and the like in it."""

from __future__ import annotations

import os
import re
from pathlib import Path

TRAIN_NAMES = frozenset({"train", "training"})
OTHER_PARTS = frozenset(
    {"val", "valid", "validation", "dev", "eval", "evaluation", "test", "testing"}
)
# parts without classes: they may stand beside the others
UNLABELLED_PARTS = frozenset({"unlabeled", "unlabelled", "pred", "predict"})
SEPARATOR = re.compile(r"[ ._-]+")
IMAGE_ENDINGS = (
    ".png", ".jpg", ".jpeg", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".gif", ".ppm",
    ".pgm", ".pbm", ".pnm",
)  # fmt: skip


def enter_train(path: Path) -> tuple[Path, tuple[str, ...]]:
    """Find the folder whose subfolders are the classes, and note what is not read.

    A folder has parts where all its subfolders with images are called train, test and
    the like, alone or with one word more (seg_train, seg_test). A folder without images
    (annotations) does not count, nor one that repeats the parts; one that has nothing
    in it but a folder of its own name is entered.
    """
    path = _unwrap(path)
    folders, _, _ = list_entries(path)
    with_images = [folder for folder in folders if has_images(folder)]
    if not with_images:  # their names may have no usual ending
        with_images = folders
    parts = [f for f in with_images if not _repeats(f, with_images)]
    train = _find_train([part.name for part in parts])
    if train is None:
        return path, ()
    chosen = path / train
    left = [f.name for f in folders if f != chosen]
    said = f"; {', '.join(left)} is not read" if left else ""
    return _unwrap(chosen), (f"only {train} is read{said}",)


def list_entries(path: Path) -> tuple[list[Path], list[str], list[str]]:
    """Return visible folders by name, the names of hidden ones, and those of files."""
    folders, hidden, files = [], [], []
    for entry in sorted(path.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name.startswith("."):
            hidden.append(entry.name)
        elif entry.is_dir():
            folders.append(entry)
        elif not entry.name.startswith("."):
            files.append(entry.name)
    return folders, hidden, files


def has_images(folder: Path) -> bool:
    """Whether a file below a folder has the ending of an image; hidden ones do not."""
    for _, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(IMAGE_ENDINGS) and not name.startswith("."):
                return True
    return False


def _find_train(names: list[str]) -> str | None:
    """Find the training part among the names of parts; None where others are there.

    Example:
        >>> _find_train(["seg_test", "seg_train"]), _find_train(["bus", "train"])
        ('seg_train', None)
    """
    split = {name: _split_name(name) for name in names}
    found = [name for name, (part, _) in split.items() if part in TRAIN_NAMES]
    known = [part for part, _ in split.values() if part is not None]
    others = [part for part in known if part not in TRAIN_NAMES]
    rests = {rest for _, rest in split.values()}
    alike = len(known) == len(names) and len(rests) == 1
    if len(found) != 1 or not alike or len(set(others)) < len(others):
        return None
    return found[0]


def _split_name(name: str) -> tuple[str | None, str]:
    """Split a name into the part that it stands for, and what else it says."""
    words = SEPARATOR.split(name.lower())
    parts = TRAIN_NAMES | OTHER_PARTS | UNLABELLED_PARTS
    found = [word for word in words if word in parts]
    if len(found) != 1 or len(words) > 2:
        return None, name
    return found[0], " ".join(word for word in words if word not in parts)


def _repeats(folder: Path, siblings: list[Path]) -> bool:
    """Whether a folder contains its siblings once more, as some archives do."""
    others = {sibling.name for sibling in siblings if sibling != folder}
    inner = {entry.name for entry in list_entries(folder)[0]}
    return len(others) > 1 and others <= inner


def _unwrap(path: Path) -> Path:
    """Enter a folder that has nothing but a folder of its own name in it."""
    folders, _, files = list_entries(path)
    inner = folders[0] if len(folders) == 1 and not files else None
    same = inner is not None and inner.name.lower() == path.resolve().name.lower()
    if inner is None or not same or not list_entries(inner)[0]:
        return path
    return _unwrap(inner)
