"""The uneven tables of benchmarks.tables, and how classifiers are judged on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_wine,
    make_classification,
)
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FEWEST = 8  # rows of a rare class in the training part
TRAIN = 808  # training rows of made tables: 8 of them rare at 100 to 1
SHARES = (0.365, 0.488, 0.062, 0.005, 0.016, 0.030, 0.034)  # covtype's classes
LEVELS = {"area": 4, "soil": 40}  # covtype's categories
TREES, ROUNDS = 30, 20


class Problem(NamedTuple):
    """One split of one table: training and test rows with their classes."""

    x: pd.DataFrame
    y: NDArray[np.int64]
    x_test: pd.DataFrame
    y_test: NDArray[np.int64]
    overlap: float  # test rows per training row, 0 where each split is drawn anew


def read_problem(name: str, seed: int) -> Problem:
    """Draw the split of a table that a seed stands for."""
    return TABLES[name](seed)


def _read_cancer(seed: int) -> Problem:
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    return _cut(x, 1 - y.to_numpy(), [1], seed)


def _read_wine(seed: int) -> Problem:
    x, y = load_wine(return_X_y=True, as_frame=True)
    return _cut(x, y.to_numpy(), [seed % 3], seed)


def _read_digits(seed: int) -> Problem:
    x, y = load_digits(return_X_y=True, as_frame=True)
    return _cut(x, y.to_numpy(), [c for c in range(10) if (c + seed) % 2], seed)


def _cut(x: pd.DataFrame, y: NDArray[np.int64], rare: list[int], seed: int) -> Problem:
    """Keep half of the rows for tests, and 8 training rows of each rare class."""
    x, x_test, y, y_test = train_test_split(
        x, y, test_size=0.5, stratify=y, random_state=seed
    )
    random = np.random.default_rng(seed)
    kept = [
        random.permutation(np.flatnonzero(y == c))[: FEWEST if c in rare else None]
        for c in np.unique(y)
    ]
    rows = random.permutation(np.concatenate(kept))
    overlap = len(x_test) / len(x)
    return Problem(x.iloc[rows], y[rows], x_test, y_test, overlap)


def _make_uneven(ratio: int) -> Callable[[int], Problem]:
    def make(seed: int) -> Problem:
        x, y = make_classification(
            TRAIN * 5, 20, n_informative=6, n_redundant=4, flip_y=0,
            weights=[ratio / (ratio + 1)], random_state=seed,
        )  # fmt: skip
        return _halve(pd.DataFrame(x).add_prefix("x"), y, TRAIN, seed)

    return make


def _make_covtype_like(seed: int) -> Problem:
    x, y = make_classification(
        TRAIN * 6, 12, n_informative=8, n_redundant=2, n_classes=7, flip_y=0.01,
        n_clusters_per_class=1, weights=list(SHARES), random_state=seed,
    )  # fmt: skip
    table = pd.DataFrame(x).add_prefix("x")
    random = np.random.default_rng(seed)
    for (name, levels), column in zip(LEVELS.items(), ("x0", "x1"), strict=True):
        places = pd.qcut(table.pop(column), levels, labels=False).to_numpy()
        codes = np.array([f"{name}{k:02d}" for k in random.permutation(levels)])
        table[name] = pd.Categorical(codes[places], categories=sorted(codes))
    return _halve(table, y, 2 * TRAIN, seed)


def _halve(x: pd.DataFrame, y: NDArray[np.int64], train: int, seed: int) -> Problem:
    x, x_test, y, y_test = train_test_split(
        x, y, train_size=train, stratify=y, random_state=seed
    )
    return Problem(x, y, x_test, y_test, 0.0)


TABLES: Mapping[str, Callable[[int], Problem]] = {
    "breast cancer": _read_cancer,
    "wine": _read_wine,
    "digits": _read_digits,
    "made, 10 to 1": _make_uneven(10),
    "made, 50 to 1": _make_uneven(50),
    "made, 100 to 1": _make_uneven(100),
    "like covtype": _make_covtype_like,
}


def _make_model(name: str, x: pd.DataFrame, weights: str | None) -> Any:
    words = [c for c in x.columns if x[c].dtype == "category"]
    numbers = [c for c in x.columns if c not in words]
    read = ColumnTransformer(
        [
            (
                "words",
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                words,
            ),
            ("numbers", StandardScaler(), numbers),
        ]
    )
    return make_pipeline(read, MODELS[name](weights))


MODELS: Mapping[str, Callable[[str | None], Any]] = {
    "logistic regression": lambda w: LogisticRegression(max_iter=300, class_weight=w),
    "gradient boosting": lambda w: HistGradientBoostingClassifier(
        max_iter=ROUNDS, early_stopping=False, class_weight=w, random_state=0
    ),
    "random forest": lambda w: RandomForestClassifier(
        TREES, class_weight=w, random_state=0
    ),
}


def judge(
    problem: Problem, x: pd.DataFrame, y: NDArray[np.int64], *, weights: str | None
) -> dict[str, dict[str, float]]:
    """Fit each classifier on rows, and measure it on the problem's test rows.

    Returns:
        classifier → figure → value; higher is better for all, so log-losses are
        negative.
    """
    return {
        name: _measure(
            _make_model(name, x, weights).fit(x, y).predict_proba(problem.x_test),
            problem, y if weights is None else None,
        )
        for name in MODELS
    }  # fmt: skip


def measure_fidelity(
    problem: Problem, x: pd.DataFrame, y: NDArray[np.int64]
) -> dict[str, float]:
    """Compare made rows with real test rows of their class; lower is better.

    Returns:
        `columns`: mean over classes and columns of numbers of the Kolmogorov-Smirnov
        distance; `pairs`: mean absolute difference of their correlations.
    """
    numbers = problem.x.select_dtypes("number").columns
    made, made_y = x.iloc[len(problem.x) :][numbers], y[len(problem.x) :]
    columns, pairs = [], []
    for label in np.unique(made_y):
        one, other = made[made_y == label], problem.x_test[problem.y_test == label]
        columns += [ks_2samp(one[c], other[c]).statistic for c in numbers]
        apart = one.corr().fillna(0) - other[numbers].corr().fillna(0)
        pairs.append(np.abs(apart.to_numpy()).mean())
    return {"columns": float(np.mean(columns)), "pairs": float(np.mean(pairs))}


def _measure(
    p: NDArray[np.float64], problem: Problem, y: NDArray[np.int64] | None
) -> dict[str, float]:
    truth = problem.y_test
    classes = np.unique(problem.y)
    real = np.bincount(problem.y)[classes] / len(problem.y)
    fitted = np.full(len(classes), 1 / len(classes))
    if y is not None:
        fitted = np.bincount(y)[classes] / len(y)
    p = np.clip(p, 1e-4, 1)
    p /= p.sum(axis=1, keepdims=True)
    back = p * (real / fitted)
    back /= back.sum(axis=1, keepdims=True)
    marks = truth[:, None] == classes
    each = [average_precision_score(marks[:, k], p[:, k]) for k in range(len(classes))]
    precision = each[1] if len(classes) == 2 else float(np.mean(each))
    return {
        "balanced accuracy": balanced_accuracy_score(truth, classes[p.argmax(axis=1)]),
        "average precision": float(precision),
        "log-loss": -log_loss(truth, p, labels=classes),
        "log-loss, shares given back": -log_loss(truth, back, labels=classes),
    }
