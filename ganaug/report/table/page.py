"""The page about a table's new rows."""

from __future__ import annotations

import shlex
from typing import Any

from ganaug.display.words import count
from ganaug.report.page import Section, fill_page
from ganaug.report.table.columns import describe_columns
from ganaug.report.table.material import RowMaterial
from ganaug.report.table.nearness import describe_agreement, describe_nearness
from ganaug.report.table.pairs import describe_pairs


def render_rows(material: RowMaterial) -> str:
    """Return the page's HTML."""
    return fill_page(
        "table/page.html",
        SECTIONS,
        material,
        title=material.file.path.name,
        summary=_describe_summary(material),
    )


def describe_recipe(material: RowMaterial) -> dict[str, Any]:
    """Return the command, and the settings of the training."""
    values = material.file.values
    numbers = [f"--class={name}={n}" for name, n in values["counts"].items()]
    codes = [f"--category={name}" for name in values["categories"]]
    words = [
        "ganaug", "synth", values["source"], "--label-column", values["label_column"],
        *numbers, *codes, "--seed", str(values["seed"]),
        "--out", material.file.path.name,
    ]  # fmt: skip
    return {
        "command": shlex.join(words),
        "settings": list(values["config"].items()),
    }


def _describe_summary(material: RowMaterial) -> dict[str, Any]:
    real, made = material.real, len(material.made)
    numbers = [(f"{made:,}", "synthetic rows")]
    if real is not None:
        numbers += [
            (f"{len(real.table):,}", "real rows"),
            (f"{real.table.shape[1]:,}", "columns"),
        ]
    notes = list(material.file.values["notes"])
    if material.missing:
        notes.append(f"The real rows are not shown: {material.missing}")
    classes = count(len(material.classes), "class")
    learned = (
        "" if real is None else f" that learned from {len(real.table):,} real rows"
    )
    return {
        "verdict": None,
        "mosaic": None,
        "sentence": (
            f"{count(made, 'synthetic row')} of {classes}, drawn by a GAN{learned}. "
            "Each began as a real row of its class."
        ),
        "numbers": numbers,
        "notes": notes,
    }


SECTIONS = (
    Section("table/columns", "Column by column", describe_columns),
    Section("table/pairs", "How columns hang together", describe_pairs),
    Section("table/nearness", "Closest to a real row", describe_nearness),
    Section("table/agreement", "What classifiers saw", describe_agreement),
    Section("table/recipe", "Make it again", describe_recipe, folded=True),
)
