"""ShiftedScores: how well corrupted test images are recognised, for verdict.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ganaug.gain.judgement.statistics import Interval
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.shifts.versions import MOST_TESTED
from ganaug.records import conform_fields, list_types


@dataclass(frozen=True)
class ShiftedScores:
    """Balanced accuracy on corrupted versions of the test images.

    Attributes:
        versions: number of corrupted versions of each image.
        images: number of test images that were corrupted, in one split.
        arms: arm → corruption → score at each severity, the mean over networks, then
            over splits.
        gains: arm → gain over it with synthetic images, in the mean over all versions.
    """

    versions: int
    images: int
    arms: Mapping[str, Mapping[str, tuple[float, ...]]]
    gains: Mapping[str, Interval]

    def average(self, arm: str) -> float:
        """Return an arm's mean score over all versions."""
        scores = [score for own in self.arms[arm].values() for score in own]
        return sum(scores) / len(scores)

    def say_tested(self) -> str:
        """Return in words what was tested.

        Example:
            >>> ShiftedScores(30, 500, {}, {}).say_tested()
            'mean over 30 corrupted versions of the test images'
        """
        some = "the" if self.images < MOST_TESTED else f"{MOST_TESTED:,}"
        return f"mean over {self.versions} corrupted versions of {some} test images"

    def say(self) -> str:
        """Return the gain over the best training without synthetic images in words."""
        gain = self.gains.get(OPPONENT)
        if gain is None:
            return f"{self.say_tested()}: every fit failed"
        values = [100 * value for value in (gain.mean, gain.low, gain.high)]
        interval = f"95 % interval {values[1]:+.1f} to {values[2]:+.1f}, p {gain.p:.3f}"
        if gain.n == 1:
            interval = "no interval"
        return (
            f"{self.say_tested()}: {100 * self.average(SYNTHETIC):.1f} % with "
            f"synthetic images, {100 * self.average(OPPONENT):.1f} % with the best "
            f"training without them, {values[0]:+.1f} points ({interval})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that survive JSON."""
        return {
            **asdict(self),
            "means": {arm: self.average(arm) for arm in self.arms},
            "gains": {name: gain.to_dict() for name, gain in self.gains.items()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ShiftedScores:
        """Return the scores from the values that `to_dict` returned.

        Raises:
            ValueError: a value is missing, or has another type.
        """
        gains = {k: Interval.from_dict(v) for k, v in values["gains"].items()}
        known = {name: values[name] for name in ("versions", "images", "arms")}
        types = list_types(cls, gains=Any)
        return cls(**conform_fields({**known, "gains": gains}, types))
