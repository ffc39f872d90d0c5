"""--append-to: the user's table of images, with a row for each synthetic one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ganaug.synth.store.store import Store

AppendTo = Annotated[
    Path | None,
    typer.Option(
        metavar="CSV",
        help="The data are a CSV: also write this one, with its rows and one for each "
        "synthetic image, which has synthetic=True.",
    ),
]


def find_table(out: Path | None, source: str) -> Path | None:
    """Return the table that is appended to, and refuse a wrong place early.

    Raises:
        ConfigError: the source is neither a CSV nor trained on one.
        StoreError, DataError: see `refuse_other_table`.
    """
    if out is None:
        return None
    from ganaug.data.origin import read_origin
    from ganaug.errors import ConfigError
    from ganaug.exports.appended_table import refuse_other_table

    path = Path(source)
    folder = path if path.is_dir() else path.parent
    known = source if path.suffix.lower() == ".csv" else read_origin(folder).source
    if known is None or Path(known).suffix.lower() != ".csv":
        raise ConfigError(
            "--append-to needs a table, path,label,… in a .csv file, and "
            f"{source} is none; omit it"
        )
    refuse_other_table(out, Path(known))
    return Path(known)


def append(store: Store, table: Path | None, out: Path | None) -> None:
    """Write the longer table, where one is wanted, and say so."""
    if table is None or out is None:
        return
    from ganaug.exports.appended_table import append_to_table

    from .console import printable, progress

    append_to_table(store, table, out)
    progress.print(
        f"{printable(out)}: the rows of {printable(table)}, and {len(store):,} with "
        "synthetic=True",
        soft_wrap=True,
    )
