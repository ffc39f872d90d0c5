"""Screen: all filters in turn, and the twins that only a store's history shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.synth.filters.candidates import Candidates, Reality
from ganaug.synth.filters.near_duplicates import Twins
from ganaug.synth.filters.pipeline import Filter, build_filters
from ganaug.synth.store.manifest import Row, write_soft

TWIN = "duplicate"


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a screen says of some candidates.

    Attributes:
        kept: (n,) whether each may go into the store.
        reasons: name of the first filter that refused it, "" for kept ones.
        scores: filter → (n,); NaN where it could not be scored.
        probabilities: (n, k) the teacher's opinion, None where there is no teacher.
    """

    kept: NDArray[np.bool_]
    reasons: list[str]
    scores: dict[str, NDArray[np.float32]]
    probabilities: NDArray[np.float32] | None

    def add_to(self, row: Row, i: int, labels: str) -> Row:
        """The manifest's row of the i-th candidate, with its scores."""
        opinion = self.probabilities if labels == "soft" else None
        return row._replace(
            label_score=self._write("label", i),
            realism_score=self._write("realism", i),
            nearest_real_distance=self._write("copy", i),
            soft_label="" if opinion is None else write_soft(opinion[i]),
            reason=self.reasons[i],
        )

    def _write(self, name: str, i: int) -> str:
        scores = self.scores.get(name)
        return "" if scores is None or np.isnan(scores[i]) else f"{scores[i]:.4g}"


class Screen:
    """Judges candidates, in the order in which they would enter the store.

    Args:
        reality: the real images.
        names: filters to apply, see `FILTERS`, and `duplicate`.
        notes: what the user should read beside the filters' own notes.
    """

    def __init__(
        self, reality: Reality, names: Sequence[str], notes: tuple[str, ...] = ()
    ) -> None:
        self.reality = reality
        self.filters: list[Filter] = build_filters(
            reality, [name for name in names if name != TWIN]
        )
        self.twins = Twins(reality) if TWIN in names else None
        self.notes = (*notes, *(note for f in self.filters for note in f.notes))

    def judge(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Judgement:
        """Judge candidates (n, h, w, c) of these labels (n,)."""
        candidates = Candidates(images, labels, self.reality.teacher)
        kept = np.ones(len(labels), bool)
        reasons = np.full(len(labels), "", object)
        scores = {}
        for f in self.filters:
            scores[f.name] = f.score(candidates)
            bad = kept & ~f.keep(candidates, scores[f.name])
            reasons[bad] = f.name
            kept &= ~bad
        if self.twins is not None:
            twins = self.twins.refuse(candidates, kept)
            reasons[twins] = TWIN
            kept &= ~twins
        opinion = candidates.probabilities if candidates.teacher else None
        if len(self.reality.classes) == 1:
            opinion = np.ones((len(labels), 1), np.float32)
        return Judgement(kept, reasons.tolist(), scores, opinion)

    def forget(self) -> None:
        """What it has judged so far."""
        if self.twins is not None:
            self.twins.forget()

    def remember(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        """Images that the store has from an earlier call."""
        if self.twins is not None:
            self.twins.remember(images, labels)
