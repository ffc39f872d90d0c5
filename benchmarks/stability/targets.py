"""The targets that were set before, beside what was measured."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.measuring import Section
from benchmarks.stability.tables import REAL

TITLE = "Targets"
COLUMNS = ("target", "measured", "met")
DEFAULT = "relativistic + R1, R2"
FILES = ("toy", "ahead", "stacked", "equal")


def compare_targets(results: Path) -> Section | None:
    """Make a row per target; None before all parts of both suites have rows.

    Args:
        results: folder of the bench's CSV files.
    """
    paths = [results / f"stability_{name}.csv" for name in FILES]
    if not all(path.is_file() for path in paths):
        return None
    toy, ahead, stacked, equal = map(pd.read_csv, paths)
    rows = [*judge_toy(toy), *judge_ahead(ahead), *judge_pictures(stacked, equal)]
    prose = "Set before anything was measured; the tables below have the rest."
    return Section(TITLE, prose, COLUMNS, rows)


def judge_toy(toy: pd.DataFrame) -> list[list[str]]:
    ours = toy[toy["row"] == f"{DEFAULT} (default)"].groupby("problem")["modes"].min()
    bce = toy[toy["row"] == "bce"].groupby("problem")["modes"].mean()
    return [
        say(
            "the default finds 25 of 25 and 8 of 8 modes of points, in every seed",
            f"{ours['grid']} and {ours['ring']} at least",
            ours["grid"] == 25 and ours["ring"] == 8,
        ),
        say(
            "the textbook's bce visibly collapses",
            f"{bce['grid']:g} of 25 and {bce['ring']:g} of 8",
            bce["grid"] < 20 and bce["ring"] < 6,
        ),
    ]


def judge_ahead(ahead: pd.DataFrame) -> list[list[str]]:
    norms = ahead[ahead["activation"] == "leaky ReLU"]
    norms = norms.groupby(["loss", "steps"])["norm"].median().unstack("steps")
    last = norms[norms.columns[-1]]
    below, beside = norms.max(axis=1)["bce"] / last["bce"], last["bce-ns"] / last["bce"]
    moves = {
        name: max(norms.loc[name].max() / start, start / norms.loc[name].min())
        for name in ("wgan-gp", DEFAULT)
        for start in [norms.loc[name, 0]]
    }
    return [
        say(
            "with D 2,000 steps ahead, bce's gradient is 100 times below its peak and "
            "1,000 times below bce-ns's",
            f"{say_times(below)} and {say_times(beside)}",
            below >= 100 and beside >= 1000,
        ),
        say(
            "those of wgan-gp and the default stay within 20 times of their first one",
            " and ".join(f"{times:.1f} times" for times in moves.values()),
            max(moves.values()) <= 20,
        ),
    ]


def judge_pictures(stacked: pd.DataFrame, equal: pd.DataFrame) -> list[list[str]]:
    ours = stacked[stacked["row"] == "default"][["modes", "kl"]].mean()
    fashion = equal[equal["set"] == "fashion-mnist"]
    means = fashion.groupby("row")[["agreement", "diversity"]].mean()
    agreed, varied = means.loc["default"]
    ceiling = 100 * means.loc[REAL, "agreement"]
    return [
        say(
            "the default finds 990 of 1,000 kinds of stacked digits, KL at most .15",
            f"{ours['modes']:.0f}, KL {ours['kl']:.2f}",
            ours["modes"] >= 990 and ours["kl"] <= 0.15,
        ),
        say(
            "the default's images of a class of fashion-mnist, 50 of each, vary .7 as "
            "much as real ones at 90 % label agreement",
            f"{varied:.2f} at {100 * agreed:.1f} %; real images: {ceiling:.1f} %",
            varied >= 0.7 and agreed >= 0.9,
        ),
    ]


def say(target: str, measured: str, met: bool) -> list[str]:
    return [target, measured, "yes" if met else "no"]


def say_times(value: float) -> str:
    """Say a ratio in two digits.

    Example:
        >>> say_times(13333.3)
        '13,000 times'
    """
    return f"{float(f'{value:.2g}'):,.0f} times"
