"""GainStatus: the progress of a protocol, reported to a listener."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from ganaug.gain.budget import Estimate
from ganaug.gain.protocol.jobs import Job
from ganaug.training.pace import JUDGED_FROM, JUDGED_TO, is_kept, say_pace
from ganaug.training.progress import Status


@dataclass(frozen=True)
class GainStatus:
    """The progress of a protocol.

    Attributes:
        split, splits: number of the current split, from 1, and total number.
        key: key of the result that was finished last.
        done: number of this split's jobs that are finished.
        jobs: largest number of jobs that this split can have.
        gan: state of the GAN's training, or None while no GAN trains.
        plan: planned work, or None until it is known.
        pace: how far the planned time is missed, "" while it is kept.
        together: (done, jobs) of each split while several processes work on them; ()
            where one does.
    """

    split: int
    splits: int
    key: str = ""
    done: int = 0
    jobs: int = 1
    gan: Status | None = None
    plan: Estimate | None = None
    pace: str = ""
    together: tuple[tuple[int, int], ...] = ()


Progress = Callable[[GainStatus], None]


class Reporter:
    """Reports progress to a listener."""

    def __init__(self, progress: Progress | None, splits: int) -> None:
        self.progress, self.status = progress, GainStatus(0, splits)
        self._done: set[str] = set()  # keys, because some results are read twice

    def plan(self, estimate: Estimate) -> None:
        self._tell(replace(self.status, splits=estimate.splits, plan=estimate))

    def begin(
        self,
        number: int,
        jobs: Sequence[Job],
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Begin a split.

        Args:
            number: number of the split, from 0.
            jobs: jobs of this split.
            clock: function that returns the minutes of work on all splits so far.
        """
        self._done.clear()
        self._clock = clock
        self._costs = list(accumulate((job.cost for job in jobs), initial=0.0))
        status = replace(self.status, split=number + 1, jobs=len(jobs))
        self._tell(replace(status, key="", done=0, gan=None))

    def finish(self, key: str) -> None:
        self._done.add(key)
        status = replace(self.status, key=key, done=len(self._done), gan=None)
        self._tell(replace(status, pace=status.pace or self._judge_pace()))

    def _judge_pace(self) -> str:
        """Compare the minutes so far with the planned ones, from a tenth of them on."""
        plan = self.status.plan
        if plan is None or not plan.minutes or not self.status.split:
            return ""  # nothing is timed yet
        expected, minutes = self._count_expected(plan), self._clock()
        share = expected / plan.minutes
        factor = minutes / expected if expected else 1.0
        if not JUDGED_FROM <= share <= JUDGED_TO or not minutes or is_kept(factor):
            return ""
        planned = 60 * plan.minutes
        cure = f"a budget of {max(1, round(plan.minutes / factor))} minutes"
        return say_pace(factor, planned, factor * planned * (1 - share), cure=cure)

    def _count_expected(self, plan: Estimate) -> float:
        """Return the minutes planned for what is finished, with the split's GAN."""
        each = plan.minutes / plan.splits
        fits = plan.fit_minutes / plan.fits
        begun = each - plan.fit_minutes / plan.splits  # GAN, teacher and filters
        cost = self._costs[min(len(self._done), len(self._costs) - 1)]
        return each * (self.status.split - 1) + begun + fits * cost

    def tell_together(self, done: Sequence[int], jobs: Sequence[int]) -> None:
        """Tell what other processes have done of each split; there are so many jobs.

        What this process then finds of it is told no more.
        """
        each = tuple(zip(done, jobs, strict=True))
        self.status = replace(self.status, split=1, together=each)
        if self.progress is not None:
            self.progress(self.status)

    def train(self, status: Status) -> None:
        self._tell(replace(self.status, gan=status))

    def _tell(self, status: GainStatus) -> None:
        self.status = status
        if self.progress is not None and not status.together:
            self.progress(status)
