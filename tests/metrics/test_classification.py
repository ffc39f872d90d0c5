"""Scores of predictions: against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from ganaug.metrics.classification import calibration_error, score_predictions


def predict(n=200, k=4, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + 1.5 * np.eye(k)[labels]
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True), labels


def test_scores_are_those_of_scikit_learn():
    probabilities, labels = predict()
    predicted = probabilities.argmax(axis=1)
    found = score_predictions(probabilities, labels)
    assert found.accuracy == metrics.accuracy_score(labels, predicted)
    assert found.balanced_accuracy == pytest.approx(
        metrics.balanced_accuracy_score(labels, predicted)
    )
    assert found.macro_f1 == pytest.approx(
        metrics.f1_score(labels, predicted, average="macro")
    )
    assert found.log_loss == pytest.approx(metrics.log_loss(labels, probabilities))
    np.testing.assert_allclose(
        found.recalls, metrics.recall_score(labels, predicted, average=None)
    )


def test_absent_classes_are_left_out_without_a_warning():
    # true 0 0 0 2, chosen 0 0 1 2: recalls 2/3 and 1, F1 of both .8 and 1
    probabilities = np.eye(4)[[0, 0, 1, 2]]
    found = score_predictions(probabilities, np.array([0, 0, 0, 2]))
    np.testing.assert_allclose(found.recalls, [2 / 3, np.nan, 1, np.nan])
    assert found.balanced_accuracy == pytest.approx(5 / 6)
    assert found.macro_f1 == pytest.approx(0.9)


def test_a_class_that_is_never_chosen_counts_as_nothing():
    found = score_predictions(np.eye(2)[[0, 0]], np.array([0, 1]))
    assert found.recalls.tolist() == [1, 0]
    assert found.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_more_classes_than_images_give_no_warning():
    probabilities, labels = predict(n=30, k=40)
    found = score_predictions(probabilities, labels)
    assert found.balanced_accuracy == pytest.approx(np.nanmean(found.recalls))


def test_a_sure_mistake_costs_a_finite_loss():
    sure = np.array([[1, 0], [1, 0]], np.float32)
    found = score_predictions(sure, np.array([0, 1]))
    assert found.log_loss == pytest.approx(-math.log(1e-7) / 2)
    assert score_predictions(sure[:1], np.array([0])).log_loss == 0


def test_calibration_error_by_hand():
    # fifteen images are fifteen bins of one
    confidences = np.linspace(0.3, 0.99, 15)
    hits = np.arange(15) % 2 == 0
    known = np.abs(hits - confidences).mean()
    assert calibration_error(confidences, hits) == pytest.approx(known)


def test_calibration_error_has_the_bins_of_scikit_learn():
    rng = np.random.default_rng(1)
    confidences = rng.uniform(0.2, 1, 300)
    hits = rng.random(300) < confidences**2
    shares, means = calibration_curve(hits, confidences, n_bins=15, strategy="quantile")
    known = np.abs(shares - means).mean()  # each bin holds 20 of 300
    assert calibration_error(confidences, hits) == pytest.approx(known)


def test_calibration_error_does_not_depend_on_the_order():
    confidences = np.repeat([0.5, 0.7, 0.9], 20)
    hits = np.tile([True, False], 30)
    known = np.mean([0, 0.2, 0.4])
    assert calibration_error(confidences, hits) == pytest.approx(known)
    order = np.argsort(hits, kind="stable")
    assert calibration_error(confidences[order], hits[order]) == pytest.approx(known)


def test_one_image_is_enough():
    found = score_predictions(np.array([[0.2, 0.8]], np.float32), np.array([1]))
    assert found.accuracy == found.balanced_accuracy == found.macro_f1 == 1
    assert found.calibration_error == pytest.approx(0.2)
