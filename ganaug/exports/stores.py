"""export_store: the images of a store in a format that other programs read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.data.origin import read_origin
from ganaug.errors import ConfigError, StoreError
from ganaug.exports.cards import UNKNOWN, check_licence
from ganaug.exports.dataset_card import write_dataset_card
from ganaug.exports.formats.content import Content, Tell
from ganaug.exports.formats.csv_table import write_csv_table
from ganaug.exports.formats.image_folder import write_image_folder
from ganaug.exports.formats.npz import write_npz
from ganaug.exports.formats.parquet import write_parquet
from ganaug.exports.formats.web_dataset import write_web_dataset
from ganaug.exports.origins import describe_about
from ganaug.exports.places import fill_file, fill_folder, refuse_taken
from ganaug.exports.selection import Selection
from ganaug.spelling import suggest
from ganaug.synth.real_images import find_real
from ganaug.synth.store.store import Store


@dataclass(frozen=True)
class Format:
    """One format of labelled images.

    Attributes:
        write: function that writes a path from a content.
        suffix: ending of its file; "" for a folder, which gets a dataset card.
        files: pattern of the data files in that folder.
    """

    write: Callable[[Path, Content], None]
    suffix: str = ""
    files: str = ""


FORMATS: dict[str, Format] = {
    "imagefolder": Format(write_image_folder, files="train/**"),
    "webdataset": Format(write_web_dataset, files="train-*.tar"),
    "parquet": Format(write_parquet, ".parquet"),
    "npz": Format(write_npz, ".npz"),
    "csv": Format(write_csv_table, ".csv"),
}


def export_store(
    store: Store | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    format: str,  # noqa: A002 (as the command has it)
    real: bool = False,
    data: Any = None,
    license: str = UNKNOWN,  # noqa: A002
    progress: Tell | None = None,
) -> Path:
    """Write the images of a store in a format that other programs read.

    `imagefolder` and `webdataset` are folders with a dataset card; `parquet`, `npz` and
    `csv` are files. Rejected candidates have no image and are in none of them. A CSV
    names the files where they are; the others hold the images.

    Args:
        store: the store, or its folder.
        out: the new file or folder.
        format: `imagefolder`, `webdataset`, `parquet`, `npz` or `csv`.
        real: whether the real images come too, in front, at the size of the store's.
        data: the real images, where they have moved or came from memory.
        license: identifier of the licence, such as `cc-by-4.0`, for the card.
        progress: function of the number of images written, and of all.

    Returns:
        The path of the new file or folder.

    Raises:
        ConfigError: there is no such format; the licence is no identifier; a CSV should
            name real images that are in no files.
        StoreError: there is no store, an image is damaged, something is at `out`
            already, or the disk refuses.
        DataError: the real images cannot be found, or have other classes.
        MissingExtraError: parquet needs pyarrow, which is not installed.

    Example:
        >>> export_store("digits-plus", "d.npz", format="npz")  # doctest: +SKIP
        PosixPath('d.npz')
    """
    form, path = find_format(format), Path(out)
    licence = check_licence(license)
    refuse_taken(path, StoreError)
    opened = store if isinstance(store, Store) else Store.load(store)
    _refuse_inside(path, opened.path)
    selection = _select(opened, data, real=real)
    content = Content(
        selection,
        card=write_dataset_card(
            selection, title=path.resolve().name, licence=licence, files=form.files
        ),
        about=describe_about(opened, licence),
        tell=progress or (lambda done, total: None),
        out=path,
    )
    fill = fill_file if form.suffix else fill_folder
    fill(path, lambda hidden: form.write(hidden, content), StoreError)
    return path


def find_format(name: str) -> Format:
    """Return the format of that name; raise ConfigError where there is none."""
    if name not in FORMATS:
        raise ConfigError(
            f"there is no format {name!r}{suggest(name, FORMATS)}; choose one of "
            f"{', '.join(FORMATS)}"
        )
    return FORMATS[name]


def _refuse_inside(out: Path, store: Path) -> None:
    if out.resolve().is_relative_to(store.resolve()):
        raise StoreError(
            f"{out} lies in the store, whose folders are its classes; choose another "
            "--out"
        )


def _select(store: Store, data: Any, *, real: bool) -> Selection:
    if not real:
        if data is not None:
            raise ConfigError("data are the real images, which need real=True (--real)")
        return Selection(store)
    source = read_origin(store.path).source if data is None else data
    if not isinstance(source, str | os.PathLike):
        source = None
    return Selection(store, find_real(store, data), _find_folder(source))


def _find_folder(source: str | os.PathLike[str] | None) -> Path | None:
    """Return where the names of the real images' files lead from."""
    if source is None:
        return None
    path = Path(source)
    return path if path.is_dir() else path.parent
