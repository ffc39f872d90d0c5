"""Certainty: what the intervals rest on, in words."""

from __future__ import annotations

import math
from typing import Any

from ganaug.gain.judgement.statistics import EXACT, FLIPS, Interval
from ganaug.gain.judgement.verdict import Verdict
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.report.gain.forest import is_flat
from ganaug.report.gain.sources import GainSources
from ganaug.report.gain.words import say_range


def describe_certainty(sources: GainSources) -> dict[str, Any]:
    """List (term, sentences) about the gain over the opponent."""
    details, gain = sources.result.details, sources.result.gains[OPPONENT]
    gains = list(sources.subtract(SYNTHETIC, OPPONENT).values())
    given = bool(sources.identity.get("test"))
    facts = [
        ("The unit", _say_unit(gain)),
        ("The interval", _say_interval(gain, is_flat(gains))),
    ]
    if gain.overlap and gain.n > 1:
        facts.append(("Splits that share images", _say_overlap(gain, given)))
    if gain.test_variance:
        facts.append(("Shared test images", _say_test(gain)))
    facts.append(("Flipping signs", _say_flips(gain.n, details.sign_flip_p)))
    least = details.minimum_detectable_gain
    facts.append(("What could be seen", _say_least(least, sources.result.verdict)))
    facts.append(("The placebo", PLACEBO))
    if details.failed_fits:
        facts.append(("Fits that failed", _say_failed(details.failed_fits)))
    return {"facts": facts}


PLACEBO = (
    "GAN images also change how many images a batch has, their weights and their "
    "labels. The placebo does all of this with the real images that the GAN saw, "
    "augmented once more unless that is worse, so a gain counts only if it is one over "
    "the placebo too."
)


def _say_unit(gain: Interval) -> str:
    splits = "one split" if gain.n == 1 else f"{gain.n} splits"
    return (
        "Networks are averaged inside a split, and the split counts once. This is "
        f"{splits}, each with a GAN of its own and test images that were scored once."
    )


def _say_interval(gain: Interval, flat: bool) -> str:
    if gain.n == 1:
        return "A single split has no spread, so there is no interval."
    spread = f"the gains of single splits spread by {100 * gain.spread:.1f} points"
    spread += " (standard deviation)"
    if flat:
        spread = (
            "all splits gave the same gain, and a single test image stands for their "
            f"spread ({100 * gain.spread:.1f} points)"
        )
    return (
        f"Student’s t with {gain.degrees:.3g} degrees of freedom: {spread}, the "
        f"error of their mean is {100 * gain.standard_error:.1f} points. The interval "
        f"goes from {say_range(gain)}; 95 % of such intervals contain the true gain."
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
        floor = f"{FLIPS:,} sets of signs were drawn at random: it is 0.00002 at least."
    else:
        floor = f"With {n} splits it cannot go below 2/2^{n} = {2 / 2**n:.3g}."
    return (
        "If GAN images did nothing, each split’s gain could as well have the other "
        f"sign. {100 * p:.3g} % of all ways to set the signs give a mean as far from 0 "
        f"(p = {p:.3g}, two-sided). {floor}"
    )


def _say_least(least: float | None, verdict: Verdict) -> str:
    n = verdict.against_opponent.n
    if verdict.empty >= n:
        return "No split had a synthetic image to use, so nothing was measured."
    if least is None:
        of = "a single split" if n == 1 else "splits that differ so much"
        return f"With {of} no gain could have been told from chance."
    return (
        f"The minimum detectable gain is {100 * least:.1f} points: with this spread, a "
        "true gain of that size over the opponent is found 8 times in 10, and smaller "
        "ones less often. To help, it must be found over the placebo as well."
    )


def _say_failed(n: int) -> str:
    fits = "one fit’s loss" if n == 1 else f"the losses of {n} fits"
    return f"{fits.capitalize()} stopped being finite; each was dropped with its pair."
