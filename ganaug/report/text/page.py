"""The page about new texts."""

from __future__ import annotations

import shlex
from typing import Any

from ganaug.display.words import count
from ganaug.report.page import Section, fill_page
from ganaug.report.text.examples import describe_closest, describe_examples
from ganaug.report.text.material import TextMaterial
from ganaug.report.text.scores import describe_agreement, describe_fluency
from ganaug.text.drawing import REWRITE, TOP_P
from ganaug.text.filters import FILTERS
from ganaug.text.settings import TextConfig


def render_texts(material: TextMaterial) -> str:
    """Return the page's HTML."""
    return fill_page(
        "text/page.html",
        SECTIONS,
        material,
        title=material.file.path.name,
        summary=_describe_summary(material),
    )


def describe_recipe(material: TextMaterial) -> dict[str, Any]:
    """Return the command, and the settings of the training."""
    values = material.file.values
    words = [
        "ganaug", "text", "synth", values["source"],
        "--text-column", values["text_column"],
        "--label-column", values["label_column"],
        *[f"--class={name}={n}" for name, n in values["counts"].items()],
    ]  # fmt: skip
    if values["unlabelled"] is not None:
        words += ["--unlabelled", values["unlabelled"]]
    words += _list_options(values)
    words += ["--seed", str(values["seed"]), "--out", material.file.path.name]
    return {
        "command": shlex.join(words),
        "settings": list(values["config"].items()),
    }


def _list_options(values: dict[str, Any]) -> list[str]:
    """List the options that differ from the usual ones."""
    usual, words = TextConfig().to_dict(), []
    if values["rewrite"] is None:
        words.append("--whole")
    elif values["rewrite"] != REWRITE:
        words += ["--rewrite", str(values["rewrite"])]
    if values["top_p"] != TOP_P:
        words += ["--top-p", str(values["top_p"])]
    if values["filters"] != list(FILTERS):
        words += ["--filters", ",".join(values["filters"]) or "none"]
    if values["budget"] is not None:
        words += ["--budget", f"{values['budget']:g}s"]
    changed = [n for n, v in values["config"].items() if n != "seed" and v != usual[n]]
    return [*words, *(f"--set={name}={values['config'][name]}" for name in changed)]


def _describe_summary(material: TextMaterial) -> dict[str, Any]:
    real, made = material.real, len(material.texts)
    numbers = [(f"{made:,}", "synthetic texts")]
    notes = list(material.file.values["notes"])
    learned = ""
    if real is not None:
        numbers.append((f"{len(real.texts):,}", "real texts"))
        learned = f" that learned from {len(real.texts):,} real ones"
    if material.missing:
        notes.append(f"The real texts are not shown: {material.missing}")
    return {
        "verdict": None,
        "mosaic": None,
        "sentence": (
            f"{count(made, 'synthetic text')} of "
            f"{count(len(material.classes), 'class')}, written by networks{learned}. "
            "Each began as a real text of its class."
        ),
        "numbers": numbers,
        "notes": notes,
    }


SECTIONS = (
    Section("text/examples", "Real beside synthetic", describe_examples),
    Section("text/closest", "Closest to a real text", describe_closest),
    Section("text/fluency", "Fluency", describe_fluency),
    Section("table/agreement", "What classifiers saw", describe_agreement),
    Section("table/recipe", "Make it again", describe_recipe, folded=True),
)
