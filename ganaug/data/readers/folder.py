"""A folder of class folders, as torchvision's ImageFolder reads it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ganaug.data.parts.made import is_made, leave_out_made
from ganaug.data.parts.train import IMAGE_ENDINGS, enter_train, list_entries
from ganaug.data.readers.decode import read_file_header, read_file_pixels
from ganaug.data.readers.image_list import ImageList
from ganaug.errors import DataError

UNNAMED = "images"  # class of images that have none


def scan_folder(path: Path, *, note_nested: bool = True) -> ImageList:
    """List a folder with one subfolder per class; files are found at any depth.

    If it contains nothing but train (or training) and folders named like other parts,
    such as val, dev and test, in upper or lower case, train alone is listed. Hidden
    files are ignored.

    Args:
        path: the folder.
        note_nested: whether to note folders inside a class, which are merged into it.

    Raises:
        DataError: the folder is empty or has no class folders.

    Example:
        >>> scan_folder(Path("pets")).names  # doctest: +SKIP
        ('cat/1.png', 'dog/1.png')
    """
    root, notes = enter_train(path)
    folders, hidden, files = list_entries(root)
    folders, made = leave_out_made(folders)
    notes += made
    if not folders:
        raise DataError(_explain_no_classes(root, len(files)))
    notes += _note_ignored(hidden, files)
    found = {folder.name: find_files(folder) for folder in folders}
    if not any(found.values()):
        raise DataError(
            f"{root} has class folders but no files in them; put images into them"
        )
    if note_nested:
        notes += _note_nested(root, found)
    listed = list_files(
        path.resolve().name,
        path,
        [file for files in found.values() for file in files],
        [label for label, files in enumerate(found.values()) for _ in files],
    )
    return replace(listed, classes=tuple(found), notes=notes)


def scan_unlabelled(source: object) -> ImageList:
    """List an image, or all images of a folder at any depth, as one class.

    Raises:
        DataError: it is neither, or there is no image.
    """
    path = Path(source) if isinstance(source, str | os.PathLike) else None
    if path is None or not path.exists():
        what = f"a {type(source).__name__}" if path is None else f"{path}: there"
        raise DataError(
            f"{what} is no image without a class; give an image, or a folder of images"
        )
    if path.is_file():
        return list_files(path.name, path.parent, [path], [UNNAMED])
    files = [file for file in find_files(path) if is_image_name(file)]
    if not files:
        raise DataError(f"{path} contains no images; put some there")
    return list_files(path.resolve().name, path, files, [UNNAMED] * len(files))


def is_image_name(file: Path) -> bool:
    """Whether a file's ending is that of an image format that is read.

    Example:
        >>> is_image_name(Path("a.JPG")), is_image_name(Path("a.txt"))
        (True, False)
    """
    return file.suffix.lower() in IMAGE_ENDINGS


def find_files(folder: Path) -> list[Path]:
    """Find every visible file below `folder`; links are followed, each folder once."""
    files: list[Path] = []
    seen: set[str] = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        place = os.path.realpath(parent)
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        if is_made(names):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        visible = sorted(name for name in names if not name.startswith("."))
        # a pipe or device has no picture, and may never give a byte
        found = (Path(parent, name) for name in visible)
        files.extend(file for file in found if file.is_file())
    return files


def list_files(
    title: str, root: Path, files: list[Path], labels: Sequence[object]
) -> ImageList:
    """List files with their labels, named relative to `root` if they lie below it.

    Example:
        >>> list_files("a", Path("a"), [Path("a/x/1.png")], ["x"]).names
        ('x/1.png',)
    """
    return ImageList(
        title=title,
        names=tuple(relative_name(file, root) for file in files),
        labels=tuple(labels),
        read_header=lambda i: read_file_header(files[i]),
        read_pixels=lambda i, size: read_file_pixels(files[i], size),
        files=tuple(files),
    )


def relative_name(file: Path, root: Path) -> str:
    """Return a file's path below `root` with slashes, or its whole path if elsewhere.

    Example:
        >>> [relative_name(Path(name), Path("a")) for name in ("a/x/1.png", "b/1.png")]
        ['x/1.png', 'b/1.png']
    """
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def _explain_no_classes(root: Path, n_files: int) -> str:
    what = f"{n_files} files but no class folders" if n_files else "nothing"
    return (
        f"{root} contains {what}; make one subfolder per class and put its images "
        "there, or pass a CSV with the columns path and label"
    )


def _note_ignored(hidden: list[str], files: list[str]) -> tuple[str, ...]:
    notes = []
    if hidden:
        notes.append(f"hidden folders are ignored: {', '.join(hidden)}")
    if files:
        notes.append(
            f"files beside the class folders are ignored ({len(files)}), "
            f"such as {files[0]}"
        )
    return tuple(notes)


def _note_nested(root: Path, found: dict[str, list[Path]]) -> tuple[str, ...]:
    """Note a class whose files all lie in folders that may be the real classes."""
    for name, files in found.items():
        parents = {file.parent for file in files}
        if root / name in parents:
            continue
        inner = sorted({parent.relative_to(root / name).parts[0] for parent in parents})
        if len(inner) > 1:
            return (
                f"folders inside a class are merged into it, such as {inner[0]} and "
                f"{inner[1]} into {name}; if these are the classes, put them side by "
                "side in one folder; if they are cameras, sites or the like, read them "
                "with --domains-inside",
            )
    return ()
