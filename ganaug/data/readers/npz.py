"""A .npz file with images and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ganaug.archives import DAMAGED_ARCHIVE, NPY_START, Archive
from ganaug.data.readers.arrays import LabelledArrays
from ganaug.data.readers.decode import DAMAGE_ERRORS, first_line
from ganaug.data.word import read_word
from ganaug.errors import DataError

T = TypeVar("T")
ARRAY_NAMES = (("images", "labels"), ("x_train", "y_train"), ("x", "y"))


def read_npz(path: Path) -> LabelledArrays:
    """Read the arrays of a .npz file, with all that it says of them.

    Raises:
        DataError: it is damaged, has one array or pickled objects, or lacks the keys.

    Example:
        >>> read_npz(Path("cells.npz")).classes  # doctest: +SKIP
        ['red', 'white']
    """
    return _open(path, _read_named)


def read_npz_images(path: Path) -> Any:
    """Read the images of a .npz file, whatever it says of their labels.

    Raises:
        DataError: as for `read_npz`.
    """
    return _open(path, _read_images)


def _open(path: Path, read: Callable[[Path, Any], T]) -> T:
    try:
        with path.open("rb") as stream:
            _refuse_single(path, stream)
            return read(path, Archive(stream))
    except (*DAMAGE_ERRORS, *DAMAGED_ARCHIVE) as error:
        raise DataError(
            f"{path} cannot be read as .npz: {first_line(error)}; write it with "
            "numpy.savez and plain arrays"
        ) from error


def _refuse_single(path: Path, stream: BinaryIO) -> None:
    start = stream.read(len(NPY_START))
    stream.seek(0)
    if start == NPY_START:
        raise DataError(
            f"{path} contains a single array, as a .npy file does; write images and "
            "labels into one .npz with numpy.savez"
        )


def _read_images(path: Path, file: Any) -> Any:
    key = next((pair[0] for pair in ARRAY_NAMES if pair[0] in file.files), None)
    if key is None:
        raise DataError(
            f"{path} contains {', '.join(file.files) or 'nothing'}; give images"
        )
    return file[key]


def _read_named(path: Path, file: Any) -> LabelledArrays:
    pair = next((p for p in ARRAY_NAMES if set(p) <= set(file.files)), None)
    if pair is None:
        raise DataError(
            f"{path} contains {', '.join(file.files) or 'nothing'}; give images and "
            "labels, or x_train and y_train, or x and y"
        )
    names = file["class_names"] if "class_names" in file.files else None
    return LabelledArrays(
        title=path.stem,
        images=file[pair[0]],
        labels=file[pair[1]],
        classes=None if names is None else [read_word(name) for name in names],
        groups=file["groups"] if "groups" in file.files else None,
        domains=_read_domains(file),
        notes=_note_unread(file.files, pair),
    )


def _read_domains(file: Any) -> list[object] | None:
    """Read `domain`: names, or numbers, which are indices where there are names."""
    if "domain" not in file.files:
        return None
    values: list[Any] = file["domain"].tolist()
    if "domain_names" not in file.files:
        return values
    names = [read_word(name) for name in file["domain_names"]]
    if not all(isinstance(v, int) and -1 <= v < len(names) for v in values):
        raise DataError(
            "domain must have an index of domain_names for each image, 0 to "
            f"{len(names) - 1}, or -1 for unknown"
        )
    return [names[v] if v >= 0 else None for v in values]


def _note_unread(keys: list[str], pair: tuple[str, str]) -> tuple[str, ...]:
    if pair[0] == "x_train" and "x_test" in keys:
        return ("only x_train is read; x_test is not read",)
    return ()
