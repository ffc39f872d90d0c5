"""What the gains of tables and of texts print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganaug.gain.judgement.arm_gains import ArmGain


def print_gains(gains: Sequence[ArmGain], *, as_json: bool) -> None:
    """Print the arms' means and a sentence per classifier, or one JSON list."""
    import json

    import typer

    from .console import make_table, results

    if as_json:
        typer.echo(json.dumps([gain.to_dict() for gain in gains]))
        return
    columns = ("arm", *(f"{gain.classifier} #" for gain in gains))
    rows = [
        (arm, *(f"{100 * gain.means[arm]:.1f}" for gain in gains))
        for arm in gains[0].means
    ]
    results.print(make_table("balanced accuracy, %", columns, rows))
    for gain in gains:
        results.print(f"{gain.word}: {gain.sentence}", soft_wrap=True)
