"""Progress: how far a training is, reported about twice a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ganaug.training.journal import Fired, Journal
from ganaug.training.pace import Pace, Schedule, judge_pace

TICK_SECONDS = 0.5  # seconds between two calls of `progress`


@dataclass(frozen=True)
class Status:
    """What a progress bar shows.

    Attributes:
        seen, images: real images seen so far and in the whole run.
        rate: images per second since this process began or resumed the training.
        seconds_left: time left at that rate.
        figures: losses, the last snapshot's quality and the last diagnosis.
        part: class whose GAN is being trained, "" for a joint network.
        alarms: alarms that have rung, or are over, since the training began or was
            resumed.
        pace: how far the time that was planned is missed, None while it is kept.
    """

    seen: int
    images: int
    rate: float
    seconds_left: float
    figures: dict[str, float]
    part: str = ""
    alarms: tuple[Fired, ...] = ()
    pace: Pace | None = None


Progress = Callable[[Status], None]


class Ticker:
    """Calls a progress function about twice a second.

    Args:
        progress: function that is called with a `Status`; None for silence.
        part: name shown with the progress.
        schedule: planned time; None where nobody planned one.
    """

    def __init__(
        self,
        progress: Progress | None = None,
        part: str = "",
        schedule: Schedule | None = None,
    ) -> None:
        self.progress, self.part, self.schedule = progress, part, schedule
        self.pace: Pace | None = None
        self.start(0, 0)

    def start(self, seen: int, images: int) -> None:
        """Begin to measure the rate, after `seen` of `images` images."""
        self.start_seen, self.images = seen, images
        self.started = self.last_tick = time.monotonic()

    def tick(self, seen: int, journal: Journal) -> None:
        """Call the progress function if the last call was TICK_SECONDS ago."""
        now = time.monotonic()
        if now - self.last_tick >= TICK_SECONDS:
            self.last_tick = now
            self.tell(seen, journal)

    def tell(self, seen: int, journal: Journal) -> None:
        """Call the progress function now."""
        if self.progress is None:
            return
        done, seconds = seen - self.start_seen, time.monotonic() - self.started
        rate = done / seconds
        if self.schedule is not None and self.pace is None:
            self.pace = judge_pace(self.schedule, seen, done, seconds)
        left = max(0, self.images - seen) / rate if rate else 0.0
        status = Status(
            seen,
            self.images,
            rate=rate,
            seconds_left=left,
            figures=dict(journal.figures),
            part=self.part,
            alarms=tuple(journal.alarms),
            pace=self.pace,
        )
        self.progress(status)
