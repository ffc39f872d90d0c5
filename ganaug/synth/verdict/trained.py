"""Trained: how long a store's GAN was trained, and what the user had set."""

from __future__ import annotations

from typing import Any

from ganaug.gan.plan import AS_ASKED
from ganaug.gan.plan_file import read_plan
from ganaug.gan.run_folder import Run
from ganaug.training.journal import read_journal


def describe_training(run: Run) -> dict[str, Any]:
    """Describe a run's training for the meta.json of its stores.

    Returns:
        `minutes`, as planned or else as logged, without the key where nobody timed it;
        `settings`, the fields that the user set.
    """
    found: dict[str, Any] = {"settings": _read_settings(run)}
    minutes = run.length.minutes if run.length else _read_seconds(run) / 60
    return found | ({"minutes": round(minutes, 3)} if minutes else {})


def _read_settings(run: Run) -> dict[str, Any]:
    plan = read_plan(run.path, run.config)
    reasons = {} if plan is None else plan.reasons
    values = run.config.to_dict()
    return {name: values[name] for name, why in reasons.items() if why == AS_ASKED}


def _read_seconds(run: Run) -> float:
    """Read the seconds in the logs of all networks of a run."""
    return sum(
        max(
            (row.get("seconds") or 0.0 for row in read_journal(folder)),
            default=0.0,
        )
        for folder in run.folders
    )
