"""Scores and gains on corrupted test images, from what networks said to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.scores import judge_differences, weigh_images
from ganaug.gain.judgement.statistics import Interval
from ganaug.gain.protocol.arms import SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.shifts.scores import ShiftedScores
from ganaug.gain.shifts.versions import ShiftedAnswers

Floats = NDArray[np.float64]


def summarise_shifted(
    results: Sequence[SplitResult], design: Design
) -> ShiftedScores | None:
    """Return the scores of all arms, and what synthetic images gain over each.

    None where no test images were corrupted.
    """
    if results[0].shifted is None:
        return None
    answers = _open(results[0])
    arms = {arm: _describe(results, arm) for arm in answers.answers}
    return ShiftedScores(
        versions=len(answers.versions),
        images=len(answers.rows),
        arms={arm: scores for arm, scores in arms.items() if scores},
        gains={
            arm: measure_shifted(results, SYNTHETIC, arm, design)
            for arm in answers.answers
            if arm != SYNTHETIC and arms[arm] and arms[SYNTHETIC]
        },
    )


def measure_shifted(
    results: Sequence[SplitResult], arm: str, other: str, design: Design
) -> Interval:
    """Return the interval for one arm's gain over another in the mean over versions."""
    pairs = [_pair(result, arm, other) for result in results]
    there = [k for k, (hits, _) in enumerate(pairs) if len(hits)]
    groups = design.test_groups
    return judge_differences(
        [(pairs[k][0] - pairs[k][1]).mean(axis=(0, 1)) for k in there],
        [_find_counted(results[k]) for k in there],
        design.overlap,
        shared=design.shared_test,
        groups=None if groups is None else groups[_open(results[0]).rows],
    )


def _describe(results: Sequence[SplitResult], arm: str) -> dict[str, tuple[float, ...]]:
    """Return corruption → score at each severity; nothing where all fits failed."""
    splits = [_score(result, arm) for result in results]
    known = [own for own in splits if len(own)]
    if not known:
        return {}
    means = np.mean([own.mean(axis=0) for own in known], axis=0)
    found: dict[str, tuple[float, ...]] = {}
    for version, mean in zip(_open(results[0]).versions, means, strict=True):
        before = found.get(version.corruption, ())
        found[version.corruption] = (*before, float(mean))
    return found


def _score(result: SplitResult, arm: str) -> Floats:
    """Return (networks, versions) balanced accuracies of networks that did not fail."""
    hits = _find_hits(result, arm)
    fine = _find_fine(result, arm)
    return np.asarray(hits[fine] @ weigh_images(_find_counted(result)))


def _pair(result: SplitResult, arm: str, other: str) -> tuple[Floats, Floats]:
    """Return both arms' hits by networks with equal seeds, without pairs that failed.

    Returns:
        (networks, versions, m) of 0 and 1 each.
    """
    both = _find_fine(result, arm), _find_fine(result, other)
    n = min(map(len, both))
    fine = both[0][:n] & both[1][:n]
    first, second = (_find_hits(result, name)[:n][fine] for name in (arm, other))
    return first, second


def _find_hits(result: SplitResult, arm: str) -> Floats:
    answers = _open(result)
    own = answers.answers[arm] == result.labels[answers.rows]
    return np.asarray(own, np.float64)


def _find_fine(result: SplitResult, arm: str) -> NDArray[np.bool_]:
    """Return (networks,) whether the fit did not fail."""
    return np.asarray((_open(result).answers[arm] >= 0).all(axis=(1, 2)))


def _find_counted(result: SplitResult) -> NDArray[np.int64]:
    return result.counted[_open(result).rows]


def _open(result: SplitResult) -> ShiftedAnswers:
    assert result.shifted is not None, "test images were corrupted"
    return result.shifted
