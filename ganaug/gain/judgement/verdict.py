"""The verdict: do GAN images help this classifier on these data? One word, one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.statistics import Interval, splits_to_decide
from ganaug.recipe import HELPS

SAME, HURTS, OPEN = "no difference", "hurts", "cannot tell"


@dataclass(frozen=True)
class Verdict:
    """What a gain protocol found.

    Attributes:
        word: HELPS, SAME, HURTS or OPEN.
        sentence: the same for a person, with figures in points.
        against_opponent: gain over the strongest training without synthetic images.
        against_placebo: gain over real images in their place.
        margin: difference that does not count, a share.
        classifier: what was trained, such as "a small network trained from scratch".
        pretrained_run: whether a pretrained classifier was run.
        metric: what the gains are of.
        splits_needed: how many splits would decide, should all stay as it is; those
            that were run where they do; None where no number would.
        minutes_per_split: what a split costs, or None.
        empty: splits in which there was no synthetic image to use.
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

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as verdict.json has them."""
        return {
            **asdict(self),
            "against_opponent": self.against_opponent.to_dict(),
            "against_placebo": self.against_placebo.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """Return the verdict that `to_dict` was called on."""
        intervals = {
            name: Interval.from_dict(values[name])
            for name in ("against_opponent", "against_placebo")
        }
        return cls(**{**values, **intervals})


def decide(
    against_opponent: Interval,
    against_placebo: Interval,
    design: Design,
    *,
    metric: str = "accuracy",
    empty: int = 0,
) -> Verdict:
    """Judge two gains.

    - helps: both intervals lie above 0;
    - hurts: the one against the opponent lies below 0;
    - no difference: it lies within ±margin, or above 0 while the one against the
      placebo lies within ±margin or below 0: real images then did as well;
    - cannot tell: otherwise, and where no split had a synthetic image to use.

    Args:
        against_opponent: gain over the strongest arm without synthetic images.
        against_placebo: gain over the placebo.
        design: whose classifier, margin and minutes per split the verdict names.
        metric: what the gains are of.
        empty: splits in which no synthetic image could be used; their gain is 0.

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
    )
    return replace(verdict, sentence=_say(verdict))


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
    # it will rather exclude 0 than lie within the margin, and then the placebo counts
    if opponent.mean > margin / 2:
        counts.append(splits_to_decide(placebo, margin))
    known = [n for n in counts if n is not None]
    return max(known) if len(known) == len(counts) else None


def _say(verdict: Verdict) -> str:
    clauses = [SENTENCES[verdict.word](verdict)]
    if not verdict.pretrained_run:
        clauses.append("for a pretrained one this remains open")
    return f"For {verdict.classifier}, {'; '.join(clauses)}."


def _say_helps(verdict: Verdict) -> str:
    return (
        f"GAN images help: {_say_main(verdict)} and "
        f"{_say_gain(verdict.against_placebo)} against {IN_PLACE}"
    )


def _say_hurts(verdict: Verdict) -> str:
    text, placebo = f"GAN images hurt: {_say_main(verdict)}", verdict.against_placebo
    if placebo.low >= -verdict.margin:
        text += f"; {IN_PLACE} did no better, with {_say_gain(placebo)} between"
    return text


def _say_same(verdict: Verdict) -> str:
    opponent, placebo = verdict.against_opponent, verdict.against_placebo
    start = f"GAN images make no difference: {_say_main(verdict)}"
    if opponent.low <= 0:
        return f"{start}, within the margin of {say_margin(verdict.margin)}"
    fared = "did as well" if placebo.high <= verdict.margin else "were not beaten"
    return f"{start}, but {IN_PLACE} {fared}, with {_say_gain(placebo)} between"


def _say_open(verdict: Verdict) -> str:
    opponent, placebo = verdict.against_opponent, verdict.against_placebo
    if verdict.empty >= opponent.n:
        return (
            "nothing was measured: no image that the GAN drew passed the filters in "
            "any split; give it more time (--budget) or more images"
        )
    splits = "a single split" if opponent.n == 1 else f"{opponent.n} splits"
    start = f"{splits} cannot tell whether GAN images help: {_say_main(verdict)}"
    if opponent.low > 0:
        start += f", but {_say_gain(placebo)} against {IN_PLACE}"
    return f"{start}; {_say_needed(verdict)}"


def _say_needed(verdict: Verdict) -> str:
    n, needed = verdict.against_opponent.n, verdict.splits_needed
    if n == 1:
        return "run five or more"
    if needed is None:
        return "no number of splits would decide, it takes more images"
    cost = ""
    if verdict.minutes_per_split is not None:
        minutes = needed * verdict.minutes_per_split
        cost = ", which takes " + (
            f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
        )
    return f"about {needed} splits would decide, should all else stay as it is{cost}"


def _say_main(verdict: Verdict) -> str:
    interval = verdict.against_opponent
    over = "" if verdict.word == OPEN else f" over {interval.n} splits"
    gain = _say_gain(interval, f" of {verdict.metric}", over)
    return f"{gain} against {RIVAL}"


def _say_gain(interval: Interval, of: str = "", over: str = "") -> str:
    """Say a gain, such as: +1.2 points (95% interval +0.4 to +2.0)."""
    values = [100 * v for v in (interval.mean, interval.low, interval.high)]
    # one digit, unless that would make a 0 of what is none
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
