"""Scores cell by cell: which cells are recognised, without and with GAN images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import count_cells
from ganaug.data.images import LabelledImages
from ganaug.gain.judgement.details import CellScore
from ganaug.gain.judgement.scores import list_networks, measure_accuracy
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult

WORST = 0.2  # share of the cells that count as the worst
# scores of an arm beside those that every gain has
LACKING, MEAN, LOWEST = "lacking_cells", "mean_over_cells", "worst_cells"
TITLES = {LACKING: "judged cells", MEAN: "all cells", LOWEST: "worst cells"}

Floats = NDArray[np.float64]


def score_arms(results: Sequence[SplitResult]) -> dict[str, dict[str, float]]:
    """Return arm → score → mean over networks, then over splits.

    The scores are the accuracy over the cells that the verdict is about, over all cells
    that are tested, and over the worst fifth of these.
    """
    found = {}
    for arm in list_networks(results[0]):
        rows = [_score(result, arm) for result in results]
        known = [row for row in rows if np.isfinite(row).all()]
        if known:
            means = np.mean(known, axis=0).tolist()
            found[arm] = dict(zip((LACKING, MEAN, LOWEST), means, strict=True))
    return found


def list_cells(
    results: Sequence[SplitResult], data: LabelledImages
) -> tuple[CellScore, ...]:
    """List the score of each class in each domain, the mean over splits that test it.

    Args:
        results: results of the splits, whose test images have domains.
        data: all real images.
    """
    counts = count_cells(data)
    tables = {
        arm: np.stack([_tabulate(result, arm, counts.shape) for result in results])
        for arm in (OPPONENT, SYNTHETIC)
    }
    tested = np.any([_find_tested(result, counts.shape) for result in results], axis=0)
    return tuple(
        CellScore(
            name, domain, int(counts[k, d]), bool(tested[k, d]),
            *(_mean(tables[arm][:, k, d]) for arm in (OPPONENT, SYNTHETIC)),
        )
        for k, name in enumerate(data.classes)
        for d, domain in enumerate(data.domain_names)
    )  # fmt: skip


def _score(result: SplitResult, arm: str) -> Floats:
    """Return (3,) the scores of an arm in a split, NaN where all its fits failed."""
    networks = [p for p in list_networks(result)[arm] if np.isfinite(p).all()]
    if not networks:
        return np.full(3, np.nan)
    rows = [[measure_accuracy(p, result), *_score_all(result, p)] for p in networks]
    means: Floats = np.array(rows, np.float64).mean(axis=0)
    return means


def _score_all(result: SplitResult, p: NDArray[np.float32]) -> tuple[float, float]:
    assert result.domains is not None, "test images have domains"
    hits = p.argmax(axis=1) == result.labels
    cells = result.labels * (int(result.domains.max()) + 2) + result.domains + 1
    own = np.unique(cells, return_inverse=True)[1]
    each = np.sort(np.bincount(own, hits) / np.bincount(own))
    few = max(1, round(WORST * len(each)))
    return float(each.mean()), float(each[:few].mean())


def _tabulate(result: SplitResult, arm: str, shape: tuple[int, ...]) -> Floats:
    """Return (k, d) accuracies; NaN for a cell without test images or fits."""
    networks = [p for p in result.predictions[arm] if np.isfinite(p).all()]
    hits, tested = np.zeros(shape), np.zeros(shape)
    assert result.domains is not None, "test images have domains"
    known = result.domains >= 0
    place = result.labels[known], result.domains[known]
    for p in networks:
        np.add.at(hits, place, (p.argmax(axis=1) == result.labels)[known])
        np.add.at(tested, place, 1.0)
    found = np.divide(hits, tested, out=np.full(shape, np.nan), where=tested > 0)
    return np.asarray(found)


def _find_tested(result: SplitResult, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    assert result.domains is not None, "test images have domains"
    table = np.zeros(shape, bool)
    own = (result.counted >= 0) & (result.domains >= 0)
    table[result.labels[own], result.domains[own]] = True
    return table


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
