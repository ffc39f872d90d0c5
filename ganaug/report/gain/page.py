"""The page about a gain: its verdict in large type, and the details."""

from __future__ import annotations

import math
from typing import Any

from ganaug.gain.judgement.verdict import HURTS, OPEN, SAME, Verdict
from ganaug.gain.protocol.arms import OPPONENT, title_arm
from ganaug.recipe import HELPS
from ganaug.report.gain.advice import describe_advice
from ganaug.report.gain.arms import describe_arms
from ganaug.report.gain.cells import describe_cells
from ganaug.report.gain.certainty import describe_certainty
from ganaug.report.gain.forest import describe_gains
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.protocol import describe_protocol
from ganaug.report.gain.recalls import describe_recalls
from ganaug.report.gain.recipes import describe_kept, describe_recipes
from ganaug.report.gain.shifted import describe_shifted
from ganaug.report.gain.words import say_points
from ganaug.report.page import Section, fill_page
from ganaug.report.run.gallery import lay_band

HEADLINES = {
    HELPS: "{} help",
    SAME: "{} make no difference",
    HURTS: "{} hurt",
    OPEN: "Cannot tell whether {} help",
}
SECTIONS = (
    Section("gain/advice", "What to do now", describe_advice),
    Section("gain/forest", "The gains", describe_gains),
    Section("gain/shifted", "On corrupted test images", describe_shifted),
    Section("gain/cells", "Cell by cell", describe_cells),
    Section("gain/arms", "Every way of training", describe_arms),
    Section("gain/recalls", "Class by class", describe_recalls),
    Section("gain/recipes", "What each split chose", describe_recipes),
    Section("gain/kept", "Synthetic images that passed", describe_kept),
    Section("gain/certainty", "How sure this is", describe_certainty),
    Section("gain/protocol", "What was requested", describe_protocol),
)


def render_gain(material: GainMaterial) -> str:
    """Return the page's HTML."""
    return fill_page(
        "gain/page.html",
        SECTIONS,
        material,
        title=material.title,
        summary=describe_verdict(material),
    )


def describe_verdict(material: GainMaterial) -> dict[str, Any]:
    """Return the contents of the page's head: verdict, numbers and notes."""
    verdict = material.result.verdict
    drawn, labels = material.drawn, material.labels
    mosaic = None
    if drawn is not None and labels is not None:
        classes = range(int(labels.max()) + 1)
        mosaic = lay_band([drawn[labels == k] for k in classes])
    return {
        "mosaic": mosaic,
        "kind": verdict.word.replace(" ", "-"),
        "headline": say_headline(verdict),
        "sentence": verdict.sentence,
        "numbers": _list_numbers(material),
        "notes": material.result.details.notes,
    }


def say_headline(verdict: Verdict) -> str:
    """Say the verdict in a few words."""
    said = HEADLINES[verdict.word].format(verdict.images)
    return said[0].upper() + said[1:]


def _list_numbers(material: GainMaterial) -> list[tuple[str, str]]:
    """Return pairs (value, meaning)."""
    verdict, details = material.result.verdict, material.result.details
    gain = verdict.against_opponent
    numbers = [
        (say_points(gain.mean), f"points over the {title_arm(OPPONENT, verdict.kind)}"),
        (say_points(verdict.against_placebo.mean), "points over the placebo"),
        (f"{gain.n:,}", "split" if gain.n == 1 else "splits"),
    ]
    least = details.minimum_detectable_gain
    if least is not None and math.isfinite(least):
        numbers.append((f"{100 * least:.1f}", "points: minimum detectable gain"))
    return numbers
