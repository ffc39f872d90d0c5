"""`ganaug gain TABLE.csv --label-column NAME`: whether GAN rows help on a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganaug.gain.judgement.arm_gains import ArmGain


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
) -> tuple[ArmGain, ...]:
    """Measure and print the gain with GAN rows; see `measure_row_gain`."""
    from ganaug.errors import ConfigError
    from ganaug.gain.tables.measuring import measure_row_gain
    from ganaug.tables.settings import TableConfig

    from ..shared.arm_gains import print_gains
    from ..shared.console import progress
    from ..train import default_place

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
    print_gains(found, as_json=as_json)
    return found
