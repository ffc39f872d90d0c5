"""Pace: whether a training keeps the time that was planned for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ganaug.display.words import say_time

JUDGED_FROM, JUDGED_TO = 0.1, 0.9  # share of the images in which a pace is worth saying
FIRST_SECONDS = 5.0  # what comes before says little: the first steps are slow
OFF = 1.5  # factor between planned and real time from which the user is told


@dataclass(frozen=True)
class Schedule:
    """The time that was planned.

    Attributes:
        images, seconds: number of images to train on, and their planned time.
        later: planned time of what is trained afterwards, in seconds.
        run_images, run_seconds: the same for the whole run.
    """

    images: int
    seconds: float
    later: float
    run_images: int
    run_seconds: float


@dataclass(frozen=True)
class Pace:
    """A training that takes much longer or shorter than was planned.

    Attributes:
        factor: real time over planned time, so 2 is half as fast.
        seconds_left: time left of the whole run, at this pace.
        planned: planned time of the whole run, in seconds.
        fitting: images that would fit into the planned time.
    """

    factor: float
    seconds_left: float
    planned: float
    fitting: int

    @property
    def sentence(self) -> str:
        """The new end, counted from now, and what would keep to the planned time."""
        cure = f"images={self.fitting} (--set)"
        return say_pace(self.factor, self.planned, self.seconds_left, cure=cure)


def say_pace(factor: float, planned: float, seconds_left: float, *, cure: str) -> str:
    """Say how far a planned time is missed, when the end will be, and how to change it.

    Args:
        factor: real time over planned time.
        planned: planned time of the whole, in seconds.
        seconds_left: time left of the whole, at this pace.
        cure: what keeps to the planned time.
    """
    end = datetime.now() + timedelta(seconds=seconds_left)
    speed, word = (factor, "slower") if factor > 1 else (1 / factor, "faster")
    whole, wanted = say_time(factor * planned), say_time(planned)
    return (
        f"{speed:.1f} times {word} than timed: all of it takes {whole} instead of "
        f"{wanted}, until about {end:%H:%M}; for {wanted}, stop (Ctrl-C) and begin "
        f"anew with {cure} in another folder (--out)"
    )


def is_kept(factor: float) -> bool:
    """Whether real time over planned time is near enough to 1 to say nothing.

    Example:
        >>> is_kept(1.4), is_kept(0.6)
        (True, False)
    """
    return 1 / OFF < factor < OFF


def judge_pace(plan: Schedule, seen: int, done: int, seconds: float) -> Pace | None:
    """Compare the time so far with the planned one; return None where they are alike.

    Args:
        plan: what was planned.
        seen: images seen, also before the training was resumed.
        done, seconds: images since it was begun or resumed, and the time they took.

    Example:
        >>> plan = Schedule(20_000, 600, later=0, run_images=20_000, run_seconds=600)
        >>> judge_pace(plan, 2000, 2000, 65)
        >>> pace = judge_pace(plan, 2000, 2000, 120)
        >>> pace.factor, pace.seconds_left, pace.fitting
        (2.0, 1080.0, 10000)
    """
    begun = done >= JUDGED_FROM * plan.images and seconds >= FIRST_SECONDS
    if not begun or seen > JUDGED_TO * plan.images:
        return None
    each = plan.seconds / plan.images
    factor = seconds / (done * each)
    if is_kept(factor):
        return None
    left = factor * ((plan.images - seen) * each + plan.later)
    fitting = _round(plan.run_images / factor)
    return Pace(round(factor, 3), round(left, 1), plan.run_seconds, fitting)


def _round(n: float) -> int:
    """Round to three digits."""
    return int(float(f"{max(1.0, n):.3g}"))
