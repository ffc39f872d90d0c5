"""plan.json of a run: why its configuration was chosen."""

from __future__ import annotations

import json
from pathlib import Path

from ganaug.config import ResolvedConfig
from ganaug.errors import CheckpointError
from ganaug.files import write_text
from ganaug.gan.plan import Plan

NAME = "plan.json"
FORMAT = 1


def write_plan(folder: Path, plan: Plan) -> None:
    """Write the plan's reasons, its rate and time; config.json has its values."""
    values = {
        "format": FORMAT,
        "reasons": plan.reasons,
        "rate": plan.rate,
        "minutes": plan.minutes,
    }
    write_text(folder / NAME, json.dumps(values, indent=1) + "\n")


def read_plan(folder: Path, config: ResolvedConfig) -> Plan | None:
    """What `write_plan` wrote, with the run's config; None where there is no file.

    Raises:
        CheckpointError: the file is damaged, or of a newer format.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] > FORMAT:
            raise CheckpointError(
                f"{path} has a newer format; update ganaug to read it"
            )
        reasons = {str(k): str(text) for k, text in values["reasons"].items()}
        rate, minutes = float(values["rate"]), float(values["minutes"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}; delete it") from error
    return Plan(config, reasons, rate, minutes)
