"""Options that lead to a plan, shared by the verbs that train or would train."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganaug.errors import ConfigError

if TYPE_CHECKING:
    from ganaug.config import TrainConfig
    from ganaug.data.fingerprint import Fingerprint
    from ganaug.data.images import LabelledImages
    from ganaug.gan.plan import Plan

UNITS = {"s": 1 / 60, "m": 1.0, "h": 60.0, "": 1.0}


def parse_minutes(text: str | None) -> float | None:
    """Minutes from `90s`, `10m`, `1.5h` or a plain number of minutes.

    Example:
        >>> parse_minutes("90s"), parse_minutes("2h"), parse_minutes(None)
        (1.5, 120.0, None)
    """
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text)
    if not match or float(match[1]) <= 0:
        raise ConfigError(
            f"--budget {text} is not a time; write for example 90s, 10m or 1.5h"
        )
    return float(match[1]) * UNITS[match[2]]


def choose_plan(
    images: LabelledImages,
    fingerprint: Fingerprint,
    *,
    budget: str | None,
    device: str,
    config: Path | None,
    settings: list[str],
) -> Plan:
    """The plan for the data, with a saved config and `--set` words in front of it."""
    from ganaug.config import parse_settings
    from ganaug.engine import pick_device
    from ganaug.gan.plan import make_plan

    return make_plan(
        images,
        fingerprint,
        budget=parse_minutes(budget),
        device=pick_device(device),
        overrides=parse_settings(settings),
        base=None if config is None else read_config(config),
    )


def read_config(path: Path) -> TrainConfig:
    """A complete configuration from a `config.json`."""
    from ganaug.config import TrainConfig

    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} is no configuration; it must be a JSON object")
    return TrainConfig.from_dict(values)


def plan_rows(plan: Plan) -> list[dict[str, Any]]:
    """One dict per choice of the plan: choice, value and reason."""
    rows = [
        {"choice": name, "value": value, "reason": plan.reasons.get(name, "")}
        for name, value in plan.config.to_dict().items()
    ]
    time = {"choice": "time", "value": f"{plan.minutes:.1f} minutes"}
    return [*rows, {**time, "reason": f"at {plan.rate:.0f} images/s"}]
