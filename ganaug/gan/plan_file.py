"""plan.json of a run: why its configuration was chosen."""

from __future__ import annotations

from pathlib import Path

from ganaug.config import ResolvedConfig
from ganaug.errors import RunError
from ganaug.files import read_json, refuse_damage, write_json
from ganaug.gan.plan import Plan

NAME = "plan.json"
FORMAT = 1
CURE = "delete it"


def write_plan(folder: Path, plan: Plan) -> None:
    """Write the plan's reasons, its rate and time; config.json has its values."""
    values = {
        "format": FORMAT,
        "reasons": plan.reasons,
        "rate": plan.rate,
        "minutes": plan.minutes,
    }
    write_json(folder / NAME, values)


def read_plan(folder: Path, config: ResolvedConfig) -> Plan | None:
    """Read what `write_plan` wrote; return None where there is no file.

    Args:
        folder: of the run.
        config: of the run, which the plan's file does not repeat.

    Raises:
        RunError: the file is damaged, or of a newer format.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    values = read_json(path, RunError, newest=FORMAT, cure=CURE)
    with refuse_damage(path, RunError, CURE):
        reasons = {str(k): str(text) for k, text in values["reasons"].items()}
        rate, minutes = float(values["rate"]), float(values["minutes"])
    return Plan(config, reasons, rate, minutes)
