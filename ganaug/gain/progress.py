"""GainStatus: the progress of a protocol, reported to a listener."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ganaug.gain.budget import Estimate
from ganaug.gain.protocol.jobs import Job
from ganaug.training.pace import is_kept, say_pace
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
    """

    split: int
    splits: int
    key: str = ""
    done: int = 0
    jobs: int = 1
    gan: Status | None = None
    plan: Estimate | None = None
    pace: str = ""


Progress = Callable[[GainStatus], None]


class Reporter:
    """Reports progress to a listener."""

    def __init__(self, progress: Progress | None, splits: int) -> None:
        self.progress, self.status = progress, GainStatus(0, splits)
        self._done: set[str] = set()  # keys, because some results are read twice

    def plan(self, estimate: Estimate) -> None:
        self._tell(replace(self.status, splits=estimate.splits, plan=estimate))

    def begin(self, number: int, jobs: Sequence[Job]) -> None:
        self._done.clear()
        status = replace(self.status, split=number + 1, jobs=len(jobs))
        self._tell(replace(status, key="", done=0, gan=None))

    def finish(self, key: str) -> None:
        self._done.add(key)
        status = replace(self.status, key=key, done=len(self._done), gan=None)
        self._tell(status)

    def judge_pace(self, minutes: float) -> None:
        """Compare the minutes that the splits so far took with the planned ones."""
        plan, done = self.status.plan, self.status.split
        if plan is None or not plan.minutes or self.status.pace:
            return
        factor = minutes / (plan.minutes * done / plan.splits)
        if done < plan.splits and not is_kept(factor):
            planned = 60 * plan.minutes
            left = factor * planned * (1 - done / plan.splits)
            cure = f"a budget of {max(1, round(plan.minutes / factor))} minutes"
            said = say_pace(factor, planned, left, cure=cure)
            self._tell(replace(self.status, pace=said))

    def train(self, status: Status) -> None:
        self._tell(replace(self.status, gan=status))

    def _tell(self, status: GainStatus) -> None:
        self.status = status
        if self.progress is not None:
            self.progress(status)
