"""Scores of a classifier's predictions on a test set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

BINS = 15
LEAST_PROBABILITY = 1e-7  # about one step of float32 below 1


@dataclass(frozen=True, eq=False)
class Scores:
    """How good predictions are; every figure but the losses lies in [0, 1].

    Attributes:
        accuracy: share of images for which the likeliest class is the true one.
        balanced_accuracy: mean recall of the classes that the test set has.
        macro_f1: mean F1 of those classes.
        log_loss: mean −log of the probability of the true class, in nats, at most 16.1.
        calibration_error: mean distance between confidence and accuracy, over bins.
        recalls: (k,) accuracy on each class; NaN for classes not in the test set.
    """

    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    recalls: NDArray[np.float64]


def score_predictions(probabilities: Floats, labels: NDArray[np.int64]) -> Scores:
    """Score predicted probabilities.

    Probabilities below 1e-7 count as 1e-7 in the log-loss, so that one sure mistake
    does not outweigh all else.

    Args:
        probabilities: (n, k) finite, in [0, 1].
        labels: (n,) true classes, n ≥ 1.

    Example:
        >>> found = score_predictions(
        ...     np.array([[0.9, 0.1, 0], [0.4, 0.6, 0]]), np.array([0, 0])
        ... )
        >>> found.accuracy, found.recalls
        (0.5, array([0.5, nan, nan]))
    """
    n, k = probabilities.shape
    assert labels.shape == (n,), labels.shape
    assert n >= 1
    assert np.isfinite(probabilities).all()
    predicted = probabilities.argmax(axis=1)
    hits = predicted == labels
    # scikit-learn has these too, but warns about many classes with few images
    own, chosen = (np.bincount(part, minlength=k) for part in (labels, predicted))
    right = np.bincount(labels[hits], minlength=k)
    present = own > 0
    recalls = np.divide(right, own, out=np.full(k, np.nan), where=present)
    f1 = 2 * right[present] / (own + chosen)[present]
    true = probabilities[np.arange(n), labels].astype(np.float64)
    return Scores(
        accuracy=float(hits.mean()),
        balanced_accuracy=float(recalls[present].mean()),
        macro_f1=float(f1.mean()),
        log_loss=float(-np.log(np.clip(true, LEAST_PROBABILITY, 1)).mean()),
        calibration_error=calibration_error(probabilities.max(axis=1), hits),
        recalls=recalls,
    )


def calibration_error(confidences: Floats, hits: NDArray[np.bool_]) -> float:
    """Compute the expected calibration error of the likeliest class, in 15 equal bins.

    The sum, over bins of like confidence, of their share × |accuracy − mean confidence|
    (Naeini et al., 2015; Guo et al., 2017, equation 3). Bins have equally many images
    (Nixon et al., "Measuring calibration in deep learning", 2019, section 5), as those
    of equal width leave most empty on small test sets; equal confidences share a bin.

    Args:
        confidences: (n,) probability of the predicted class.
        hits: (n,) whether that class is the true one.

    Example:
        >>> calibration_error(np.array([0.8, 0.8]), np.array([True, False]))
        0.30000000000000004
    """
    values = confidences.astype(np.float64)
    edges = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
    bins = np.searchsorted(edges, values)
    apart = np.bincount(bins, hits - values, minlength=BINS)
    return float(np.abs(apart).sum() / len(values))
