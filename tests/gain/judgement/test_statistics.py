"""Statistics of gains: against scipy, the textbook and simulation."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import stats

from ganaug.gain.judgement.statistics import (
    Interval,
    image_variance,
    minimum_detectable_gain,
    paired_interval,
    sign_flip_p,
    splits_to_decide,
)

GAINS = np.array([0.012, -0.004, 0.02, 0.009, 0.015])


def test_without_shared_images_it_is_the_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 9))
    found = paired_interval(a - b, confidence=0.9)
    known = stats.ttest_rel(a, b)
    assert found.p == pytest.approx(known.pvalue)
    assert (found.low, found.high) == pytest.approx(
        tuple(known.confidence_interval(0.9))
    )
    assert (found.degrees, found.n) == (8, 9)


def test_overlap_adds_what_nadeau_and_bengio_say():
    # by hand: gains 1, 2, 3 (s² = 1), five-fold: 1/3 + 1/4 = 7/12
    found = paired_interval([1, 2, 3], overlap=0.25)
    assert found.standard_error == pytest.approx(math.sqrt(7 / 12))
    t = 2 / math.sqrt(7 / 12)
    # Student's distribution with two degrees of freedom, in closed form
    assert found.p == pytest.approx(1 - t / math.sqrt(2 + t * t))
    assert found.high - 2 == pytest.approx(4.302653 * math.sqrt(7 / 12), rel=1e-6)


def test_test_images_add_variance_and_satterthwaite_degrees():
    alone = paired_interval(GAINS)
    error = alone.standard_error
    both = paired_interval(GAINS, test_variance=error**2, test_degrees=99)
    assert both.standard_error == pytest.approx(error * math.sqrt(2))
    assert both.degrees == pytest.approx(4 / (1 / 4 + 1 / 99))
    assert both.high > alone.high
    sure = paired_interval(GAINS, test_variance=100.0)
    assert sure.degrees > 1e6


def test_test_images_never_make_it_surer():
    # one degree of freedom would become three
    pair, added = [0.01, 0.03], 0.0001
    alone, both = paired_interval(pair), paired_interval(pair, test_variance=added)
    assert (both.low, both.high, both.p) == (alone.low, alone.high, alone.p)


def test_a_single_test_image_adds_no_variance():
    gains = [0.04, 0.05, 0.06]
    assert paired_interval(gains, test_degrees=0).high == paired_interval(gains).high


def test_a_single_split_says_nothing():
    found = paired_interval([0.05])
    assert (found.low, found.high, found.p) == (-math.inf, math.inf, 1)
    assert minimum_detectable_gain(found) == math.inf
    assert splits_to_decide(found, 0.01) is None
    assert sign_flip_p([0.05]) == 1


def test_equal_gains_have_no_spread():
    zero = paired_interval(np.zeros(4))
    assert (zero.low, zero.high, zero.p, zero.degrees) == (0, 0, 1, 3)
    some = paired_interval(np.full(5, 0.1))
    assert some.low == some.high == pytest.approx(0.1)
    assert some.p == 0
    wide = paired_interval(np.full(5, 0.1), test_variance=0.01)
    assert wide.high - wide.low == pytest.approx(2 * 1.959964 * 0.1)
    assert wide.degrees == math.inf
    assert minimum_detectable_gain(zero) == 0
    assert minimum_detectable_gain(wide) == pytest.approx(0.1 * 2.80158, rel=1e-4)


@pytest.mark.parametrize(
    "interval",
    [
        paired_interval([0.1]),
        paired_interval(GAINS, overlap=0.25),
        paired_interval([0.1, 0.1], test_variance=0.01),
    ],
)
def test_an_interval_survives_json(interval):
    text = json.dumps(interval.to_dict(), allow_nan=False)
    assert Interval.from_dict(json.loads(text)) == interval


def cross(rng, splits, images, *, of_splits, of_images, of_both):
    """Draw differences of crossed random effects around 0."""
    return (
        rng.normal(scale=of_splits, size=(splits, 1))
        + rng.normal(scale=of_images, size=(1, images))
        + rng.normal(scale=of_both, size=(splits, images))
    )


def test_image_variance_is_that_of_the_analysis_of_variance():
    rng = np.random.default_rng(1)
    found = cross(rng, 4, 30, of_splits=0.1, of_images=0.5, of_both=0.4)
    splits, images = found.shape
    per_image = found.mean(axis=0)
    rest = found - per_image - found.mean(axis=1, keepdims=True) + found.mean()
    within = (rest**2).sum() / ((splits - 1) * (images - 1))
    between = splits * per_image.var(ddof=1)
    known = (between - within) / (splits * images)
    assert image_variance(found) == pytest.approx(known)
    even = np.full(images, 1 / images)
    assert image_variance(found, weights=even) == pytest.approx(known)


def test_interaction_alone_is_not_counted_again():
    rng = np.random.default_rng(2)
    found = [
        image_variance(cross(rng, 5, 40, of_splits=0.1, of_images=0, of_both=0.5))
        for _ in range(200)
    ]
    assert min(found) == 0
    assert np.mean(found) < 0.5 * 0.5**2 / 40 / 5


def test_images_of_a_group_count_once():
    rng = np.random.default_rng(3)
    found = cross(rng, 4, 20, of_splits=0.1, of_images=0.5, of_both=0.2)
    twice = np.repeat(found, 2, axis=1)
    groups = np.repeat(np.arange(20), 2)
    alone = image_variance(found)
    assert image_variance(twice, groups=groups) == pytest.approx(alone)
    assert image_variance(twice) == pytest.approx(alone / 2, rel=0.05)
    one = np.zeros(20)
    assert image_variance(found, groups=one) == 0


def test_weights_of_balanced_accuracy_give_its_variance():
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1], [90, 10])
    weights = np.where(labels == 0, 1 / 180, 1 / 20)
    found, seen = [], []
    for _ in range(400):
        d = cross(rng, 6, 100, of_splits=0, of_images=0.5, of_both=0.3)
        found.append(image_variance(d, weights=weights))
        seen.append((d @ weights).mean())
    of_both = 0.3**2 * (weights**2).sum() / 6
    assert np.mean(found) == pytest.approx(np.var(seen) - of_both, rel=0.15)


def test_one_split_gets_all_of_its_images_variance():
    d = np.array([[1.0, 0.0, -1.0, 0.0, 0.0]])
    assert image_variance(d) == pytest.approx(d.var(ddof=1) / 5)
    assert image_variance(np.array([[1.0]])) == 0


@pytest.mark.parametrize("splits", [2, 3, 10])
def test_intervals_cover_where_splits_share_their_test_images(splits):
    rng = np.random.default_rng(5)
    covered = blind = 0
    for _ in range(600):
        d = cross(rng, splits, 100, of_splits=0.02, of_images=0.3, of_both=0.3)
        gains = d.mean(axis=1)
        variance = image_variance(d)
        found = paired_interval(gains, test_variance=variance, test_degrees=99)
        covered += found.low <= 0 <= found.high
        without = paired_interval(gains)
        blind += without.low <= 0 <= without.high
    assert covered >= 0.93 * 600
    assert blind < 0.95 * 600


@pytest.mark.parametrize("n", [2, 5, 9])
def test_sign_flips_are_those_of_scipy(n):
    rng = np.random.default_rng(n)
    gains = np.round(rng.normal(0.5, 1, n), 1)  # rounded, so that sums tie
    known = stats.permutation_test(
        (gains,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip_p(gains) == pytest.approx(known.pvalue)


def test_sign_flips_by_hand():
    gains = [1.0, 2.0, -0.5]
    sums = [abs(np.dot(signs, gains)) for signs in itertools.product([1, -1], repeat=3)]
    assert sign_flip_p(gains) == np.mean(np.array(sums) >= 2.5)
    assert sign_flip_p(np.zeros(4)) == 1


@pytest.mark.parametrize("n", [1, 5, 10, 16, 17, 40])
def test_sign_flips_never_go_below_their_limit(n):
    p = sign_flip_p(np.linspace(1, 2, n))
    assert p >= 2 / 2**n
    if n <= 16:
        assert p == 2 / 2**n


def test_many_splits_draw_flips():
    gains = np.random.default_rng(6).normal(0.3, 1, 30)
    assert sign_flip_p(gains) == sign_flip_p(gains)
    assert sign_flip_p(gains) == pytest.approx(paired_interval(gains).p, abs=0.02)


def test_minimum_detectable_gain_has_its_power():
    design = paired_interval(GAINS)
    gain = minimum_detectable_gain(design, power=0.7)
    rng = np.random.default_rng(7)
    draws = rng.normal(gain, design.spread, (4000, 5))
    error = draws.std(axis=1, ddof=1) / math.sqrt(5)
    low = draws.mean(axis=1) - stats.t.ppf(0.975, 4) * error
    assert (low > 0).mean() == pytest.approx(0.7, abs=0.03)


def test_splits_to_decide_are_the_first_that_do():
    found = paired_interval([0.03, -0.01, 0.02])
    n = splits_to_decide(found, 0.01)
    assert n > 3

    def reach(splits):
        error = found.spread / math.sqrt(splits)
        return stats.t.ppf(0.975, splits - 1) * error

    assert reach(n) < found.mean <= reach(n - 1)


def test_splits_to_decide_knows_what_splits_cannot():
    gains = [0.004, -0.02, 0.03]
    assert splits_to_decide(paired_interval(gains), 0.01) > 3
    assert splits_to_decide(paired_interval(gains, test_variance=1.0), 0.01) is None
    assert splits_to_decide(paired_interval(gains, overlap=0.25), 0.01) is None
    decided = paired_interval(np.zeros(4))
    assert splits_to_decide(decided, 0.01) == 4


def test_gains_that_are_equal_on_paper_are_equal():
    # one of six images more, of classes with other recalls each time
    before = [np.array(r) / 6 for r in ([4, 5, 3], [5, 3, 4], [2, 2, 5], [1, 4, 2])]
    gains = [np.mean([r[0], r[1] + 1 / 6, r[2]]) - np.mean(r) for r in before]
    assert len(set(gains)) > 1
    found = paired_interval(gains, resolution=1 / 18)
    exact = paired_interval([1 / 18] * 4, resolution=1 / 18)
    assert found.low < 0
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))


def test_a_gain_that_is_none_on_paper_is_none():
    found = paired_interval([0.1 + 0.2 - 0.3, 0.3 - 0.1 - 0.2], resolution=0.01)
    assert str(found.mean) == "0.0"


def test_equal_gains_on_few_images_are_no_certainty():
    alone = paired_interval([0.05, 0.05])
    assert (alone.low, alone.high, alone.p) == (0.05, 0.05, 0)
    few = paired_interval([0.05, 0.05], resolution=0.05)
    assert few.low < 0 < few.p < 1
    wide = stats.t.interval(0.95, 1, loc=0.05, scale=0.05 / math.sqrt(2))
    assert (few.low, few.high) == pytest.approx(wide)
    spread = paired_interval([0.05, 0.06], resolution=0.05)
    assert spread == paired_interval([0.05, 0.06])
