"""Choosing recipes: folds, the standard error's rule, halving, losses."""

from __future__ import annotations

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.gain.protocol.selection import (
    choose_best,
    make_trial_folds,
    measure_losses,
    pick_first,
    weigh_classes,
)
from ganaug.gain.settings import ENOUGH, FINALISTS, FOLDS


def draw_part(per_class, groups=None):
    labels = np.repeat([0, 1], per_class)
    images = np.zeros((len(labels), 8, 8, 1), np.uint8)
    return LabelledImages(images, labels, ("a", "b"), groups=groups)


def test_few_images_are_judged_in_folds_each_once():
    part = draw_part(25)
    fit, judge = np.arange(40), np.arange(40, 50)
    folds = make_trial_folds(part, fit, judge, seed=0)
    assert len(folds) == FOLDS
    assert sorted(np.concatenate([f.judge for f in folds])) == list(range(50))
    for fold in folds:
        assert not np.intersect1d(fold.fit, fold.judge).size
        assert len(fold.fit) + len(fold.judge) == 50
        assert set(part.labels[fold.judge]) == {0, 1}


def test_many_images_are_judged_in_the_splits_own_part():
    part = draw_part(5 * ENOUGH // 2)
    fit, judge = np.arange(4 * ENOUGH), np.arange(4 * ENOUGH, 5 * ENOUGH)
    (fold,) = make_trial_folds(part, fit, judge, seed=0)
    assert fold.fit is fit
    assert fold.judge is judge


def test_folds_keep_groups_together():
    groups = np.arange(50) // 5
    part = draw_part(25, groups)
    for fold in make_trial_folds(part, np.arange(40), np.arange(40, 50), seed=1):
        assert not np.intersect1d(groups[fold.fit], groups[fold.judge]).size


def test_the_first_within_a_standard_error_wins():
    rng = np.random.default_rng(0)
    best = rng.gamma(1.0, 1.0, 100)
    noise = rng.normal(size=100)
    noise -= noise.mean()
    weights = np.full(100, 0.01)
    error = np.sqrt((noise**2).sum()) / 100  # of a mean of 100, by hand
    near, far = best + noise + 0.9 * error, best + noise + 1.1 * error
    assert pick_first(np.stack([near, best]), weights) == 0
    assert pick_first(np.stack([far, best]), weights) == 1
    assert pick_first(np.stack([best, near, far]), weights) == 0


def test_only_the_finalists_meet_the_later_folds():
    labels = [np.array([0, 1]), np.array([0, 1]), np.array([1, 0])]
    seen: list[tuple[int, int]] = []

    def attempt(item, fold):
        seen.append((item, fold))
        return np.array([item, 1.001 * item])

    assert choose_best([3, 5, 0, 4, 1, 2], attempt, labels) == 0
    assert sorted(i for i, fold in seen if fold == 2) == list(range(FINALISTS))
    assert len([pair for pair in seen if pair[1] < 2]) == 12


def test_one_item_is_not_tried():
    assert choose_best(["only"], None, [np.array([0])]) == "only"


def test_classes_count_alike():
    weights = weigh_classes(np.array([2, 2, 2, 5]))
    assert weights.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_a_failed_fit_loses():
    labels = np.array([0, 1])
    failed = measure_losses(np.full((2, 2), np.nan), labels)
    sure = measure_losses(np.array([[0.9, 0.1], [0.2, 0.8]]), labels)
    assert sure == pytest.approx(-np.log([0.9, 0.8]))
    assert failed == pytest.approx(-np.log([1e-4, 1e-4]))
