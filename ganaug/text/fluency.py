"""Fluency: whether the words of a text follow each other as those of real ones do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.text.language_model import LanguageModel, count_tokens

FOLDS = 4
PATIENCE = 0.05  # share of real texts that may be less fluent than a written one


@dataclass(frozen=True, eq=False)
class Fluency:
    """Language models that were each counted without a part of the real texts.

    Attributes:
        models: the language models; none where there is one text only.
        least: log-probability per token below which a text is refused, in nats.
        own: (n,) those of the real texts, by the model that did not see them.
    """

    models: tuple[LanguageModel, ...]
    least: float
    own: NDArray[np.float64]

    def measure(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Return the log-probability per token (m,) of texts, by the least sure model.

        A text that was made of a real one is so judged by the model without that one.
        """
        if not self.models:
            return np.zeros(len(rows))
        return np.array([min(m.measure(row) for m in self.models) for row in rows])


def fit_fluency(rows: Sequence[Sequence[int]], tokens: int, seed: int = 0) -> Fluency:
    """Count the language models on real texts, and set the least likelihood.

    It is that of all but the least likely 5 % of real texts.

    Args:
        rows: numbers of the tokens of each text, with END.
        tokens: size of the vocabulary.
        seed: seed of the parts.

    Example:
        >>> fluent = fit_fluency([[4, 2], [4, 2], [5, 2]], 6)
        >>> int(fluent.measure([[4, 2], [5, 5, 2]]).argmax())
        0
    """
    folds = min(FOLDS, len(rows))
    if folds < 2:
        return Fluency((), -np.inf, np.zeros(len(rows)))
    order = np.random.default_rng(seed).permutation(len(rows))
    own, models = np.zeros(len(rows)), []
    for fold in range(folds):
        out = set(order[fold::folds].tolist())
        models.append(
            count_tokens((row for k, row in enumerate(rows) if k not in out), tokens)
        )
        for k in out:
            own[k] = models[-1].measure(rows[k])
    return Fluency(tuple(models), float(np.quantile(own, PATIENCE)), own)
