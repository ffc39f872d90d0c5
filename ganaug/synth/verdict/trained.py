"""Trained: how long a store's GAN was trained, and what the user had set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganaug.gan.plan import AS_ASKED, AS_GIVEN
from ganaug.gan.plan_file import read_plan
from ganaug.gan.run_folder import Run
from ganaug.gan.start.parent import read_record
from ganaug.training.journal import read_journal
from ganaug.translate.run_folder import TranslatorRun


def describe_training(run: Run) -> dict[str, Any]:
    """Describe a run's training for the meta.json of its stores.

    Returns:
        `minutes`, as planned or else as logged, without the key where nobody timed it;
        `settings`, the fields that the user set; `given`, which is true, where the user
        gave the whole configuration; `start`, the path, classes and data's digest of
        the run that it began from, if any.
    """
    plan = read_plan(run.path, run.config)
    reasons = {} if plan is None else plan.reasons
    values = run.config.to_dict()
    asked = {name: values[name] for name, why in reasons.items() if why == AS_ASKED}
    found: dict[str, Any] = {"settings": asked}
    if plan is None or AS_GIVEN in reasons.values():
        found["given"] = True
    start = read_record(run.path)
    if start is not None:
        found["start"] = start
    minutes = run.length.minutes if run.length else _read_minutes(*run.folders)
    return found | _round(minutes)


def describe_translator(run: TranslatorRun) -> dict[str, Any]:
    """Describe a translator's training in the same way."""
    settings = {"settings": run.settings} if run.settings else {}
    return settings | _round(run.minutes or _read_minutes(run.path))


def _round(minutes: float) -> dict[str, float]:
    return {"minutes": round(minutes, 3)} if minutes else {}


def _read_minutes(*folders: Path) -> float:
    """Read the time in the logs of all networks of a run."""
    seconds = sum(
        max((row.get("seconds") or 0.0 for row in read_journal(folder)), default=0.0)
        for folder in folders
    )
    return seconds / 60
