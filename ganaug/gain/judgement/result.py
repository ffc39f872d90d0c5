"""GainResult: what the splits gave, as figures, intervals and a verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.files import write_text, write_whole
from ganaug.gain.judgement.scores import (
    count_failed,
    describe_arms,
    describe_recalls,
    list_gains,
    measure_interval,
    tabulate,
)
from ganaug.gain.judgement.statistics import (
    Interval,
    minimum_detectable_gain,
    sign_flip_p,
)
from ganaug.gain.judgement.verdict import Verdict, decide
from ganaug.gain.protocol import (
    OPPONENT,
    PLACEBO,
    PLAIN_ARM,
    STANDARD,
    SYNTHETIC,
    SplitResult,
)
from ganaug.gain.recipes import Mixture, list_mixtures, to_mixture
from ganaug.recipe import HELPS, MeasuredRecipe, Recipe, read_recipe, write_recipe

Item = TypeVar("Item")
VERDICT, CELLS = "verdict.json", "cells.csv"
FORMAT = 1
METRIC = "balanced accuracy"


@dataclass(frozen=True, eq=False)
class GainResult:
    """What a gain protocol found.

    Attributes:
        path: its folder.
        verdict: in a word and a sentence.
        gains: arm → interval of SYNTHETIC's balanced accuracy minus that arm's.
        recipe: with synthetic images, the one that most splits chose.
        cells: a row per split, arm and network.
        details: everything else that verdict.json has.
    """

    path: Path
    verdict: Verdict
    gains: dict[str, Interval]
    recipe: Recipe
    cells: pd.DataFrame
    details: dict[str, Any]

    @staticmethod
    def load(path: str | Path) -> GainResult:
        """The result in a folder.

        Raises:
            DataError: there is none, or it is damaged or newer.
        """
        folder = Path(path)
        if not (folder / VERDICT).is_file():
            raise DataError(f"{folder} has no verdict; run ganaug gain, or let it end")
        try:
            values = json.loads((folder / VERDICT).read_text(encoding="utf-8"))
            if values["format"] > FORMAT:
                raise DataError(
                    f"{folder / VERDICT} has a newer format; update ganaug to read it"
                )
            return GainResult(
                folder,
                Verdict.from_dict(values["verdict"]),
                {k: Interval.from_dict(v) for k, v in values["gains"].items()},
                read_recipe(folder).recipe,
                pd.read_csv(folder / CELLS),
                values["details"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{folder} is damaged: {error}; run ganaug gain") from error

    def save(self) -> None:
        """Write verdict.json, recipe.json and cells.csv."""
        verdict = {
            "format": FORMAT,
            "verdict": self.verdict.to_dict(),
            "gains": {name: gain.to_dict() for name, gain in self.gains.items()},
            "details": self.details,
        }
        recipe = MeasuredRecipe(
            self.recipe,
            verdict=self.verdict.word,
            sentence=self.verdict.sentence,
            share=self.recipe.share if self.verdict.word == HELPS else 0.0,
            fingerprint=self.details.get("fingerprint"),
            counts=self.details.get("counts") or {},
            classifier=self.verdict.classifier,
            settings=self.details.get("settings"),
        )
        write_whole(self.path / CELLS, lambda p: self.cells.to_csv(p, index=False))
        write_recipe(self.path, recipe)
        write_text(self.path / VERDICT, _to_json(verdict))


def summarise(
    results: Sequence[SplitResult],
    *,
    path: Path,
    overlap: float,
    shared_test: bool,
    margin: float,
    classifier: str,
    pretrained_run: bool,
    classes: Sequence[str],
    test_groups: NDArray[np.int64] | None = None,
    minutes_per_split: float | None = None,
    details: dict[str, Any] | None = None,
) -> GainResult:
    """The figures and the verdict of finished splits.

    Networks are averaged inside a split, the split is the unit. A network whose fit
    failed in one of two arms is dropped from both.

    Args:
        results: one per split.
        path: the folder that the result belongs to.
        overlap: as `Splits` has it.
        shared_test: whether all splits are tested on the same images.
        margin, classifier, pretrained_run, minutes_per_split: as `decide` takes them.
        classes: names, for the recall of each.
        test_groups: (n,) of shared test images.
        details: further plain values to keep.
    """
    arms = [PLAIN_ARM, STANDARD, OPPONENT, PLACEBO]
    gains = {
        arm: measure_interval(
            results, SYNTHETIC, arm, overlap, shared=shared_test, groups=test_groups
        )
        for arm in arms
        # a rival that no fit of came through is left out, unless the verdict needs it
        if arm in (OPPONENT, PLACEBO) or len(list_gains(results, SYNTHETIC, arm))
    }
    empty = count_empty(results)
    verdict = decide(
        gains[OPPONENT],
        gains[PLACEBO],
        margin=margin,
        classifier=classifier,
        pretrained_run=pretrained_run,
        metric=METRIC,
        minutes_per_split=minutes_per_split,
        empty=empty,
    )
    recipe = choose_recipe(results)
    cells = tabulate(results, classes)
    extra = {
        "splits": len(results),
        "sign_flip_p": sign_flip_p(list_gains(results, SYNTHETIC, OPPONENT)),
        "minimum_detectable_gain": _find_detectable(gains[OPPONENT], empty),
        "arms": describe_arms(results),
        "recalls": describe_recalls(results, classes),
        "recipes": {
            name: [result.recipes[name].say() for result in results]
            for name in (STANDARD, OPPONENT, SYNTHETIC)
        },
        "again": [result.again for result in results],
        "failed_fits": count_failed(results),
        "kept": np.sum([result.kept for result in results], axis=0).tolist(),
        "classes": list(classes),
    }
    return GainResult(path, verdict, gains, recipe, cells, {**extra, **(details or {})})


def choose_recipe(results: Sequence[SplitResult]) -> Recipe:
    """The recipe that the splits together speak for.

    The opponent and the mixture that most of them chose. Splits often choose a mixture
    each: of those chosen equally often, the one whose first trials had the lowest loss
    over all splits, where these are known.
    """
    opponent = _most_frequent([result.recipes[OPPONENT] for result in results])
    recipes = [result.recipes[SYNTHETIC] for result in results]
    chosen = [to_mixture(recipe) for recipe in recipes if recipe.share]
    if not chosen:
        return opponent
    losses = _sum_trials(results)
    mixture = min(chosen, key=lambda m: (-chosen.count(m), losses.get(m, 0.0)))
    return list_mixtures(opponent, [mixture])[0]


def _sum_trials(results: Sequence[SplitResult]) -> dict[Mixture, float]:
    """Mixture → sum over splits; nothing unless all splits tried the same ones."""
    tried = [dict(result.trials) for result in results if result.kept.any()]
    if not tried or any(set(own) != set(tried[0]) for own in tried):
        return {}
    return {mixture: sum(own[mixture] for own in tried) for mixture in tried[0]}


def count_empty(results: Sequence[SplitResult]) -> int:
    """Splits that had no synthetic image to use, and took the opponent's recipe."""
    return sum(not result.recipes[SYNTHETIC].share for result in results)


def _find_detectable(gain: Interval, empty: int) -> float | None:
    """None where nothing was measured, or all is possible."""
    least = minimum_detectable_gain(gain)
    return least if empty < gain.n and least <= 1 else None


def _most_frequent(items: Sequence[Item]) -> Item:
    return max(items, key=items.count)


def _to_json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
