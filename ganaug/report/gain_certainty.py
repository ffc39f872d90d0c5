"""Certainty: what the intervals rest on, in words."""

from __future__ import annotations

import math
from typing import Any

from ganaug.gain.protocol import OPPONENT
from ganaug.gain.statistics import EXACT, Interval
from ganaug.report.gain_sources import GainSources
from ganaug.report.gain_words import say_range


def describe_certainty(sources: GainSources) -> dict[str, Any]:
    """(term, sentences) about the gain over the opponent."""
    details, gain = sources.result.details, sources.result.gains[OPPONENT]
    given = bool(sources.asked.get("test"))
    facts = [
        ("The unit", _say_unit(gain)),
        ("The interval", _say_interval(gain)),
    ]
    if gain.overlap and gain.n > 1:
        facts.append(("Splits that share images", _say_overlap(gain, given)))
    if gain.test_variance:
        facts.append(("Shared test images", _say_test(gain)))
    facts.append(("Flipping signs", _say_flips(gain.n, details["sign_flip_p"])))
    facts.append(("What could be seen", _say_least(details["minimum_detectable_gain"])))
    facts.append(("The placebo", PLACEBO))
    if details["failed_fits"]:
        facts.append(("Fits that failed", _say_failed(details["failed_fits"])))
    return {"facts": facts}


PLACEBO = (
    "GAN images also change how many images a batch has, their weights and their "
    "labels. The placebo does all of this with re-augmented real images, so a gain "
    "counts only if it is one over the placebo too."
)


def _say_unit(gain: Interval) -> str:
    splits = "one split" if gain.n == 1 else f"{gain.n} splits"
    return (
        "Networks are averaged inside a split, and the split counts once. This is "
        f"{splits}, each with a GAN of its own and test images that were scored once."
    )


def _say_interval(gain: Interval) -> str:
    if gain.n == 1:
        return "A single split has no spread, so there is no interval."
    return (
        f"Student’s t with {gain.degrees:.3g} degrees of freedom: the gains of single "
        f"splits spread by {100 * gain.spread:.1f} points (standard deviation), the "
        f"error of their mean is {100 * gain.standard_error:.1f} points. The interval "
        f"goes from {say_range(gain)}; 95 % of such intervals hold the true gain."
    )


def _say_overlap(gain: Interval, given: bool) -> str:
    part = "n_left-out/n_train" if given else "n_test/n_train"
    return (
        "The splits take their images from one pool, so their gains are no independent "
        f"witnesses. The variance is s² (1/J + {part}) = "
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
        floor = "So many signs were drawn at random that it cannot go below 0.00002."
    else:
        floor = f"With {n} splits it cannot go below 2/2^{n} = {2 / 2**n:.3g}."
    return (
        "If GAN images did nothing, each split’s gain could as well have the other "
        f"sign. {100 * p:.3g} % of all ways to set the signs give a mean as far from 0 "
        f"(p = {p:.3g}, two-sided). {floor}"
    )


def _say_least(least: float | None) -> str:
    if least is None:
        return "With a single split no gain could have been told from chance."
    return (
        f"The minimum detectable gain is {100 * least:.1f} points: with this spread, "
        "a true gain of that size is found 8 times in 10, and smaller ones less often."
    )


def _say_failed(n: int) -> str:
    fits = "one fit’s loss" if n == 1 else f"the losses of {n} fits"
    return f"{fits.capitalize()} stopped being finite; each was dropped with its pair."
