"""Arms: the mean scores of each way of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganaug.gain.domains.scoring import TITLES
from ganaug.gain.judgement.scores import ENSEMBLES
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC, title_arm
from ganaug.gain.settings import ENSEMBLE
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import MEANINGS, say_percent

SHARES = {
    "accuracy": "accuracy %",
    "balanced_accuracy": "balanced accuracy %",
    "macro_f1": "macro-F1 %",
}
ERRORS = {"log_loss": "log-loss", "calibration_error": "cali\u00adbration error %"}


def describe_arms(material: GainMaterial) -> dict[str, Any]:
    """Return a row per arm; ensembles come last, since only they compare fairly."""
    shares = SHARES
    if material.result.details.cells:
        shares = {**{name: f"{said} %" for name, said in TITLES.items()}, **SHARES}
    kind = material.result.verdict.kind
    rows = [
        {
            "arm": title_arm(arm, kind),
            "meaning": MEANINGS.get(arm, ""),
            "ensemble": arm in ENSEMBLES,
            "main": arm in (OPPONENT, SYNTHETIC),
            "scores": [_say_score(name, scores) for name in (*shares, *ERRORS)],
        }
        for arm, scores in material.result.details.arms.items()
    ]
    return {
        "columns": [*shares.values(), *ERRORS.values()],
        "rows": sorted(rows, key=lambda row: bool(row["ensemble"])),
        "splits": len(material.result.cells["split"].unique()),
        "networks": ENSEMBLE,
    }


def _say_score(name: str, scores: Mapping[str, float]) -> str:
    value = scores.get(name)
    if name == "log_loss" and value is not None:
        return f"{value:.3f}"
    return say_percent(value)
