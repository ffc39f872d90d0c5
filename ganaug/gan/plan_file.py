"""The file plan.json of a run: why its configuration was chosen."""

from __future__ import annotations

from pathlib import Path

from ganaug.config import ResolvedConfig
from ganaug.errors import RunError
from ganaug.files import read_json, write_json
from ganaug.gan.plan import Plan
from ganaug.records import Types

PLAN_FILE = "plan.json"
PLAN_FORMAT = 1
PLAN_CURE = "delete it"
PLAN_TYPES: Types = {
    "format": int,
    "reasons": dict[str, str],
    "rate": float,
    "minutes": float,
}


def write_plan(folder: Path, plan: Plan) -> None:
    """Write the plan's reasons, rate and time; config.json has the values."""
    values = {
        "format": PLAN_FORMAT,
        "reasons": plan.reasons,
        "rate": plan.rate,
        "minutes": plan.minutes,
    }
    write_json(folder / PLAN_FILE, values)


def read_plan(folder: Path, config: ResolvedConfig) -> Plan | None:
    """Read what `write_plan` wrote; return None where there is no file.

    Args:
        folder: the run's folder.
        config: the run's configuration, which plan.json does not repeat.

    Raises:
        RunError: the file is damaged, or of a newer format.
    """
    path = folder / PLAN_FILE
    if not path.is_file():
        return None
    values = read_json(
        path, RunError, types=PLAN_TYPES, newest=PLAN_FORMAT, cure=PLAN_CURE
    )
    rate, minutes = float(values["rate"]), float(values["minutes"])
    return Plan(config, values["reasons"], rate, minutes)
