"""Scores of the arms' predictions, and gains of one arm over another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import TrainingError
from ganaug.gain.judgement.details import ClassRecall
from ganaug.gain.judgement.statistics import Interval, image_variance, paired_interval
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.settings import ENSEMBLE
from ganaug.metrics.classification import Scores, score_predictions

SCORE = "score"  # column of what gains are differences of, unless balanced accuracy
ENSEMBLES = {f"{OPPONENT} ×{ENSEMBLE}": OPPONENT, f"{SYNTHETIC} ×{ENSEMBLE}": SYNTHETIC}


def measure_interval(
    results: Sequence[SplitResult],
    arm: str,
    other: str,
    overlap: float,
    *,
    shared: bool,
    groups: NDArray[np.int64] | None = None,
) -> Interval:
    """Return the interval for one arm's gain over another, in `measure_accuracy`."""
    there = [result for result in results if len(_pair(result, arm, other)[0])]
    return judge_differences(
        [_subtract_hits(result, arm, other) for result in there],
        [result.counted for result in there],
        overlap,
        shared=shared,
        groups=groups,
    )


def judge_differences(
    differences: Sequence[NDArray[np.float64]],
    counted: Sequence[NDArray[np.int64]],
    overlap: float,
    *,
    shared: bool,
    groups: NDArray[np.int64] | None = None,
) -> Interval:
    """Return the interval for the mean gain over splits.

    Args:
        differences: for each split, (n,) one arm's share of right answers to a test
            image minus the other's.
        counted: for each split, (n,) what its images count for, see `SplitResult`.
        overlap: images left out of a training part per image in it.
        shared: whether all splits have the same test images.
        groups: (n,) groups of the shared test images, or None.

    Raises:
        TrainingError: there is no split, because every fit failed.
    """
    if not differences:
        raise TrainingError(
            "every fit failed because its loss was not finite; try another classifier"
        )
    weights = [weigh_images(own) for own in counted]
    gains = [float(w @ d) for w, d in zip(weights, differences, strict=True)]
    image = max(find_resolution(own) for own in counted)
    if not shared:
        return paired_interval(gains, overlap=overlap, resolution=image)
    own = counted[0] >= 0
    units = len(np.unique(groups[own])) if groups is not None else int(own.sum())
    return paired_interval(
        gains,
        overlap=overlap,
        test_variance=image_variance(differences, weights=weights, groups=groups),
        test_degrees=units - 1,
        resolution=image,
    )


def weigh_images(counted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) weights with the sum 1: each class or cell that counts has the same.

    Example:
        >>> weigh_images(np.array([0, 0, 5, -1])).tolist()
        [0.25, 0.25, 0.5, 0.0]
    """
    counts = np.bincount(counted[counted >= 0])
    each = 1 / (np.maximum(1, counts) * (counts > 0).sum())
    return np.where(counted >= 0, each[counted], 0.0)


def measure_accuracy(probabilities: NDArray[np.float32], result: SplitResult) -> float:
    """Return the share of right answers, with equal weight for what counts equally.

    That is balanced accuracy where images count for their classes.
    """
    hits = probabilities.argmax(axis=1) == result.labels
    return float(weigh_images(result.counted) @ hits)


def find_resolution(labels: NDArray[np.int64]) -> float:
    """Return the largest change of the score that one test image can make.

    Args:
        labels: (n,) classes or cells of the test images; −1 for one that counts for
            none.

    Example:
        >>> find_resolution(np.array([0, 0, 0, 0, 2]))
        0.5
    """
    counts = np.unique(labels[labels >= 0], return_counts=True)[1]
    return float(1 / (len(counts) * counts.min()))


def tabulate(results: Sequence[SplitResult], classes: Sequence[str]) -> pd.DataFrame:
    """Return a table of all scores and recalls: a row per split, arm and network."""
    rows = []
    for result in results:
        for name, networks in list_networks(result).items():
            for k, probabilities in enumerate(networks):
                if not np.isfinite(probabilities).all():
                    continue
                found = asdict(score_predictions(probabilities, result.labels))
                recalls = found.pop("recalls")
                row = {"split": result.number, "arm": name, "network": k}
                if result.units is not None:
                    found[SCORE] = measure_accuracy(probabilities, result)
                named = {
                    f"recall {c}": r for c, r in zip(classes, recalls, strict=True)
                }
                rows.append({**row, **found, **named})
    return pd.DataFrame(rows)


def list_networks(result: SplitResult) -> dict[str, NDArray[np.float32]]:
    """Return arm → (networks, n, k) probabilities; an ensemble is one network."""
    found = dict(result.predictions)
    for name, arm in ENSEMBLES.items():
        if name not in found and len(found[arm]) >= ENSEMBLE:
            found[name] = found[arm][:ENSEMBLE].mean(axis=0, keepdims=True)
    return found


def list_gains(
    results: Sequence[SplitResult], arm: str, other: str
) -> NDArray[np.float64]:
    """Return one arm's gain over another in each split that has successful fits."""
    found = []
    for result in results:
        a, b = _pair(result, arm, other)
        if len(a):
            means = [np.mean([measure_accuracy(p, result) for p in x]) for x in (a, b)]
            found.append(means[0] - means[1])
    return np.array(found)


