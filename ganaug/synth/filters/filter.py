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
    """What a filter knows of the images that the store has already."""

    def forget(self) -> None: ...

    def remember(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        """Add images (n, h, w, c) with labels (n,)."""


@dataclass(frozen=True, eq=False)
class Filter:
    """One reason to reject a candidate.

    Attributes:
        name: key in `FILTERS`, and the reason in the manifest.
        score: candidates → (n,), NaN for those that cannot be scored.
        keep: candidates, their scores, which of them the earlier filters kept → (n,)
            whether each may stay.
        threshold: lowest score that is kept; None where the rule is another.
        notes: sentences for the user, such as which classes are not filtered.
        detector: how a filter against copies measures distances, None in others.
        memory: the accepted images that later candidates are compared with, None in
            filters that judge each candidate by itself. Such a filter has no scores.
    """

    name: str
    score: Callable[[Candidates], Scores]
    keep: Callable[[Candidates, Scores, Kept], Kept]
    threshold: float | None = None
    notes: tuple[str, ...] = ()
    detector: CopyDetector | None = None
    memory: Memory | None = None


def score_nothing(candidates: Candidates) -> Scores:
    """Return NaN for every candidate."""
    return np.full(len(candidates), np.nan, np.float32)
