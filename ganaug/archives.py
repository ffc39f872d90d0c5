"""Archives: the arrays of a .npz file, none of them inflated before it is checked."""

from __future__ import annotations

import lzma
import math
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO

from numpy.lib import format as npy
from numpy.typing import NDArray

from ganaug.files import ODD_VALUES, open_file

NPY_START = b"\x93NUMPY"
# an array above this size may be at most so many times larger than its compressed bytes
LARGE, MOST_INFLATION = 1 << 28, 100
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
# what numpy and zipfile raise for damaged files, beside an OSError
DAMAGED_ARCHIVE = (
    *ODD_VALUES,
    EOFError,
    MemoryError,
    RuntimeError,
    SyntaxError,  # of a header
    tokenize.TokenError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


class Archive:
    """The arrays of an open .npz file, read one at a time.

    Attributes:
        files: names of the arrays.

    Raises:
        OSError, DAMAGED_ARCHIVE: it is no such file, or is damaged.

    Example:
        >>> import io
        >>> import numpy as np
        >>> file = io.BytesIO()
        >>> np.savez(file, x=np.zeros(3))
        >>> Archive(file).files
        ['x']
    """

    def __init__(self, opened: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(opened)
        infos = self._zip.infolist()
        self._members = {info.filename.removesuffix(".npy"): info for info in infos}
        self.files = list(self._members)

    def __getitem__(self, name: str) -> NDArray[Any]:
        info = self._members[name]
        self._check(name, info)
        with self._zip.open(info) as stream:
            found: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
        return found

    def _check(self, name: str, info: zipfile.ZipInfo) -> None:
        """Raise ValueError where an array is not what sizes of its file say."""
        with self._zip.open(info) as stream:
            version = npy.read_magic(stream)
            if version not in HEADERS:
                raise ValueError(f"{name} has a header of version {version}")
            shape, _, dtype = HEADERS[version](stream)
            size = math.prod(shape) * dtype.itemsize
            start = stream.tell()
        if dtype.hasobject:
            raise ValueError(f"{name} has pickled objects, which are never loaded")
        if size != info.file_size - start:
            raise ValueError(f"{name} is cut: its header says {size:,} bytes")
        if size > max(LARGE, MOST_INFLATION * info.compress_size):
            raise ValueError(
                f"{name} would inflate to {size / 1e9:.1f} GB, more than "
                f"{MOST_INFLATION} times its size in the file; if that is right, write "
                "it with numpy.savez, which does not compress"
            )


def read_arrays(
    path: Path, names: Collection[str] | None = None
) -> dict[str, NDArray[Any]]:
    """Read the arrays of a .npz file by their names, or only those in `names`.

    Raises:
        OSError, DAMAGED_ARCHIVE: the file is missing, no plain file, or damaged.
    """
    with open_file(path) as opened:
        archive = Archive(opened)
        chosen = [name for name in archive.files if names is None or name in names]
        return {name: archive[name] for name in chosen}
