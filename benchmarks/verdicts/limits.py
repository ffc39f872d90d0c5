"""Limits of the verdict, chosen on some sets and tested on another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from benchmarks.verdicts.stores import OVERALL
from ganaug.synth.verdict.record import FIGURES, Word
from ganaug.synth.verdict.rules import LIMITS, Limit, judge_class, judge_classes

UNFILTERED = "no filters"  # in the names of such stores
POOR, GOOD = 0.5, 0.8  # parts of the least figure of a healthy store


def choose_limits(rows: pd.DataFrame) -> dict[str, Limit]:
    """Choose limits by the least figure, over healthy stores, of all classes."""
    healthy = rows[(rows["truth"] == "healthy") & (rows["class"] == OVERALL)]
    return {
        name: Limit(
            POOR * healthy[name].min(), GOOD * healthy[name].min(),
            LIMITS[name].words, most=LIMITS[name].most,
        )
        for name in FIGURES
    }  # fmt: skip


def judge_again(rows: pd.DataFrame, limits: Mapping[str, Limit]) -> pd.DataFrame:
    """Judge all stores by other limits: a row per store with truth and word."""
    found = []
    for (name, store), part in rows.groupby(["set", "store"], sort=False):
        overall = part[part["class"] == OVERALL].iloc[0]
        classes = part[part["class"] != OVERALL][list(FIGURES)].to_dict("records")
        each = [judge_class(figures, limits) for figures in classes]
        word = judge_classes({f: overall[f] for f in FIGURES}, each, limits)
        if word == "good" and UNFILTERED in store:
            word = "usable"  # no filter has checked the labels
        found.append((name, store, overall["truth"], word))
    return pd.DataFrame(found, columns=["set", "store", "truth", "word"])


def apply_rules(rows: pd.DataFrame) -> pd.DataFrame:
    """Give every store and class the word that the rules in use find in its figures."""
    stores = judge_again(rows, LIMITS).set_index(["set", "store"])["word"]
    words = [
        stores[row["set"], row["store"]]
        if row["class"] == OVERALL
        else judge_class({name: row[name] for name in FIGURES}).word
        for row in rows.to_dict("records")
    ]
    return rows.assign(word=words)


def leave_sets_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Judge each set's stores by limits that the other sets chose."""
    names = rows["set"].unique()
    return pd.concat([
        judge_again(rows[rows["set"] == n], choose_limits(rows[rows["set"] != n]))
        for n in names
    ])  # fmt: skip


def count_errors(judged: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Count poor stores called good, healthy ones called poor, each of how many."""
    return {
        f"{truth} called {word}": _count(judged, truth, word)
        for truth, word in (("poor", "good"), ("healthy", "poor"))
    }


def _count(judged: pd.DataFrame, truth: str, word: Word | str) -> tuple[int, int]:
    own = judged[judged["truth"] == truth]
    return int((own["word"] == word).sum()), len(own)


def name_errors(judged: pd.DataFrame) -> Iterable[str]:
    for row in judged.itertuples():
        if (row.truth, row.word) in (("poor", "good"), ("healthy", "poor")):
            yield f"{row.set}: {row.store}"
