"""The length of a training: what it takes by default, and how short one was."""

from __future__ import annotations

import math
from dataclasses import dataclass

SMALL = 16  # pixels of the longest side
SMALL_MINUTES, MINUTES = 3.0, 10.0
SMALL_IMAGES, IMAGES = 30_000, 60_000
FAR_BELOW = 1 / 3  # share of the default length below which a training is too short


def default_minutes(size: tuple[int, int]) -> float:
    """Return the minutes that a training of images of this size takes by default.

    Example:
        >>> default_minutes((8, 8)), default_minutes((64, 48))
        (3.0, 10.0)
    """
    return SMALL_MINUTES if max(size) <= SMALL else MINUTES


def enough_images(size: tuple[int, int]) -> int:
    """Return the images that a training on images of this size should see.

    From what trainings of the default length saw on two idle CPU cores, and from what
    became of shorter ones; see `benchmarks/verdicts.md`.

    Example:
        >>> enough_images((8, 8)), enough_images((64, 48))
        (30000, 60000)
    """
    return SMALL_IMAGES if max(size) <= SMALL else IMAGES


@dataclass(frozen=True)
class RunLength:
    """How long a training takes, and how long by default.

    Attributes:
        minutes: what it takes.
        default: what it takes unless the user says otherwise.
        images: images that it sees; 0 where that does not matter.
        enough: images that it should see.
    """

    minutes: float
    default: float
    images: int = 0
    enough: int = 0

    @property
    def part(self) -> float:
        """Share of what the data need: in images, and in minutes where none count."""
        if self.images and self.enough:
            return self.images / self.enough
        return self.minutes / self.default

    @property
    def far_below(self) -> bool:
        """Whether it is far too short."""
        return self.part < FAR_BELOW

    @property
    def advised(self) -> float:
        """Minutes to give it: the default, or more on a slow machine."""
        if not (self.images and self.enough):
            return self.default
        return max(self.default, math.ceil(self.minutes / self.part))

    def say(self) -> str:
        """Say how short it is.

        Example:
            >>> RunLength(1.0, 10.0).say()
            '60 s is a tenth of what these data need by default'
            >>> RunLength(10.0, 10.0, images=12_000, enough=60_000).say()
            '12,000 images in 10 minutes are a fifth of what these data need'
        """
        seconds = 60 * self.minutes
        spent = f"{seconds:.0f} s" if seconds < 120 else f"{self.minutes:.0f} minutes"
        part = self.say_part()
        if self.images and self.enough:
            what = f"{self.images:,} images in {spent}"
            return f"{what} are {part} of what these data need"
        return f"{spent} is {part} of what these data need by default"

    def say_part(self) -> str:
        """Say which part of what the data need it is."""
        return PARTS.get(round(1 / max(self.part, 1e-3)), "less than a tenth")


def measure_length(minutes: float, images: int, size: tuple[int, int]) -> RunLength:
    """Return how long a GAN's training is, beside what images of this size need."""
    default, enough = default_minutes(size), enough_images(size)
    return RunLength(minutes, default, images=images, enough=enough)


PARTS = {
    3: "a third", 4: "a quarter", 5: "a fifth", 6: "a sixth", 7: "a seventh",
    8: "an eighth", 9: "a ninth", 10: "a tenth",
}  # fmt: skip
