"""The verdict: which intervals give which word, and what the sentence says."""

import json
import math

import pytest

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.statistics import paired_interval, splits_to_decide
from ganaug.gain.judgement.verdict import Verdict, decide


def interval(low, high, *, n=8):
    """Return the interval of n gains that lie around its middle."""
    middle, half = (low + high) / 2, (high - low) / 2
    unit = paired_interval([-1.0, 1.0] * (n // 2))
    return paired_interval(
        [middle - half / unit.high, middle + half / unit.high] * (n // 2)
    )


def judge(opponent, placebo, **options):
    settings = {
        "margin": 0.01,
        "classifier": "a small network trained from scratch",
        "pretrained_run": True,
    }
    empty = options.pop("empty", 0)
    design = Design(**{**settings, **options})
    return decide(opponent, placebo, design, metric="balanced accuracy", empty=empty)


def test_the_helper_makes_the_interval_asked_for():
    found = interval(0.01, 0.03)
    assert (found.low, found.high) == pytest.approx((0.01, 0.03))


@pytest.mark.parametrize(
    ("opponent", "placebo", "word"),
    [
        ((0.01, 0.03), (0.002, 0.02), "helps"),
        ((0.001, 0.008), (0.001, 0.02), "helps"),
        ((-0.03, -0.001), (0.01, 0.02), "hurts"),
        ((-0.008, -0.001), (-0.01, 0.01), "hurts"),
        ((-0.009, 0.009), (0.01, 0.02), "no difference"),
        ((-0.009, 0.009), (-0.5, 0.5), "no difference"),
        ((0.001, 0.008), (-0.02, 0.03), "no difference"),
        ((0.01, 0.03), (-0.008, 0.009), "no difference"),
        ((0.01, 0.03), (-0.03, -0.01), "no difference"),
        ((0.01, 0.03), (-0.004, 0.03), "cannot tell"),
        ((-0.005, 0.03), (0.01, 0.03), "cannot tell"),
        ((-0.03, 0.005), (0.01, 0.03), "cannot tell"),
        ((-0.03, 0.03), (-0.03, 0.03), "cannot tell"),
    ],
)
def test_words(opponent, placebo, word):
    verdict = judge(interval(*opponent), interval(*placebo))
    assert verdict.word == word
    assert verdict.sentence.count(".") >= 1
    assert verdict.sentence.endswith(".")
    assert "\n" not in verdict.sentence


def test_the_margin_decides_what_is_no_difference():
    found = interval(-0.015, 0.005)
    assert judge(found, found).word == "cannot tell"
    assert judge(found, found, margin=0.02).word == "no difference"


def test_help_is_said_with_both_figures():
    verdict = judge(interval(0.008, 0.034), interval(0.003, 0.027))
    assert verdict.sentence == (
        "For a small network trained from scratch, GAN images help: +2.1 points of "
        "balanced accuracy (95% interval +0.8 to +3.4 over 8 splits) "
        "against the best training without them and +1.5 points (95% interval "
        "+0.3 to +2.7) against "
        "real images in their place."
    )
    assert verdict.splits_needed == 8


def test_without_a_pretrained_classifier_the_sentence_says_so():
    verdict = judge(
        interval(-0.03, -0.01), interval(-0.03, -0.01), pretrained_run=False
    )
    assert verdict.sentence == (
        "For a small network trained from scratch, GAN images hurt: -2.0 points of "
        "balanced accuracy (95% interval -3.0 to -1.0 over 8 splits) "
        "against the best training without them; no pretrained classifier was "
        "measured."
    )


def test_no_difference_names_the_margin():
    verdict = judge(interval(-0.006, 0.008), interval(-0.1, 0.1))
    assert verdict.sentence.endswith(
        "+0.1 points of balanced accuracy (95% interval -0.6 to +0.8 over 8 splits) "
        "against the best training without them, within the margin of 1 point."
    )
    wide = judge(interval(-0.006, 0.008), interval(-0.1, 0.1), margin=0.015)
    assert "1.5 points." in wide.sentence


def test_a_gain_that_the_placebo_has_too_is_no_difference():
    verdict = judge(interval(0.01, 0.03), interval(-0.006, 0.008))
    assert verdict.sentence.endswith(
        "+2.0 points of balanced accuracy (95% interval +1.0 to +3.0 over 8 splits) "
        "against the best training without them, but real images in "
        "their place did as well, with a difference of +0.1 points (95% interval -0.6 "
        "to +0.8)."
    )


def test_cannot_tell_says_how_many_splits_would():
    opponent, placebo = interval(-0.005, 0.03), interval(0.01, 0.03)
    verdict = judge(opponent, placebo, minutes_per_split=3)
    needed = splits_to_decide(opponent, 0.01)
    assert verdict.splits_needed == needed
    assert (
        f"about {needed} splits would be enough, if all else stays the same, which "
        f"takes {3 * needed} minutes."
    ) in verdict.sentence
    assert "8 splits cannot tell whether GAN images help" in verdict.sentence
    long = judge(opponent, placebo, minutes_per_split=60)
    assert f"takes {needed} hours." in long.sentence
    assert long.from_dict(long.to_dict()) == long


def test_without_any_image_nothing_was_measured():
    zero = paired_interval([0.0] * 5, resolution=0.001)
    verdict = judge(zero, zero, empty=5)
    assert verdict.word == "cannot tell"
    assert "no image that the GAN drew passed the filters" in verdict.sentence
    assert judge(zero, zero, empty=4).word == "no difference"


def test_an_open_placebo_counts_once_the_gain_is_there():
    opponent, placebo = interval(0.01, 0.05), interval(-0.01, 0.02)
    verdict = judge(opponent, placebo)
    assert verdict.word == "cannot tell"
    assert verdict.splits_needed == splits_to_decide(placebo, 0.01) > 8
    assert "but +0.5 points" in verdict.sentence
    small = judge(interval(-0.012, 0.013), placebo)
    assert small.splits_needed == splits_to_decide(small.against_opponent, 0.01)


def test_what_no_splits_decide_is_said():
    shared = paired_interval([0.01, 0.02, -0.02], test_variance=0.01)
    verdict = judge(shared, shared, pretrained_run=False)
    assert verdict.splits_needed is None
    assert verdict.sentence.endswith(
        "no number of splits would be enough, more images are needed; no pretrained "
        "classifier was measured."
    )


def test_a_single_split_cannot_tell():
    one = paired_interval([0.5])
    verdict = judge(one, one)
    assert verdict.word == "cannot tell"
    assert verdict.sentence.endswith(
        "a single split cannot tell whether GAN images help: +50.0 points of balanced "
        "accuracy (no interval) against the best training without them; run five or "
        "more."
    )


def test_small_limits_are_not_shown_as_nothing():
    verdict = judge(interval(0.0002, 0.02), interval(0.01, 0.02))
    assert (
        "+1.01 points of balanced accuracy (95% interval +0.02 to +2.00 over 8 splits)"
        in verdict.sentence
    )
    zero = paired_interval([0.0, 0.0])
    assert "(95% interval +0.0 to +0.0 over 2 splits)" in judge(zero, zero).sentence


@pytest.mark.parametrize(
    "gain", [interval(0.01, 0.03), paired_interval([0.5]), interval(-0.02, 0.05)]
)
def test_a_verdict_survives_json(gain):
    verdict = judge(gain, gain, minutes_per_split=2.5)
    text = json.dumps(verdict.to_dict(), allow_nan=False)
    again = Verdict.from_dict(json.loads(text))
    assert again == verdict
    assert isinstance(again.against_placebo.low, float)
    assert not math.isnan(again.against_placebo.low)


@pytest.mark.parametrize(
    ("placebo", "said"), [((-0.006, 0.01), True), ((-0.03, 0.01), False)]
)
def test_a_loss_that_the_placebo_has_too_is_said(placebo, said):
    verdict = judge(interval(-0.03, -0.01), interval(*placebo))
    assert verdict.word == "hurts"
    difference = (
        "real images in their place did no better, with a difference of +0.2 points "
        "(95% interval -0.6 to +1.0)."
    )
    assert (difference in verdict.sentence) == said
    assert ("did no better" in verdict.sentence) == said
