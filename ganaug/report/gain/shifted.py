"""Corrupted test images: each way of training on each corruption."""

from __future__ import annotations

from typing import Any

from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC, title_arm
from ganaug.gain.shifts.scores import ShiftedScores
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import say_percent, say_points, say_range


def describe_shifted(material: GainMaterial) -> dict[str, Any] | None:
    """Return a row per arm and per gain; None where no test images were corrupted."""
    shifted = material.result.details.shifted
    if shifted is None or not shifted.arms:
        return None
    kind = material.result.verdict.kind
    return {
        "tested": shifted.say_tested(),
        "corruptions": list(next(iter(shifted.arms.values()))),
        "rows": [_describe_arm(shifted, arm, kind) for arm in shifted.arms],
        "gains": [
            {
                "arm": title_arm(arm, kind),
                "gain": say_points(gain.mean),
                "range": say_range(gain),
                "p": "< 0.001" if gain.p < 0.001 else f"{gain.p:.3f}",
            }
            for arm, gain in shifted.gains.items()
        ],
    }


def _describe_arm(shifted: ShiftedScores, arm: str, kind: str) -> dict[str, Any]:
    scores = shifted.arms[arm].values()
    return {
        "arm": title_arm(arm, kind),
        "main": arm in (OPPONENT, SYNTHETIC),
        "mean": say_percent(shifted.average(arm)),
        "means": [say_percent(sum(own) / len(own)) for own in scores],
        "each": [" · ".join(map(say_percent, own)) for own in scores],
    }
