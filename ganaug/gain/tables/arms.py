"""Arms of a gain on tables: what a classifier is trained on, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from ganaug.blas import one_blas_thread
from ganaug.gain.judgement.arm_gains import GAN
from ganaug.tables.draws import Labels, find_partners
from ganaug.tables.encoder import fit_encoder
from ganaug.tables.resampling import make_rows
from ganaug.tables.settings import TableConfig

Matrix = NDArray[np.float32]

NEIGHBOURS = 5  # of the rows between neighbours


class Fit(NamedTuple):
    """Rows (n, width) that a classifier is trained on, and whether by class weights."""

    x: Matrix
    y: Labels
    weighted: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """The training and test rows of one split.

    Attributes:
        table, labels: training rows with their classes.
        test, test_labels: the same for the test rows.
    """

    table: pd.DataFrame
    labels: Labels
    test: pd.DataFrame
    test_labels: Labels


@one_blas_thread()
def score_arms(
    part: Part, *, config: TableConfig, categories: list[str]
) -> dict[str, dict[str, float]]:
    """Train every classifier in every arm, and test it.

    Returns:
        classifier → arm → balanced accuracy on the test rows.
    """
    encoder = fit_encoder(part.table, categories)
    x, y = encoder.encode(part.table), part.labels
    test = encoder.encode(part.test)
    counts = np.bincount(y)
    wanted = {k: int(counts.max() - n) for k, n in enumerate(counts)}
    new = make_rows(part.table, y, wanted, categories=categories, config=config).drawn
    random = np.random.default_rng(config.seed)
    fits = {
        "nothing": Fit(x, y),
        "class weights": Fit(x, y, weighted=True),
        "rows repeated": _repeat(x, y, wanted, random),
        "rows between neighbours": _interpolate(x, y, wanted, random),
        GAN: Fit(np.concatenate([x, new.rows]), np.concatenate([y, new.labels])),
    }
    return {
        name: {
            arm: float(
                balanced_accuracy_score(
                    part.test_labels,
                    make(fit.weighted, config.seed).fit(fit.x, fit.y).predict(test),
                )
            )
            for arm, fit in fits.items()
        }
        for name, make in CLASSIFIERS.items()
    }


def _repeat(
    x: Matrix, y: Labels, wanted: Mapping[int, int], random: np.random.Generator
) -> Fit:
    rows = [random.choice(np.flatnonzero(y == k), n) for k, n in wanted.items()]
    every = np.concatenate([np.arange(len(y)), *rows])
    return Fit(x[every], y[every])


def _interpolate(
    x: Matrix, y: Labels, wanted: Mapping[int, int], random: np.random.Generator
) -> Fit:
    """Add rows between a row and a neighbour of its class, as SMOTE does.

    Chawla et al., "SMOTE: Synthetic Minority Over-sampling Technique" (2002); one-hot
    categories are mixed as numbers are.
    """
    partners = find_partners(x, y, NEIGHBOURS)
    rows = [random.choice(np.flatnonzero(y == k), n) for k, n in wanted.items()]
    chosen = np.concatenate(rows)
    other = partners[chosen, random.integers(NEIGHBOURS, size=len(chosen))]
    u = random.random((len(chosen), 1), np.float32)
    made = x[chosen] + u * (x[other] - x[chosen])
    return Fit(np.concatenate([x, made]), np.concatenate([y, y[chosen]]))


CLASSIFIERS: Mapping[str, Callable[[bool, int], Any]] = {
    "logistic regression": lambda weighted, seed: LogisticRegression(
        max_iter=500, class_weight="balanced" if weighted else None
    ),
    "gradient boosting": lambda weighted, seed: HistGradientBoostingClassifier(
        max_iter=50, early_stopping=False, random_state=seed,
        class_weight="balanced" if weighted else None,
    ),
    "random forest": lambda weighted, seed: RandomForestClassifier(
        100, random_state=seed, class_weight="balanced" if weighted else None
    ),
}  # fmt: skip
