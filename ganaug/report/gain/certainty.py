"""Certainty: how the intervals were calculated, in words."""

from __future__ import annotations

import math
from typing import Any

from ganaug.gain.judgement.statistics import EXACT, FLIPS, Interval
from ganaug.gain.judgement.verdict import Verdict
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.splitting.splits import say_splits
from ganaug.report.gain.forest import is_flat
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import say_range


def describe_certainty(material: GainMaterial) -> dict[str, Any]:
    """Return pairs (term, sentences) about the gain over the best other training."""
    details, gain = material.result.details, material.result.gains[OPPONENT]
    gains = list(material.subtract(SYNTHETIC, OPPONENT).values())
    given = bool(material.identity.get("test"))
    facts = [
        ("The unit", _say_unit(gain)),
        ("The interval", _say_interval(gain, is_flat(gains))),
    ]
    if gain.overlap and gain.n > 1:
        facts.append(("Splits that share images", _say_overlap(gain, given)))
    if gain.test_variance:
        facts.append(("Shared test images", _say_test(gain)))
    if gain.n > 1:
        facts.append(("Flipping signs", _say_flips(gain.n, details.sign_flip_p)))
    least = details.minimum_detectable_gain
    facts.append(("What could be found", _say_least(least, material.result.verdict)))
    facts.append(("The placebo", PLACEBO))
    if details.failed_fits:
        facts.append(("Fits that failed", _say_failed(details.failed_fits)))
    return {"facts": facts}


PLACEBO = (
    "Synthetic images also change how many images a batch has, their weights and their "
    "labels. The placebo makes the same changes with the real images that they come "
    "from, augmented again unless that is worse. So synthetic images help only if they "
    "gain over the placebo too."
)


def _say_unit(gain: Interval) -> str:
    return (
        "Networks are averaged inside a split, and the split counts once. There "
        f"{'is' if gain.n == 1 else 'are'} {say_splits(gain.n)}, each with its own "
        "synthetic images and with test images that were scored once."
    )


def _say_interval(gain: Interval, flat: bool) -> str:
    if gain.n == 1:
        return "A single split has no spread, so there is no interval."
    spread = f"the gains of single splits spread by {100 * gain.spread:.1f} points"
    spread += " (standard deviation)"
    if flat:
        spread = (
            "all splits gave the same gain, so the change that one test image can make "
            f"is taken as their spread ({100 * gain.spread:.1f} points)"
        )
    return (
        f"Student’s t with {gain.degrees:.3g} degrees of freedom: {spread}, and the "
        f"standard error of their mean is {100 * gain.standard_error:.1f} points. The "
        f"interval goes from {say_range(gain)}; 95 % of such intervals contain the "
        "true gain."
    )


def _say_overlap(gain: Interval, given: bool) -> str:
    part = "n_left-out/n_train" if given else "n_test/n_train"
    return (
        "The splits take their images from one set, so their gains are not "
        f"independent. The variance is s² (1/J + {part}) = "
        f"s² (1/{gain.n} + {gain.overlap:.3g}), as Nadeau and Bengio (2003) propose, "
        f"instead of s²/{gain.n}."
    )


def _say_test(gain: Interval) -> str:
    return (
        "All splits are tested on the same images, and other images would have given "
        f"other gains: that adds {100 * math.sqrt(gain.test_variance):.1f} points of "
        "error."
    )


def _say_flips(n: int, p: float) -> str:
    if n > EXACT:
        least = (
            f"{FLIPS:,} sets of signs were drawn at random, so p is at least 0.00002."
        )
    else:
        least = f"With {n} splits p cannot go below 2/2^{n} = {2 / 2**n:.3g}."
    return (
        "If synthetic images changed nothing, each split’s gain could as well have the "
        f"opposite sign. {100 * p:.3g} % of all combinations of signs give a mean at "
        f"least as far from 0 (p = {p:.3g}, two-sided). {least}"
    )


def _say_least(least: float | None, verdict: Verdict) -> str:
    n = verdict.against_opponent.n
    if verdict.empty >= n:
        return "No split had a synthetic image to use, so nothing was measured."
    if least is None:
        of = "a single split" if n == 1 else "splits that differ so much"
        return f"With {of}, no gain could have been told from chance."
    return (
        f"The minimum detectable gain is {100 * least:.1f} points: with this spread, a "
        "true gain of that size over the best training without them is found 8 times "
        "out of 10, and a smaller one less often. They help only if a gain over "
        "the placebo is found as well."
    )


def _say_failed(n: int) -> str:
    fits = "one fit’s loss" if n == 1 else f"the losses of {n} fits"
    return f"{fits.capitalize()} stopped being finite; each was dropped with its pair."
