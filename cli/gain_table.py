"""`ganaug gain TABLE.csv --label-column NAME`: whether GAN rows help on a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ganaug.gain.tables.measuring import RowGain


def measure_table(
    data: str,
    label_column: str,
    *,
    out: Path | None,
    categories: list[str],
    splits: int,
    margin: float,
    seed: int,
    others: dict[str, Any],
    as_json: bool,
) -> tuple[RowGain, ...]:
    """Measure and print the gain with GAN rows; see `measure_row_gain`."""
    import json

    from ganaug.errors import ConfigError
    from ganaug.gain.tables.measuring import measure_row_gain
    from ganaug.tables.settings import TableConfig

    from .shared.console import progress
    from .train import default_place

    for option, value in others.items():
        if value:
            raise ConfigError(f"{option} is for images; with --label-column omit it")
    found = measure_row_gain(
        Path(data),
        label_column,
        out or default_place(data, "-gain"),
        categories=categories,
        splits=splits,
        margin=margin,
        config=TableConfig(seed=seed),
        tell=lambda done, of: progress.print(f"split {done} of {of} done"),
    )
    if as_json:
        typer.echo(json.dumps([gain.to_dict() for gain in found]))
    else:
        _print_gains(found)
    return found


def _print_gains(gains: Sequence[RowGain]) -> None:
    from .shared.console import make_table, results

    columns = ("arm", *(f"{gain.classifier} #" for gain in gains))
    rows = [
        (arm, *(f"{100 * gain.means[arm]:.1f}" for gain in gains))
        for arm in gains[0].means
    ]
    results.print(make_table("balanced accuracy, %", columns, rows))
    for gain in gains:
        results.print(f"{gain.word}: {gain.sentence}", soft_wrap=True)