def describe_arms(results: Sequence[SplitResult]) -> dict[str, dict[str, float]]:
    """Return arm → score → mean over networks, then over splits."""
    found: dict[str, dict[str, float]] = {}
    for name in list_networks(results[0]):
        scores = [score_networks(list_networks(r)[name], r.labels) for r in results]
        if not any(scores):
            continue
        fields = [f for f in Scores.__dataclass_fields__ if f != "recalls"]
        found[name] = {
            f: float(
                np.mean(
                    [np.mean([getattr(s, f) for s in own]) for own in scores if own]
                )
            )
            for f in fields
        }
    return found


def describe_recalls(
    results: Sequence[SplitResult], classes: Sequence[str]
) -> dict[str, ClassRecall]:
    """Return each class's recall without and with synthetic images."""
    means = {}
    for name in (OPPONENT, SYNTHETIC):
        scores = [score_networks(r.predictions[name], r.labels) for r in results]
        per_split = [np.mean([s.recalls for s in own], axis=0) for own in scores if own]
        means[name] = _nan_mean(np.reshape(per_split, (-1, len(classes))))
    return {
        c: ClassRecall(_finite(a), _finite(b), _finite(b - a))
        for c, a, b in zip(classes, means[OPPONENT], means[SYNTHETIC], strict=True)
    }


def score_networks(
    networks: NDArray[np.float32], labels: NDArray[np.int64]
) -> list[Scores]:
    """Score each network that did not fail, from (networks, n, k) probabilities."""
    return [score_predictions(p, labels) for p in networks if _is_finite(p)]


def count_failed(results: Sequence[SplitResult]) -> int:
    """Count failed fits; arms with equal recipes for real images share their fits."""
    failed = set()
    for result in results:
        for name, recipe in result.recipes.items():
            networks = result.predictions[name]
            fit = name if recipe.share else recipe.say()
            failed |= {
                (result.number, fit, k)
                for k, p in enumerate(networks)
                if not _is_finite(p)
            }
    return len(failed)


def _subtract_hits(result: SplitResult, arm: str, other: str) -> NDArray[np.float64]:
    """Return (n,) one arm's share of correct networks minus the other's, per image."""
    hits = [
        (p.argmax(axis=2) == result.labels).mean(axis=0)
        for p in _pair(result, arm, other)
    ]
    return np.asarray(hits[0] - hits[1])


def _pair(
    result: SplitResult, arm: str, other: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return both arms' networks with equal seeds, without pairs that failed."""
    networks = list_networks(result)
    n = min(len(networks[arm]), len(networks[other]))
    both = networks[arm][:n], networks[other][:n]
    fine = np.all([np.isfinite(p).all(axis=(1, 2)) for p in both], axis=0)
    return both[0][fine], both[1][fine]


def _nan_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, values, 0).sum(axis=0) / there.sum(axis=0))


def _is_finite(probabilities: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(probabilities).all())


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
