"""`ganaug synth TABLE.csv --label-column NAME`: further rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLUMNS = {"drawn": "drawn", "wrong": "another class", "copies": "copies"}


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
    from ganaug.tables.resampling import FILTERS
    from ganaug.tables.synthesis import synthesize_rows
    from ganaug.training.bar import show_training

    from ..shared.console import progress
    from ..shared.made_file import print_made, read_made_filters
    from ..shared.planning import parse_minutes
    from ..train import default_place

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
        filters=read_made_filters(command.filters, FILTERS, "rows"),
        config=_read_config(command.settings, command.seed),
        budget=None if minutes is None else 60 * minutes,
        device="cpu" if command.device == "auto" else command.device,
        show=lambda stack: stack.enter_context(show_training(progress, unit="rows")),
    )
    print_made(found, COLUMNS, "rows", as_json=as_json)


def _refuse_others(others: dict[str, Any]) -> None:
    """Raise ConfigError for options that mean nothing beside a table."""
    from ganaug.errors import ConfigError

    for option, value in others.items():
        if value:
            raise ConfigError(f"{option} is for images; with --label-column omit it")


def _read_config(settings: list[str], seed: int) -> Any:
    from ganaug.config import parse_settings
    from ganaug.tables.settings import TableConfig, suit_loss

    asked = parse_settings(settings, TableConfig)
    base = suit_loss(asked.pop("loss", TableConfig().loss))
    return base.replace(**{"seed": seed, **asked})
