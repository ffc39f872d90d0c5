"""`ganaug synth TABLE.csv --label-column NAME`: further rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ganaug.tables.synthesis import RowFile


@dataclass(frozen=True, kw_only=True)
class TableCommand:
    """Options of the command, as typed.

    Attributes:
        source: the CSV.
        label_column: the column of classes.
        numbers: rows per class, class → rows, or None with `balance`.
        balance: whether every class is filled up to the largest.
        categories: columns that are categories although they hold numbers.
        others: option → value, of options that only images have.
    """

    source: str
    label_column: str
    numbers: int | dict[str, int] | None
    balance: bool
    out: Path | None
    seed: int
    filters: str | None
    budget: str | None
    settings: list[str]
    device: str
    categories: list[str]
    others: dict[str, Any]


def make_table_rows(command: TableCommand, as_json: bool) -> None:
    """Train on a table, and write a CSV of further rows."""
    from ganaug.errors import ConfigError
    from ganaug.synth.counts import plan_counts
    from ganaug.tables.csv_file import lists_images
    from ganaug.tables.synthesis import synthesize_rows
    from ganaug.training.bar import show_training

    from .shared.console import progress
    from .shared.planning import parse_minutes
    from .train import default_place

    _refuse_others(command.others)
    path = Path(command.source)
    if path.suffix.lower() != ".csv" or not path.is_file():
        raise ConfigError(
            f"--label-column is for a table, a .csv file, and {path} is none"
        )
    if lists_images(path):
        raise ConfigError(
            f"{path} lists image files in its column path; omit --label-column, or "
            "remove that column to draw rows of the others"
        )
    minutes = parse_minutes(command.budget)
    found = synthesize_rows(
        path,
        command.label_column,
        command.out or Path(f"{default_place(command.source, '-synthetic')}.csv"),
        lambda classes, real: plan_counts(
            classes, command.numbers, balance=command.balance, real=real
        ),
        categories=command.categories,
        filters=_read_filters(command.filters),
        config=_read_config(command.settings, command.seed),
        budget=None if minutes is None else 60 * minutes,
        device="cpu" if command.device == "auto" else command.device,
        show=lambda stack: stack.enter_context(show_training(progress, unit="rows")),
    )
    _print_rows(found, as_json)


def _refuse_others(others: dict[str, Any]) -> None:
    """Raise ConfigError for options that mean nothing beside a table."""
    from ganaug.errors import ConfigError

    for option, value in others.items():
        if value:
            raise ConfigError(f"{option} is for images; with --label-column omit it")


def _read_filters(text: str | None) -> tuple[str, ...]:
    from ganaug.tables.resampling import FILTERS, check_filters

    if text is None:
        return FILTERS
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    words = () if words == ("none",) else words
    check_filters(words)
    return words


def _read_config(settings: list[str], seed: int) -> Any:
    from ganaug.config import parse_settings
    from ganaug.tables.settings import TableConfig, suit_loss

    asked = parse_settings(settings, TableConfig)
    base = suit_loss(asked.pop("loss", TableConfig().loss))
    return base.replace(**{"seed": seed, **asked})


def _print_rows(found: RowFile, as_json: bool) -> None:
    import json

    from .shared.console import make_table, results

    values = found.values
    if as_json:
        shown = {"csv": str(found.path), **values}
        typer.echo(json.dumps(shown))
        return
    results.print(
        f"{found.path}: {sum(values['counts'].values()):,} rows", soft_wrap=True
    )
    rows = [
        (name, n, *_spell(values["tallies"].get(name, {})))
        for name, n in values["counts"].items()
    ]
    columns = "class", "rows #", "drawn #", "another class #", "copies #"
    results.print(make_table("", columns, rows))
    for note in values["notes"]:
        results.print(note, soft_wrap=True)
    if not found.fresh:
        results.print("it was there already; nothing was changed")
    results.print(f"next: ganaug report {found.path}", soft_wrap=True)


def _spell(tally: dict[str, int]) -> tuple[int, ...]:
    return tuple(tally.get(name, 0) for name in ("drawn", "wrong", "copies"))
