"""Scores and gains on corrupted images, beside a calculation by hand."""

from dataclasses import replace

import numpy as np
import pytest

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.statistics import paired_interval
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.shifts.corruptions import list_corruptions
from ganaug.gain.shifts.judging import measure_shifted, summarise_shifted
from ganaug.gain.shifts.scores import ShiftedScores
from ganaug.gain.shifts.versions import ShiftedAnswers, list_versions
from ganaug.recipe import Recipe

DESIGN = Design(classifier="a net", pretrained_run=False, margin=0.01, overlap=0.25)
LABELS = np.repeat([0, 1], [30, 10])
ROWS = np.arange(0, 40, 2)


def make_split(number, shares):
    """Make a split whose two networks are right in these shares of each class."""
    rng = np.random.default_rng(number)
    own, v = LABELS[ROWS], len(list_versions(1))
    answers = {
        arm: np.where(rng.random((2, v, len(own))) < share, own, 1 - own).astype(
            np.int16
        )
        for arm, share in shares.items()
    }
    predictions = {arm: np.full((2, 40, 2), 0.5, np.float32) for arm in shares}
    recipes = dict.fromkeys(shares, Recipe())
    shifted = ShiftedAnswers(list_versions(1), ROWS, answers)
    return SplitResult(
        number, LABELS, predictions, recipes, np.ones(2, np.int64), shifted=shifted
    )


def by_hand(answers):
    """Return (networks, versions) balanced accuracies."""
    own = LABELS[ROWS]
    hits = answers == own
    return np.mean([hits[..., own == k].mean(axis=-1) for k in (0, 1)], axis=0)


RESULTS = [make_split(k, {OPPONENT: 0.6, SYNTHETIC: 0.8}) for k in range(5)]


def test_scores_are_means_over_networks_and_splits():
    found = summarise_shifted(RESULTS, DESIGN)
    assert (found.versions, found.images) == (25, 20)
    assert tuple(found.arms[OPPONENT]) == list_corruptions(1)
    expected = np.mean(
        [by_hand(r.shifted.answers[OPPONENT]).mean(axis=0) for r in RESULTS], axis=0
    )
    assert np.ravel(list(found.arms[OPPONENT].values())) == pytest.approx(expected)
    assert found.average(OPPONENT) == pytest.approx(expected.mean())
    assert "mean over 25 corrupted versions of the test images" in found.say()
    assert ShiftedScores.from_dict(found.to_dict() | {"means": {}}) == found


def test_a_gain_is_paired_over_splits_as_all_gains_are():
    found = measure_shifted(RESULTS, SYNTHETIC, OPPONENT, DESIGN)
    gains = [
        by_hand(r.shifted.answers[SYNTHETIC]).mean()
        - by_hand(r.shifted.answers[OPPONENT]).mean()
        for r in RESULTS
    ]
    expected = paired_interval(gains, overlap=0.25)
    assert found.mean == pytest.approx(expected.mean)
    assert (found.low, found.p) == pytest.approx((expected.low, expected.p))
    shared = replace(DESIGN, shared_test=True, overlap=0.0)
    assert measure_shifted(RESULTS, SYNTHETIC, OPPONENT, shared).mean == found.mean


def test_a_failed_network_is_left_out_with_its_pair():
    split = make_split(0, {OPPONENT: 0.6, SYNTHETIC: 0.8})
    failed = {k: v.copy() for k, v in split.shifted.answers.items()}
    failed[SYNTHETIC][0] = -1
    other = replace(split, shifted=replace(split.shifted, answers=failed))
    found = measure_shifted([other, *RESULTS[1:]], SYNTHETIC, OPPONENT, DESIGN)
    scores = [by_hand(failed[arm][1]).mean() for arm in (SYNTHETIC, OPPONENT)]
    rest = measure_shifted(RESULTS[1:], SYNTHETIC, OPPONENT, DESIGN).mean
    assert found.mean == pytest.approx((scores[0] - scores[1] + 4 * rest) / 5)


def test_without_corrupted_images_nothing_is_said():
    assert summarise_shifted([replace(RESULTS[0], shifted=None)], DESIGN) is None
