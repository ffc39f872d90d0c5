"""Recipes that the splits chose, and synthetic images that passed their filters."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, STANDARD, SYNTHETIC, title_arm
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import keep_together

AGAIN = {
    "": "",
    "none": "unchanged",
    "rand": "augmented again",
    "shapes": "augmented again",
}
CLASSES_SHOWN = 60  # most classes in the list


def describe_recipes(material: GainMaterial) -> dict[str, Any]:
    """Return a row per split, and the recipe that most of them chose."""
    recipes = material.result.details.recipes
    columns = [OPPONENT, SYNTHETIC]
    if recipes[STANDARD] != recipes[OPPONENT]:
        columns.insert(0, STANDARD)
    kind = material.result.verdict.kind
    chosen = Counter(recipes[SYNTHETIC])
    recipe = material.result.recipe.say()
    said = [[keep_together(text) for text in recipes[name]] for name in columns]
    again = material.result.details.again
    if any(again) and material.result.recipe.share:
        columns.append(f"images of the {PLACEBO}")
        said.append([AGAIN.get(policy, f"augmented: {policy}") for policy in again])
    return {
        "columns": [title_arm(name, kind) for name in columns],
        "rows": list(enumerate(zip(*said, strict=True), start=1)),
        "recipe": keep_together(recipe),
        "times": chosen[recipe],
        "splits": chosen.total(),
        "mixes": bool(material.result.recipe.share),
    }


def describe_kept(material: GainMaterial) -> dict[str, Any]:
    """Return a row per class with its accepted synthetic images, the fewest first."""
    details = material.result.details
    splits = len(details.recipes[SYNTHETIC])
    each = None if details.settings is None else details.settings.per_class
    wanted = splits * each if each else max(details.kept, default=0)
    pairs = zip(details.classes, details.kept, strict=True)
    counts = sorted(pairs, key=lambda pair: pair[1])
    rows = [
        {"name": name, "kept": n, "part": round(100 * min(1, n / (wanted or 1)), 2)}
        for name, n in counts
    ]
    return {
        "rows": rows[:CLASSES_SHOWN],
        "hidden": max(0, len(rows) - CLASSES_SHOWN),
        "wanted": wanted,
        "each": each,
        "splits": splits,
        "total": sum(details.kept),
        "short": sum(n < wanted for _, n in counts),
    }
