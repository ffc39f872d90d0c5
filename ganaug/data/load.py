"""load_images reads a user's data, in whichever form, as LabelledImages."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from ganaug.data.groups import Groups, name_groups, number_groups
from ganaug.data.images import LabelledImages
from ganaug.data.readers.arrays import LabelledArrays, label_arrays
from ganaug.data.readers.assemble import Glance, assemble_images, glance_at
from ganaug.data.readers.csv_table import read_table
from ganaug.data.readers.digits import read_digits
from ganaug.data.readers.folder import scan_folder
from ganaug.data.readers.image_list import ImageList
from ganaug.data.readers.npz import read_npz
from ganaug.data.readers.reading import Tell, ignore
from ganaug.data.readers.torch_dataset import ItemDataset, wrap_dataset
from ganaug.data.resize import Size
from ganaug.errors import DataError

ALLOWED_DATA = (
    "give a folder with one subfolder per class, a .csv, a .npz, the word digits, "
    "(images, labels) arrays or a Dataset of (image, label)"
)
SMALL_CLASS = 10  # a class with fewer images is worth a note

Arrays: TypeAlias = tuple[NDArray[Any], Any]
Data: TypeAlias = "str | os.PathLike[str] | Arrays | ItemDataset | LabelledImages"


def load_images(
    data: Data,
    *,
    groups: Groups | None = None,
    group_regex: str | None = None,
    size: Size | None = None,
    max_side: int = 256,
    strict: bool = False,
    intensity_range: tuple[float, float] | None = None,
    tell: Tell = ignore,
) -> LabelledImages:
    """Read labelled images from a folder, a file, arrays or a Dataset.

    Args:
        data: a folder with one subfolder per class; a .csv with path, label and
            optionally group and caption; a .npz with images and labels, x_train and
            y_train, or x and y; the word "digits"; (images, labels) arrays, images
            (n, h, w) or (n, h, w, c), uint8, uint16 or float in [0, 1]; a Dataset that
            yields (image, label); or LabelledImages, which come back as they are.
        groups: the subject that each image shows: (n,) values in the order of the
            images, or a mapping from every source-relative name.
        group_regex: expression that finds the group in each file's name: its first
            capturing group, or else the whole match.
        size: (height, width) of the loaded images; None takes the common one.
        max_side: longest side of the loaded images, in pixels.
        strict: whether an unreadable file refuses the set; else it is skipped and
            listed in `skipped`.
        intensity_range: scale deep values (16-bit and more) from this range instead of
            the data's own, as for a test set: give the training images'
            `intensity_range`.
        tell: function that is called with the number of images read, and of all.

    Raises:
        DataError: the data cannot be read; one line says why and what is allowed.

    Example:
        >>> images = load_images("digits")
        >>> images.images.shape, images.classes[:3]
        ((1797, 8, 8, 1), ('0', '1', '2'))
    """
    _check_sizes(size, max_side)
    if groups is not None and group_regex is not None:
        raise DataError("groups and group_regex exclude each other; give one of them")
    if isinstance(data, LabelledImages):
        return _regroup(data, groups, group_regex)
    form: dict[str, Any] = {
        "size": size,
        "max_side": max_side,
        "intensity_range": intensity_range,
    }
    found = _open(data)
    if isinstance(found, LabelledArrays):
        _refuse_regex(group_regex, found.title, named=False)
        if groups is not None:
            found = replace(found, groups=groups)
        return _note_few(label_arrays(found, **form))
    found = _group(found, groups, group_regex)
    return _note_few(assemble_images(found, strict=strict, tell=tell, **form))


def glance_at_data(
    data: str | os.PathLike[str],
    workers: Executor,
    *,
    group_regex: str | None = None,
    strict: bool = False,
    max_side: int = 256,
    tell: Tell = ignore,
) -> Glance | LabelledImages:
    """Look at image files without keeping their pixels; other data are loaded.

    Args:
        data: a path, or the word digits.
        workers: what `start_workers` started.
        group_regex, strict, max_side, tell: as for `load_images`.

    Raises:
        DataError: the data cannot be read; one line says why and what is allowed.
    """
    found = _open(data)
    if not isinstance(found, ImageList):
        return load_images(data, group_regex=group_regex, max_side=max_side)
    found = _group(found, None, group_regex)
    seen = glance_at(found, workers, max_side=max_side, strict=strict, tell=tell)
    return replace(seen, thumbnails=_note_few(seen.thumbnails))


def load_digits() -> LabelledImages:
    """Load the bundled digits, even if a file or folder is called digits."""
    return _note_few(label_arrays(read_digits()))


def _check_sizes(size: Size | None, max_side: int) -> None:
    if max_side < 1 or (size is not None and min(size) < 1):
        raise DataError(
            f"size {size} and max_side {max_side} must be positive numbers of pixels"
        )


def _regroup(
    data: LabelledImages, groups: Groups | None, group_regex: str | None
) -> LabelledImages:
    _refuse_regex(group_regex, data.source or "the set", named=bool(data.names))
    names = data.names or tuple(str(i) for i in range(len(data)))
    named = name_groups(names, groups=groups, group_regex=group_regex)
    if named is None:
        return data
    return replace(data, groups=number_groups(named), group_names=named)


def _open(data: Data) -> ImageList | LabelledArrays:
    if isinstance(data, str | os.PathLike):
        return _open_path(Path(data))
    if isinstance(data, tuple):
        if len(data) != 2:
            raise DataError(f"a tuple of {len(data)} is not data; {ALLOWED_DATA}")
        return LabelledArrays("arrays", data[0], data[1])
    if hasattr(data, "__len__") and hasattr(data, "__getitem__"):
        return wrap_dataset(data)
    raise DataError(f"a {type(data).__name__} is not data; {ALLOWED_DATA}")


def _open_path(path: Path) -> ImageList | LabelledArrays:
    if path.is_dir():
        return scan_folder(path)
    suffix = path.suffix.lower()
    if path.is_file() and suffix in READERS:
        return READERS[suffix](path)
    if str(path) == "digits" and not path.exists():
        return read_digits()
    what = "is neither" if path.exists() else "does not exist"
    raise DataError(f"{path} {what}; {ALLOWED_DATA}")


def _group(
    found: ImageList, groups: Groups | None, group_regex: str | None
) -> ImageList:
    _refuse_regex(group_regex, found.title, named=found.named)
    named = name_groups(found.names, groups=groups, group_regex=group_regex)
    return found if named is None else replace(found, groups=named)


def _refuse_regex(group_regex: str | None, title: str, *, named: bool) -> None:
    if group_regex is not None and not named:
        raise DataError(
            f"group_regex needs file names, but {title} has none; pass groups="
        )


def _note_few(images: LabelledImages) -> LabelledImages:
    counts = zip(images.classes, images.counts, strict=True)
    few = [f"{name} ({n})" for name, n in counts if n < SMALL_CLASS]
    notes = [f"fewer than {SMALL_CLASS} images: {', '.join(few)}"] if few else []
    if len(images.classes) == 1:
        notes.append("there is a single class, so no classifier can judge labels")
    return replace(images, notes=(*images.notes, *notes)) if notes else images


READERS: dict[str, Callable[[Path], ImageList | LabelledArrays]] = {
    ".csv": read_table,
    ".npz": read_npz,
}
