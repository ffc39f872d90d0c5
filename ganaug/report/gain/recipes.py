"""Recipes: what each split chose, and how many synthetic images it could use."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, STANDARD, SYNTHETIC
from ganaug.report.gain.sources import GainSources
from ganaug.report.gain.words import keep_together

AGAIN = {"": "", "none": "as they are", "rand": "augmented again"}
CLASSES = 60  # listed at most


def describe_recipes(sources: GainSources) -> dict[str, Any]:
    """Return a row per split, and the recipe that most of them chose."""
    recipes = sources.result.details.recipes
    columns = [OPPONENT, SYNTHETIC]
    if recipes[STANDARD] != recipes[OPPONENT]:
        columns.insert(0, STANDARD)
    chosen = Counter(recipes[SYNTHETIC])
    recipe = sources.result.recipe.say()
    said = [[keep_together(text) for text in recipes[name]] for name in columns]
    again = sources.result.details.again
    if any(again) and sources.result.recipe.share:
        columns.append(f"images of the {PLACEBO}")
        said.append([AGAIN.get(policy, f"augmented: {policy}") for policy in again])
    return {
        "columns": columns,
        "rows": list(enumerate(zip(*said, strict=True), start=1)),
        "recipe": keep_together(recipe),
        "times": chosen[recipe],
        "splits": chosen.total(),
        "mixes": bool(sources.result.recipe.share),
    }


def describe_kept(sources: GainSources) -> dict[str, Any]:
    """List synthetic images per class that the filters kept, the fewest first."""
    details = sources.result.details
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
        "rows": rows[:CLASSES],
        "hidden": max(0, len(rows) - CLASSES),
        "wanted": wanted,
        "each": each,
        "splits": splits,
        "total": sum(details.kept),
        "short": sum(n < wanted for _, n in counts),
    }
