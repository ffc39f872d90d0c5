"""The verdict: do GAN images help this classifier on these data? One word, one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.details import Carried
from ganaug.gain.judgement.statistics import Interval, splits_to_decide
from ganaug.gain.protocol.arms import GAN, IMAGES
from ganaug.recipe import HELPS
from ganaug.records import conform_fields, list_types

SAME, HURTS, OPEN = "no difference", "hurts", "cannot tell"


@dataclass(frozen=True)
class Verdict:
    """The answer of a gain protocol.

    Attributes:
        word: HELPS, SAME, HURTS or OPEN.
        sentence: the answer for a person, with figures in points.
        against_opponent: gain over the strongest training without synthetic images.
        against_placebo: gain over real images in their place.
        margin: largest difference that counts as none, a share.
        classifier: the trained classifier, such as "a small network trained from
            scratch".
        pretrained_run: whether the classifier was a pretrained one.
        metric: name of the score that the gains are measured in.
        splits_needed: number of splits that would be enough, if all else stays the
            same; the number that was run if these were enough; None if no number is.
        minutes_per_split: time that one split takes, or None when unknown.
        empty: number of splits without any synthetic image to use.
        kind: kind of the synthetic images, a key of `protocol.arms.IMAGES`.
        start: name of the earlier run that both sides may start from, or empty.
    """

    word: str
    sentence: str
    against_opponent: Interval
    against_placebo: Interval
    margin: float
    classifier: str
    pretrained_run: bool
    metric: str
    splits_needed: int | None
    minutes_per_split: float | None = None
    empty: int = 0
    kind: str = GAN
    start: str = ""

    @property
    def images(self) -> str:
        """The synthetic images in words."""
        return IMAGES.get(self.kind, self.kind)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values in the form that verdict.json has."""
        return {
            **asdict(self),
            "against_opponent": self.against_opponent.to_dict(),
            "against_placebo": self.against_placebo.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """Return the verdict from the values that `to_dict` returned.

        Raises:
            ValueError: a value is missing, or has another type.
        """
        intervals = {
            name: Interval.from_dict(values[name])
            for name in ("against_opponent", "against_placebo")
        }
        types = list_types(cls, **dict.fromkeys(intervals, Any))
        return cls(**conform_fields({**values, **intervals}, types))


def decide(
    against_opponent: Interval,
    against_placebo: Interval,
    design: Design,
    *,
    metric: str = "accuracy",
    empty: int = 0,
) -> Verdict:
    """Return the verdict on two gains.

    - helps: both intervals lie above 0;
    - hurts: the interval against the opponent lies below 0;
    - no difference: the interval against the opponent lies within ±margin; or it lies
      above 0, but the one against the placebo does not reach above the margin, so real
      images did as well;
    - cannot tell: otherwise, and where no split had a synthetic image to use.

    Args:
        against_opponent: gain over the strongest arm without synthetic images.
        against_placebo: gain over the placebo.
        design: facts about the splits: classifier, margin, minutes per split.
        metric: name of the score that the gains are measured in.
        empty: number of splits without any synthetic image to use; their gain is 0.

    Example:
        >>> from ganaug.gain.judgement.statistics import paired_interval
        >>> gain = paired_interval([0.02, 0.03, 0.02, 0.03, 0.02])
        >>> design = Design(classifier="a net", pretrained_run=True, margin=0.01)
        >>> decide(gain, gain, design).word
        'helps'
    """
    margin = design.margin
    assert margin >= 0
    word, needed = OPEN, None
    if empty < against_opponent.n:
        word = _choose(against_opponent, against_placebo, margin)
        needed = _count_needed(against_opponent, against_placebo, margin)
    if word != OPEN:
        needed = against_opponent.n
    verdict = Verdict(
        word=word,
        sentence="",
        against_opponent=against_opponent,
        against_placebo=against_placebo,
        margin=margin,
        classifier=design.classifier,
        pretrained_run=design.pretrained_run,
        metric=metric,
        splits_needed=needed,
        minutes_per_split=design.minutes_per_split,
        empty=empty,
        kind=design.kind,
        start=design.start,
    )
    return replace(verdict, sentence=_say(verdict))


def say_carried(carried: Carried) -> str:
    """Say what filling cells without a network gains.

    Example:
        >>> from ganaug.gain.judgement.statistics import paired_interval
        >>> say_carried(Carried("histogram", paired_interval([0.2, 0.22, 0.21])))[:62]
        'cells filled by histogram, without a network: +21.0 points (95'
    """
    return (
        f"cells filled by {carried.carrier}, without a network: "
        f"{_say_gain(carried.gain)} over the same training with cells drawn evenly"
    )


def _choose(opponent: Interval, placebo: Interval, margin: float) -> str:
    if opponent.low > 0 and placebo.low > 0:
        return HELPS
    if opponent.high < 0:
        return HURTS
    if opponent.low >= -margin and opponent.high <= margin:
        return SAME
    return SAME if opponent.low > 0 and placebo.high <= margin else OPEN


def _count_needed(opponent: Interval, placebo: Interval, margin: float) -> int | None:
    counts = [splits_to_decide(opponent, margin)]
    # above half the margin, more splits will rather exclude 0 than end within the
    # margin; the placebo counts then too
    if opponent.mean > margin / 2:
        counts.append(splits_to_decide(placebo, margin))
    known = [n for n in counts if n is not None]
    return max(known) if len(known) == len(counts) else None


def _say(verdict: Verdict) -> str:
    clauses = [SENTENCES[verdict.word](verdict)]
    if verdict.start:
        clauses.append(f"both sides may start from the images of {verdict.start}")
    if not verdict.pretrained_run:
        other = "other " if verdict.start else ""
        clauses.append(f"no {other}pretrained classifier was measured")
    return f"For {verdict.classifier}, {'; '.join(clauses)}."


def _say_helps(verdict: Verdict) -> str:
    return (
        f"{verdict.images} help: {_say_main(verdict)} and "
        f"{_say_gain(verdict.against_placebo)} against {IN_PLACE}"
    )


def _say_hurts(verdict: Verdict) -> str:
    text, placebo = (
        f"{verdict.images} hurt: {_say_main(verdict)}",
        verdict.against_placebo,
    )
    if placebo.low >= -verdict.margin:
        text += f"; {IN_PLACE} did no better, with {_say_difference(placebo)}"
    return text


def _say_same(verdict: Verdict) -> str:
    opponent, placebo = verdict.against_opponent, verdict.against_placebo
    start = f"{verdict.images} make no difference: {_say_main(verdict)}"
    if opponent.low <= 0:
        return f"{start}, within the margin of {say_margin(verdict.margin)}"
    small = placebo.high <= verdict.margin
    fared = "did as well" if small else "were not clearly worse"
    return f"{start}, but {IN_PLACE} {fared}, with {_say_difference(placebo)}"


def _say_open(verdict: Verdict) -> str:
    opponent, placebo = verdict.against_opponent, verdict.against_placebo
    if verdict.empty >= opponent.n:
        if verdict.kind == GAN:
            return (
                "nothing was measured: no image that the GAN drew passed the filters "
                "in any split; give the GAN more time (--budget) or more images"
            )
        return (
            f"nothing was measured: none of the {verdict.images} passed the filters in "
            "any split; give other styles or more images"
        )
    splits = "a single split" if opponent.n == 1 else f"{opponent.n} splits"
    start = f"{splits} cannot tell whether {verdict.images} help: {_say_main(verdict)}"
    if opponent.low > 0:
        start += f", but {_say_gain(placebo)} against {IN_PLACE}"
    return f"{start}; {_say_needed(verdict)}"


def _say_needed(verdict: Verdict) -> str:
    n, needed = verdict.against_opponent.n, verdict.splits_needed
    if n == 1:
        return "run five or more"
    if needed is None:
        return "no number of splits would be enough, more images are needed"
    cost = ""
    if verdict.minutes_per_split is not None:
        minutes = needed * verdict.minutes_per_split
        cost = ", which takes " + (
            f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
        )
    return f"about {needed} splits would be enough, if all else stays the same{cost}"


def _say_main(verdict: Verdict) -> str:
    interval = verdict.against_opponent
    over = "" if verdict.word == OPEN else f" over {interval.n} splits"
    gain = _say_gain(interval, f" of {verdict.metric}", over)
    return f"{gain} against {RIVAL}"


def _say_difference(interval: Interval) -> str:
    return f"a difference of {_say_gain(interval)}"


def _say_gain(interval: Interval, of: str = "", over: str = "") -> str:
    """Say a gain, such as: +1.2 points (95% interval +0.4 to +2.0)."""
    values = [100 * v for v in (interval.mean, interval.low, interval.high)]
    # one digit, or two where one would round a gain to 0
    digits = 2 if any(0 < abs(v) < 0.05 for v in values) else 1
    mean, low, high = (f"{round(v, digits) + 0.0:+.{digits}f}" for v in values)
    if interval.n == 1:
        return f"{mean} points{of} (no interval)"
    reach = f"{interval.confidence:.0%} interval {low} to {high}{over}"
    return f"{mean} points{of} ({reach})"


def say_margin(margin: float) -> str:
    """Say a margin in points.

    Example:
        >>> say_margin(0.01), say_margin(0.015)
        ('1 point', '1.5 points')
    """
    return f"{100 * margin:g} point{'' if round(100 * margin, 9) == 1 else 's'}"


RIVAL = "the best training without them"
IN_PLACE = "real images in their place"
SENTENCES: dict[str, Callable[[Verdict], str]] = {
    HELPS: _say_helps,
    SAME: _say_same,
    HURTS: _say_hurts,
    OPEN: _say_open,
}
