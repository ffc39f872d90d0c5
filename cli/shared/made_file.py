"""What the commands for tables and for texts share: filters, and what they print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganaug.tables.made_file import MadeFile


def read_made_filters(
    text: str | None, known: tuple[str, ...], unit: str
) -> tuple[str, ...]:
    """Read --filters; all of the known ones where none are named.

    Raises:
        ConfigError: there is no such filter.

    Example:
        >>> read_made_filters("none", ("label", "copy"), "rows")
        ()
    """
    from ganaug.tables.resampling import check_filters

    if text is None:
        return known
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    words = () if words == ("none",) else words
    check_filters(words, known, unit)
    return words


def print_made(
    found: MadeFile, columns: dict[str, str], unit: str, *, as_json: bool
) -> None:
    """Print what was made: a line, a table of its classes, notes, and what comes next.

    Args:
        found: the file.
        columns: entry of a class's tally → title of its column.
        unit: what it has, such as rows.
        as_json: whether to print one JSON object in place of all.
    """
    import json

    import typer

    from .console import make_table, results

    values = found.values
    if as_json:
        typer.echo(json.dumps({"csv": str(found.path), **values}))
        return
    made = values.get("made", values["counts"])  # a class can stay short
    total = sum(made.values())
    results.print(f"{found.path}: {total:,} {unit}", soft_wrap=True)
    rows = [
        (name, n, *(values["tallies"].get(name, {}).get(part, 0) for part in columns))
        for name, n in made.items()
    ]
    titles = ("class", f"{unit} #", *(f"{title} #" for title in columns.values()))
    results.print(make_table("", titles, rows))
    for note in values["notes"]:
        results.print(note, soft_wrap=True)
    if not found.fresh:
        results.print("it was there already; nothing was changed")
    results.print(f"next: ganaug report {found.path}", soft_wrap=True)
