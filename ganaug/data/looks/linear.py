"""A linear classifier in closed form, which costs milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating]


@dataclass(frozen=True)
class LinearClassifier:
    """One linear function per class, of standardised figures and a constant.

    Attributes:
        centre, spread: (f,) of the figures.
        weights: (f + 1, k).
    """

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]

    def predict(self, x: Rows) -> NDArray[np.int64]:
        """Return the class (n,) of rows x (n, f)."""
        return np.asarray((self._extend(x) @ self.weights).argmax(axis=1), np.int64)

    def _extend(self, x: Rows) -> NDArray[np.float64]:
        ones = np.ones((len(x), 1))
        return np.concatenate([(x - self.centre) / self.spread, ones], axis=1)


def fit_linear(
    x: Rows, labels: NDArray[np.int64], cells: NDArray[np.int64], *, ridge: float
) -> LinearClassifier:
    """Fit ridge regression on the indicators of the classes.

    Args:
        x: (n, f) figures.
        labels: (n,) class indices.
        cells: (n,) indices of sets of images that weigh the same.
        ridge: weight of the squared coefficients, in units of the mean variance.

    Example:
        >>> x = np.array([[0.0], [1.0], [8.0]])
        >>> y = np.array([0, 0, 1])
        >>> fit_linear(x, y, y, ridge=0.1).predict(x).tolist()
        [0, 0, 1]
    """
    spread = x.std(axis=0)
    model = LinearClassifier(
        x.mean(axis=0), np.where(spread > 1e-6, spread, np.inf), np.empty((0, 0))
    )
    extended = model._extend(x)
    members = np.unique(cells, return_inverse=True)[1]
    weight = (1 / np.bincount(members))[members]
    weighted = extended * (weight / weight.sum())[:, None]
    square = weighted.T @ extended
    square += ridge * np.trace(square) / len(square) * np.eye(len(square))
    targets = np.eye(int(labels.max()) + 1)[labels]
    weights = np.linalg.solve(square, weighted.T @ targets)
    return LinearClassifier(model.centre, model.spread, weights)
