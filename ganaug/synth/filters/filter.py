"""Filter: one reason to reject a candidate, as a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.synth.filters.candidates import Candidates, Kept, Scores
from ganaug.synth.filters.copy_detector import CopyDetector


class Memory(Protocol):
    """A filter's memory of the images that the store has already."""

    def forget(self) -> None: ...

    def remember(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        """Add images (n, h, w, c) with labels (n,)."""


@dataclass(frozen=True, eq=False)
class Filter:
    """One reason to reject a candidate.

    Attributes:
        name: key in `FILTERS`, and the reason in the manifest.
        score: function candidates → (n,) scores, NaN for those that cannot be scored.
        keep: function (candidates, scores, whether earlier filters kept each) → (n,)
            whether each may stay.
        threshold: lowest score that is kept; None if the filter has another rule.
        notes: lines for the user, such as classes that are not filtered.
        detector: measure of distances in a filter against copies, or None.
        memory: accepted images that later candidates are compared with, or None in
            filters that judge each candidate by itself. A filter with a memory has no
            scores.
    """

    name: str
    score: Callable[[Candidates], Scores]
    keep: Callable[[Candidates, Scores, Kept], Kept]
    threshold: float | None = None
    notes: tuple[str, ...] = ()
    detector: CopyDetector | None = None
    memory: Memory | None = None


def keep_all(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
    """Return that every candidate may stay."""
    return np.ones(len(candidates), bool)


def score_nothing(candidates: Candidates) -> Scores:
    """Return NaN for every candidate."""
    return np.full(len(candidates), np.nan, np.float32)
