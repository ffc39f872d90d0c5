"""Arm gains: what the scores of several arms say of one of them, per classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.statistics import Interval, paired_interval
from ganaug.gain.judgement.verdict import HURTS, OPEN, SAME, decide
from ganaug.recipe import HELPS

GAN = "GAN"
Scores = Mapping[str, Mapping[str, float]]  # classifier → arm → balanced accuracy


@dataclass(frozen=True)
class ArmGain:
    """The gain with what a GAN made, for one classifier.

    Attributes:
        classifier: its name.
        means: arm → mean balanced accuracy over the splits.
        opponent: the arm without the GAN that has the best mean.
        interval: GAN minus opponent, a share.
        word: helps, no difference, hurts or cannot tell.
        needed: number of splits that would be enough, if all else stays the same.
        unit: what the GAN made, such as rows.
    """

    classifier: str
    means: dict[str, float]
    opponent: str
    interval: Interval
    word: str
    needed: int | None
    unit: str = "rows"

    @property
    def sentence(self) -> str:
        """The answer for a person, in points."""
        low, mean, high = (
            f"{100 * value:+.1f}"
            for value in (self.interval.low, self.interval.mean, self.interval.high)
        )
        more = ""
        if self.word == OPEN and self.needed is not None:
            more = f"; about {self.needed} splits would be enough"
        said = SAID[self.word].format(self.unit)
        return (
            f"For {self.classifier}, {said}: {mean} points of balanced "
            f"accuracy (95% interval {low} to {high} over {self.interval.n} splits) "
            f"against {self.opponent}, the best without them{more}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "classifier": self.classifier, "means": self.means,
            "opponent": self.opponent, "interval": self.interval.to_dict(),
            "word": self.word, "needed": self.needed, "sentence": self.sentence,
        }  # fmt: skip


def judge_arms(
    scores: Sequence[Scores], margin: float, *, overlap: float, unit: str = "rows"
) -> tuple[ArmGain, ...]:
    """Judge the scores of splits; classifiers that do best without GAN come first.

    The opponent is the arm with the best mean, chosen afterwards, which favours it.

    Args:
        scores: those of each split.
        margin: largest difference that counts as none, a share.
        overlap: examples left out of a training part per example in it.
        unit: what the GAN made.

    Example:
        >>> scores = {"tree": {"nothing": 0.5, "GAN": 0.6}}
        >>> more = {"tree": {"nothing": 0.5, "GAN": 0.61}}
        >>> judge_arms([scores, more] * 5, 0.01, overlap=0.25)[0].word
        'helps'
    """
    gains = [_judge(name, scores, margin, overlap, unit) for name in scores[0]]
    return tuple(sorted(gains, key=lambda gain: -gain.means[gain.opponent]))


def _judge(
    name: str, scores: Sequence[Scores], margin: float, overlap: float, unit: str
) -> ArmGain:
    arms = {arm: [float(s[name][arm]) for s in scores] for arm in scores[0][name]}
    means = {arm: float(np.mean(values)) for arm, values in arms.items()}
    opponent = max((arm for arm in means if arm != GAN), key=lambda arm: means[arm])
    differences = np.subtract(arms[GAN], arms[opponent])
    interval = paired_interval(differences, overlap=overlap)
    design = Design(classifier=name, pretrained_run=True, margin=margin)
    verdict = decide(interval, interval, design)
    return ArmGain(
        name, means, opponent, interval, verdict.word, verdict.splits_needed, unit
    )


SAID = {
    HELPS: "GAN {} help",
    SAME: "GAN {} make no difference",
    HURTS: "GAN {} hurt",
    OPEN: "these splits cannot tell whether GAN {} help",
}
