"""The length of a training: what it takes by default, and how short one was."""

from __future__ import annotations

from dataclasses import dataclass

SMALL = 16  # pixels of the longest side
SMALL_MINUTES, MINUTES = 3.0, 10.0
FAR_BELOW = 1 / 3  # share of the default length below which a training is too short


def default_minutes(size: tuple[int, int]) -> float:
    """Return the minutes that a training of images of this size takes by default.

    Example:
        >>> default_minutes((8, 8)), default_minutes((64, 48))
        (3.0, 10.0)
    """
    return SMALL_MINUTES if max(size) <= SMALL else MINUTES


@dataclass(frozen=True)
class RunLength:
    """How long a training takes, and how long by default.

    Attributes:
        minutes: what it takes.
        default: what it takes unless the user says otherwise.
    """

    minutes: float
    default: float

    @property
    def far_below(self) -> bool:
        """Whether it is far too short."""
        return self.minutes < FAR_BELOW * self.default

    def say(self) -> str:
        """Say how short it is.

        Example:
            >>> RunLength(1.0, 10.0).say()
            '60 s is a tenth of what these data need by default'
        """
        seconds = 60 * self.minutes
        spent = f"{seconds:.0f} s" if seconds < 120 else f"{self.minutes:.0f} minutes"
        part = _say_part(self.minutes / self.default)
        return f"{spent} is {part} of what these data need by default"


PARTS = {
    3: "a third", 4: "a quarter", 5: "a fifth", 6: "a sixth", 7: "a seventh",
    8: "an eighth", 9: "a ninth", 10: "a tenth",
}  # fmt: skip


def _say_part(part: float) -> str:
    n = round(1 / max(part, 1e-3))
    return PARTS.get(n, "less than a tenth")
