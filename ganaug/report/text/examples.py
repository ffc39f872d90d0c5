"""Examples: new texts beside the real ones that they began as, and the nearest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganaug.metrics.neighbours import nearest_neighbours
from ganaug.report.text.material import TextMaterial
from ganaug.synth.made.real_texts import RealTexts
from ganaug.text.synthesis import AGREEMENT, DISTANCE, FLUENCY, ORIGIN

SHOWN = 5  # texts of each class
MOST_CLASSES = 20
CLOSEST = 8
LONGEST = 300  # characters of a text


def describe_examples(material: TextMaterial) -> dict[str, Any] | None:
    """Return some texts of each class, spread over the file."""
    if not material.texts:
        return None
    groups = []
    for k, name in enumerate(material.classes[:MOST_CLASSES]):
        own = np.flatnonzero(material.labels == k)
        some = own[np.linspace(0, len(own) - 1, min(SHOWN, len(own))).astype(int)]
        if len(some):
            groups.append({"name": name, "rows": _list(material, some)})
    return {"groups": groups, "hidden": len(material.classes) - MOST_CLASSES}


def describe_closest(material: TextMaterial) -> dict[str, Any] | None:
    """Return the texts that are nearest to a real one."""
    real = material.real
    if real is None or not material.texts:
        return None
    distance = material.figures[DISTANCE].to_numpy(np.float64)
    order = np.argsort(distance, kind="stable")[:CLOSEST]
    return {
        "limit": real.judge.least,
        "median": float(np.median(distance)),
        "rows": _list(material, order),
    }


def _list(material: TextMaterial, places: Any) -> list[dict[str, Any]]:
    texts = [material.texts[k] for k in places]
    real = material.real
    nearest = [""] * len(texts) if real is None else _find_nearest(real, texts)
    rows = []
    for k, near in zip(places, nearest, strict=True):
        figures = material.figures.iloc[k]
        origin = int(figures[ORIGIN]) - 1
        known = real is not None and 0 <= origin < len(real.texts)
        rows.append(
            {
                "class": material.classes[material.labels[k]],
                "made": _shorten(material.texts[k]),
                "origin": _shorten(real.texts[origin]) if real and known else None,
                "nearest": _shorten(near) or None,
                "agreement": float(figures[AGREEMENT]),
                "distance": float(figures[DISTANCE]),
                "fluency": float(figures[FLUENCY]),
            }
        )
    return rows


def _find_nearest(real: RealTexts, texts: list[str]) -> list[str]:
    judge = real.judge
    found = nearest_neighbours(judge.embed(texts), judge.rows.real)
    return [real.texts[k] for k in found.indices[:, 0]]


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
