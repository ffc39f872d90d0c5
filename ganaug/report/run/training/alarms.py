"""Alarms: what rang in a training, in order, with what to do about it."""

from __future__ import annotations

from typing import Any

from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.training_log import Log

ALARMS_SHOWN = 12
TITLES = {
    "collapse": "Mode collapse",
    "vanishing": "Vanishing gradients",
    "overfitting": "Overfitting",
}


def describe_alarms(material: RunMaterial) -> dict[str, Any]:
    """Return the first alarms, and how many more there are."""
    alarms = list_alarms(material)
    return {
        "alarms": alarms[:ALARMS_SHOWN],
        "further": max(0, len(alarms) - ALARMS_SHOWN),
    }


def list_alarms(material: RunMaterial) -> list[dict[str, Any]]:
    """Return alarms, ordered by the number of images seen when they rang.

    `over` is the row that says how one ended; None where it rang to the last.
    """
    logs = material.logs
    alarms = [
        {
            "images": row["images"],
            "title": TITLES.get(row.get("alarm", ""), "Alarm"),
            "sentence": row["sentence"],
            "part": _name_part(log, material) if len(logs) > 1 else "",
            "over": _find_end(log, row),
        }
        for log in logs
        for row in log.alarms
    ]
    return sorted(alarms, key=lambda alarm: alarm["images"])


def _find_end(log: Log, alarm: dict[str, Any]) -> dict[str, Any] | None:
    """Return the first row that says that an alarm is over."""
    for row in log.ends:
        if row["over"] == alarm.get("alarm") and row["images"] > alarm["images"]:
            return row
    return None


def _name_part(log: Log, material: RunMaterial) -> str:
    """Return the name of the class that has this log."""
    number = log.folder.name.rpartition("-")[2]
    known = number.isdecimal() and int(number) < len(material.classes)
    return material.classes[int(number)] if known else log.folder.name
