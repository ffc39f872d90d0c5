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
    """Return alarms, ordered by the number of images seen when they rang."""
    logs = material.logs
    alarms = [
        {
            "images": row["images"],
            "title": TITLES.get(row.get("alarm", ""), "Alarm"),
            "sentence": row["sentence"],
            "part": _name_part(log, material) if len(logs) > 1 else "",
        }
        for log in logs
        for row in log.alarms
    ]
    return sorted(alarms, key=lambda alarm: alarm["images"])


def _name_part(log: Log, material: RunMaterial) -> str:
    """Return the name of the class that has this log."""
    number = log.folder.name.rpartition("-")[2]
    known = number.isdecimal() and int(number) < len(material.classes)
    return material.classes[int(number)] if known else log.folder.name
