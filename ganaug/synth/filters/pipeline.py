"""The filters that a store's candidates go through, one after another.

A filter is a record; to add one, write a function from `RealExamples` to a `Filter` and
add it to `FILTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.copies import filter_copies
from ganaug.synth.filters.filter import Filter
from ganaug.synth.filters.label import filter_labels
from ganaug.synth.filters.near_duplicates import filter_near_duplicates
from ganaug.synth.filters.realism import filter_unrealistic
from ganaug.synth.store.manifest import Row, write_soft

# in the order in which they judge; a filter with a memory comes last
FILTERS: dict[str, Callable[[RealExamples], Filter]] = {
    "label": filter_labels,
    "realism": filter_unrealistic,
    "copy": filter_copies,
    "duplicate": filter_near_duplicates,
}
WITHOUT_TEACHER = {"duplicate"}  # filters that need no trained classifiers


@dataclass(frozen=True, eq=False)
class Judgement:
    """The filters' judgement of some candidates.

    Attributes:
        kept: (n,) whether each may go into the store.
        reasons: for each, the first filter that rejected it, or "".
        scores: filter → (n,) scores; NaN where there is none.
        probabilities: (n, k) the teacher's probabilities, or None without a teacher.
    """

    kept: Kept
    reasons: list[str]
    scores: dict[str, Scores]
    probabilities: NDArray[np.float32] | None

    def add_to(self, row: Row, i: int, labels: str) -> Row:
        """Return the manifest's row for the i-th candidate with its scores."""
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


@dataclass(eq=False)
class Examined:
    """Candidates that some of the filters have judged.

    Attributes:
        candidates: as the filters see them.
        kept: (n,) whether these filters keep each.
        reasons: (n,) the first filter that rejected it, or "".
        scores: filter → (n,) scores.
    """

    candidates: Candidates
    kept: Kept
    reasons: NDArray[np.object_]
    scores: dict[str, Scores] = field(default_factory=dict)

    def apply(self, filter_: Filter) -> None:
        """Let one more filter judge them."""
        scores = filter_.score(self.candidates)
        bad = self.kept & ~filter_.keep(self.candidates, scores, self.kept)
        self.reasons[bad] = filter_.name
        self.scores[filter_.name] = scores
        self.kept = self.kept & ~bad

    def lighten(self) -> Examined:
        """Return the same without what no filter with a memory needs."""
        return replace(self, candidates=self.candidates.lighten())


class FilterPipeline:
    """Judges candidates, in the order in which they would enter the store.

    Args:
        real: real images.
        names: filters to apply, keys of `FILTERS`.
        notes: lines for the user, in addition to the filters' own.

    Attributes:
        recognised: (k, k) candidates by the class that was asked for and the class
            that the teacher saw, as far as `count` was told of them.
    """

    def __init__(
        self, real: RealExamples, names: Sequence[str], notes: tuple[str, ...] = ()
    ) -> None:
        self.real = real
        self.filters = self.build(names)
        self.notes = (*notes, *(note for f in self.filters for note in f.notes))
        self.recognised = np.zeros((len(real.classes), len(real.classes)), np.int64)

    def build(self, names: Sequence[str]) -> list[Filter]:
        """Fit the named filters to the real images."""
        return build_filters(self.real, names)

    def judge(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        indices: NDArray[np.int64] | None = None,
    ) -> Judgement:
        """Judge candidates (n, h, w, c) with labels (n,) and indices in their classes.

        The indices matter only where they tell the source images.
        """
        return self.settle(self.examine(images, labels, indices))

    def examine(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        indices: NDArray[np.int64] | None = None,
    ) -> Examined:
        """Apply the filters that have no memory, and compute what the others need.

        It depends on no other candidates, so that another process may do it.
        """
        candidates = self.look(images, labels, indices)
        found = Examined(
            candidates, np.ones(len(labels), bool), np.full(len(labels), "", object)
        )
        for f in self.filters:
            if f.memory is None:
                found.apply(f)
            else:
                _ = candidates.random
        if self.real.teacher is not None:
            _ = candidates.probabilities
        return found

    def settle(self, examined: Examined) -> Judgement:
        """Apply the filters that remember what they kept, to the next candidates."""
        for f in self.filters:
            if f.memory is not None:
                examined.apply(f)
        opinion = None
        if self.real.teacher is not None:
            opinion = examined.candidates.probabilities
        if len(self.real.classes) == 1:
            opinion = np.ones((len(examined.kept), 1), np.float32)
        return Judgement(
            examined.kept, examined.reasons.tolist(), examined.scores, opinion
        )

    def look(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        indices: NDArray[np.int64] | None,
    ) -> Candidates:
        """Return candidates as the filters see them."""
        return Candidates(images, labels, self.real.teacher)

    def count(
        self, judgement: Judgement, labels: NDArray[np.int64], taken: Sequence[int]
    ) -> None:
        """Count what the teacher saw in the candidates that are recorded."""
        if judgement.probabilities is not None and self.real.teacher is not None:
            rows = np.array(taken, np.int64)
            seen = judgement.probabilities[rows].argmax(axis=1)
            np.add.at(self.recognised, (labels[rows], seen), 1)

    def forget(self) -> None:
        """Forget all images, also kept ones that did not enter the store."""
        for f in self.filters:
            if f.memory is not None:
                f.memory.forget()

    def remember(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        indices: NDArray[np.int64] | None = None,
    ) -> None:
        """Remember images that the store has from an earlier call."""
        for f in self.filters:
            if f.memory is not None:
                f.memory.remember(images, labels)


def build_filters(real: RealExamples, names: Sequence[str]) -> list[Filter]:
    """Fit the named filters, keys of `FILTERS`, to the real images."""
    assert set(names) <= set(FILTERS), names
    return [FILTERS[name](real) for name in FILTERS if name in names]


def need_teacher(names: Sequence[str]) -> bool:
    """Whether any of these filters needs a teacher.

    Example:
        >>> need_teacher(["copy", "duplicate"]), need_teacher(["duplicate"])
        (True, False)
    """
    return not set(names) <= WITHOUT_TEACHER
