"""GainResult: figures, intervals and a verdict from finished splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from ganaug.display.words import count
from ganaug.errors import RunError
from ganaug.files import read_json, refuse_damage, write_json, write_whole
from ganaug.gain.fitting.adapting import SELF_TRAINED, SETTLED
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.details import GainDetails
from ganaug.gain.judgement.fit_facts import read_fit_facts
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
from ganaug.gain.protocol.arms import (
    EVEN,
    OPPONENT,
    PLACEBO,
    PLAIN_ARM,
    SHUFFLED,
    STANDARD,
    STYLE,
    SYNTHETIC,
)
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.recipes import Mixture, list_mixtures, to_mixture
from ganaug.gain.shifts.judging import summarise_shifted
from ganaug.recipe import (
    HELPS,
    MEASURE_AGAIN,
    MeasuredRecipe,
    Recipe,
    read_recipe,
    write_recipe,
)

Item = TypeVar("Item")
COMPARED = (
    PLAIN_ARM, STANDARD, EVEN, SETTLED, SELF_TRAINED, OPPONENT, STYLE, PLACEBO,
    SHUFFLED,
)  # fmt: skip
PLACEBOS = (PLACEBO, SHUFFLED)  # the one that is harder to beat decides
VERDICT_FILE, CELLS_FILE = "verdict.json", "cells.csv"
VERDICT_FORMAT = 1


@dataclass(frozen=True, eq=False, repr=False)
class GainResult:
    """The result of a gain protocol.

    Attributes:
        path: folder of the gain.
        verdict: answer in a word and a sentence.
        gains: arm → interval for the gain in balanced accuracy over that arm.
        recipe: recipe with synthetic images that most splits chose.
        cells: table with a row per split, arm and network.
        details: everything else in verdict.json.
    """

    path: Path
    verdict: Verdict
    gains: dict[str, Interval]
    recipe: Recipe
    cells: pd.DataFrame
    details: GainDetails

    @property
    def carrier(self) -> str:
        """What fills the recipe's cells without a network; empty where nothing does."""
        carried = self.details.carried
        if self.verdict.word == HELPS or carried is None or not carried.helps:
            return ""
        return carried.carrier

    def __repr__(self) -> str:
        found = self.verdict.against_opponent
        points = f"{100 * found.mean:+.1f} points over the best training without GAN"
        splits = count(found.n, "split")
        return f"GainResult({self.path}: {self.verdict.word}, {points}, {splits})"

    @staticmethod
    def load(path: str | Path) -> GainResult:
        """Read the result in a folder.

        Raises:
            RunError: the folder has no verdict, or it is damaged or has a newer format.
            DataError: recipe.json is missing, damaged or has a newer format.
        """
        folder = Path(path)
        file = folder / VERDICT_FILE
        if not file.is_file():
            raise RunError(
                f"{folder} has no verdict; run ganaug gain, or let it finish"
            )
        values = read_json(file, RunError, newest=VERDICT_FORMAT, cure=MEASURE_AGAIN)
        recipe = read_recipe(folder).recipe
        with refuse_damage(file, RunError, MEASURE_AGAIN):
            verdict = Verdict.from_dict(values["verdict"])
            gains = {k: Interval.from_dict(v) for k, v in values["gains"].items()}
            details = GainDetails.from_dict(values["details"])
        with refuse_damage(folder / CELLS_FILE, RunError, MEASURE_AGAIN):
            cells = pd.read_csv(folder / CELLS_FILE)
        return GainResult(
            path=folder,
            verdict=verdict,
            gains=gains,
            recipe=recipe,
            cells=cells,
            details=details,
        )

    def save(self) -> None:
        """Write cells.csv, recipe.json and verdict.json."""
        verdict, details = self.verdict, self.details
        settings = None if details.settings is None else details.settings.to_dict()
        carrier, facts = self.carrier, read_fit_facts(self.path)
        recipe = MeasuredRecipe(
            self.recipe,
            verdict=verdict.word,
            sentence=verdict.sentence,
            share=self.recipe.share if verdict.word == HELPS or carrier else 0.0,
            fingerprint=details.fingerprint,
            counts=details.counts,
            classifier=verdict.classifier,
            settings=settings,
            size=None if details.settings is None else details.settings.grid,
            carrier=carrier,
            channels=facts.channels,
            flips=facts.flips,
            learning_rate=facts.optimisation.learning_rate,
            weight_decay=facts.optimisation.weight_decay,
        )
        values = {
            "format": VERDICT_FORMAT,
            "verdict": verdict.to_dict(),
            "gains": {name: gain.to_dict() for name, gain in self.gains.items()},
            "details": details.to_dict(),
        }
        write_whole(self.path / CELLS_FILE, lambda p: self.cells.to_csv(p, index=False))
        write_recipe(self.path, recipe)
        write_json(self.path / VERDICT_FILE, values)


