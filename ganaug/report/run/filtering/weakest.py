"""The weakest images that passed the filters, by class."""

from __future__ import annotations

from typing import Any

from ganaug.report.images import InlineImage
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import read_stored

CLASSES_SHOWN = 20  # most classes; the first ones are shown
KINDS = {
    "realism": "nearest to being an outlier",
    "label": "classifiers were least sure",
}


def describe_weakest(material: RunMaterial) -> dict[str, Any] | None:
    """Return the accepted images with the lowest scores; None without any scores."""
    weakest = material.candidates.weakest
    names = [name for name in material.classes if weakest.get(name)]
    rows = [
        {"name": name, "kinds": _describe(material, name)}
        for name in names[:CLASSES_SHOWN]
    ]
    if not rows:
        return None
    return {"rows": rows, "hidden": len(names) - len(rows)}


def _describe(material: RunMaterial, name: str) -> list[dict[str, Any]]:
    found = material.candidates.weakest[name]
    return [
        {"filter": kind, "title": title, "images": _show(material, found[kind])}
        for kind, title in KINDS.items()
        if kind in found
    ]


def _show(material: RunMaterial, rows: Any) -> list[tuple[float, InlineImage]]:
    shown = [(score, read_stored(material, row.path)) for score, row in rows]
    return [(score, image) for score, image in shown if image is not None]