def summarise(
    results: Sequence[SplitResult], design: Design, *, path: Path
) -> GainResult:
    """Return the figures and the verdict of finished splits.

    The split is the unit: networks are averaged inside it. A network that failed in
    one of two compared arms is left out of both.

    Args:
        results: results of the splits.
        design: facts about the splits that the statistics need.
        path: folder of the gain.
    """
    arms = [arm for arm in COMPARED if arm in results[0].predictions]
    gains = {
        arm: measure_interval(
            results,
            SYNTHETIC,
            arm,
            design.overlap,
            shared=design.shared_test,
            groups=design.test_groups,
        )
        for arm in arms
        # an arm without any successful fit is omitted, unless the verdict needs it
        if arm in (OPPONENT, PLACEBO) or len(list_gains(results, SYNTHETIC, arm))
    }
    verdict = decide(
        gains[OPPONENT],
        min((gains[arm] for arm in PLACEBOS if arm in gains), key=lambda g: g.low),
        design,
        metric=design.metric,
        empty=count_empty(results),
    )
    return GainResult(
        path=path,
        verdict=verdict,
        gains=gains,
        recipe=choose_recipe(results, helps=verdict.word == HELPS),
        cells=tabulate(results, design.classes),
        details=_describe(results, verdict, design),
    )


def _describe(
    results: Sequence[SplitResult], verdict: Verdict, design: Design
) -> GainDetails:
    return GainDetails(
        splits=len(results),
        sign_flip_p=sign_flip_p(list_gains(results, SYNTHETIC, OPPONENT)),
        minimum_detectable_gain=_find_detectable(verdict),
        arms=describe_arms(results),
        recalls=describe_recalls(results, design.classes),
        recipes={
            name: tuple(result.say_recipe(name) for result in results)
            for name in (STANDARD, OPPONENT, SYNTHETIC)
        },
        again=tuple(result.again for result in results),
        failed_fits=count_failed(results),
        kept=tuple(np.sum([result.kept for result in results], axis=0).tolist()),
        classes=tuple(design.classes),
        shifted=summarise_shifted(results, design),
    )


def choose_recipe(results: Sequence[SplitResult], *, helps: bool = False) -> Recipe:
    """Choose one recipe from the choices of all splits.

    It joins the opponent and the mixture that most splits chose. Where several mixtures
    were chosen equally often, the one with the lowest loss in its first trials, summed
    over all splits, is taken if these losses are known.

    Args:
        results: results of the splits.
        helps: whether synthetic images will be used, so that networks start as with
            them, and not as the opponent's do.
    """
    if results[0].domains is not None:  # their mixtures do not build on the opponent
        return _most_frequent([result.recipes[SYNTHETIC] for result in results])
    opponent = _most_frequent([result.recipes[OPPONENT] for result in results])
    recipes = [result.recipes[SYNTHETIC] for result in results]
    chosen = [to_mixture(recipe) for recipe in recipes if recipe.share]
    if not chosen:
        return opponent
    losses = _sum_trials(results)
    mixture = min(chosen, key=lambda m: (-chosen.count(m), losses.get(m, 0.0)))
    recipe = list_mixtures(opponent, [mixture])[0]
    if not helps:
        return recipe
    return replace(recipe, start=_most_frequent([own.start for own in recipes]))


def _sum_trials(results: Sequence[SplitResult]) -> dict[Mixture, float]:
    """Sum each mixture's loss over splits; empty unless all splits tried the same."""
    tried = [dict(result.trials) for result in results if result.kept.any()]
    if not tried or any(set(own) != set(tried[0]) for own in tried):
        return {}
    return {mixture: sum(own[mixture] for own in tried) for mixture in tried[0]}


def count_empty(results: Sequence[SplitResult]) -> int:
    """Count splits without any synthetic image to use."""
    return sum(not result.recipes[SYNTHETIC].share for result in results)


def _find_detectable(verdict: Verdict) -> float | None:
    """Return the minimum detectable gain; None where any gain could be chance."""
    gain = verdict.against_opponent
    least = minimum_detectable_gain(gain)
    return least if verdict.empty < gain.n and least <= 1 else None


def _most_frequent(items: Sequence[Item]) -> Item:
    return max(items, key=items.count)
