"""GainResult: what the splits gave, as figures, intervals and a verdict."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.files import write_text, write_whole
from ganaug.gain.protocol import (
    OPPONENT,
    PLACEBO,
    PLAIN_ARM,
    STANDARD,
    SYNTHETIC,
    SplitResult,
)
from ganaug.gain.recipe import Mixture, Recipe, list_mixtures, to_mixture
from ganaug.gain.settings import ENSEMBLE
from ganaug.gain.statistics import (
    Interval,
    image_variance,
    minimum_detectable_gain,
    paired_interval,
    sign_flip_p,
)
from ganaug.gain.verdict import HELPS, Verdict, decide
from ganaug.metrics.classification import Scores, score_predictions

Item = TypeVar("Item")
VERDICT, RECIPE, CELLS = "verdict.json", "recipe.json", "cells.csv"
FORMAT = 1
METRIC = "balanced accuracy"
ENSEMBLES = {f"{OPPONENT} ×{ENSEMBLE}": OPPONENT, f"{SYNTHETIC} ×{ENSEMBLE}": SYNTHETIC}


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
            recipe = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
            return GainResult(
                folder,
                Verdict.from_dict(values["verdict"]),
                {k: Interval.from_dict(v) for k, v in values["gains"].items()},
                Recipe.from_dict(recipe["recipe"]),
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
        recipe = {
            "format": FORMAT,
            "verdict": self.verdict.word,
            "sentence": self.verdict.sentence,
            "share": self.recipe.share if self.verdict.word == HELPS else 0.0,
            "recipe": self.recipe.to_dict(),
            "fingerprint": self.details.get("fingerprint"),
            "counts": self.details.get("counts"),
            "classifier": self.verdict.classifier,
            "settings": self.details.get("settings"),
        }
        write_whole(self.path / CELLS, lambda p: self.cells.to_csv(p, index=False))
        write_text(self.path / RECIPE, _to_json(recipe))
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
        if arm in (OPPONENT, PLACEBO) or len(_list_gains(results, SYNTHETIC, arm))
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
        "sign_flip_p": sign_flip_p(_list_gains(results, SYNTHETIC, OPPONENT)),
        "minimum_detectable_gain": _find_detectable(gains[OPPONENT], empty),
        "arms": _describe_arms(results),
        "recalls": _describe_recalls(results, classes),
        "recipes": {
            name: [result.recipes[name].say() for result in results]
            for name in (STANDARD, OPPONENT, SYNTHETIC)
        },
        "failed_fits": _count_failed(results),
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


def measure_interval(
    results: Sequence[SplitResult],
    arm: str,
    other: str,
    overlap: float,
    *,
    shared: bool,
    groups: NDArray[np.int64] | None = None,
) -> Interval:
    """The gain in balanced accuracy of one arm over another, over splits."""
    gains = _list_gains(results, arm, other)
    if not len(gains):
        raise DataError("every fit's loss stopped being finite; try another classifier")
    image = max(find_resolution(result.labels) for result in results)
    if not shared:
        return paired_interval(gains, overlap=overlap, resolution=image)
    labels = results[0].labels
    counts = np.bincount(labels)
    weights = 1 / (counts[labels] * (counts > 0).sum())
    differences = [
        _subtract_hits(result, arm, other)
        for result in results
        if len(_pair(result, arm, other)[0])
    ]
    units = len(np.unique(groups)) if groups is not None else len(labels)
    return paired_interval(
        gains,
        overlap=overlap,
        test_variance=image_variance(differences, weights=weights, groups=groups),
        test_degrees=units - 1,
        resolution=image,
    )


def find_resolution(labels: NDArray[np.int64]) -> float:
    """The most that one test image can change balanced accuracy.

    Args:
        labels: (n,) of the test images.

    Example:
        >>> find_resolution(np.array([0, 0, 0, 0, 2]))
        0.5
    """
    counts = np.unique(labels, return_counts=True)[1]
    return float(1 / (len(counts) * counts.min()))


def tabulate(results: Sequence[SplitResult], classes: Sequence[str]) -> pd.DataFrame:
    """A row per split, arm and network, with every score and each class's recall."""
    rows = []
    for result in results:
        for name, networks in list_networks(result).items():
            for k, probabilities in enumerate(networks):
                if not np.isfinite(probabilities).all():
                    continue
                found = asdict(score_predictions(probabilities, result.labels))
                recalls = found.pop("recalls")
                row = {"split": result.number, "arm": name, "network": k}
                named = {
                    f"recall {c}": r for c, r in zip(classes, recalls, strict=True)
                }
                rows.append({**row, **found, **named})
    return pd.DataFrame(rows)


def list_networks(result: SplitResult) -> dict[str, NDArray[np.float32]]:
    """Arm → (networks, n, k), the ensembles as arms of one network beside them."""
    found = dict(result.predictions)
    for name, arm in ENSEMBLES.items():
        if name not in found and len(found[arm]) >= ENSEMBLE:
            found[name] = found[arm][:ENSEMBLE].mean(axis=0, keepdims=True)
    return found


def _list_gains(
    results: Sequence[SplitResult], arm: str, other: str
) -> NDArray[np.float64]:
    found = []
    for result in results:
        a, b = _pair(result, arm, other)
        if len(a):
            means = [
                np.mean([s.balanced_accuracy for s in score_networks(x, result.labels)])
                for x in (a, b)
            ]
            found.append(means[0] - means[1])
    return np.array(found)


def _subtract_hits(result: SplitResult, arm: str, other: str) -> NDArray[np.float64]:
    """(n,) share of networks that are right about each test image, less the other's."""
    hits = [
        (p.argmax(axis=2) == result.labels).mean(axis=0)
        for p in _pair(result, arm, other)
    ]
    return np.asarray(hits[0] - hits[1])


def _pair(
    result: SplitResult, arm: str, other: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Networks of the same initialisations, all of which have learned."""
    networks = list_networks(result)
    n = min(len(networks[arm]), len(networks[other]))
    both = networks[arm][:n], networks[other][:n]
    fine = np.all([np.isfinite(p).all(axis=(1, 2)) for p in both], axis=0)
    return both[0][fine], both[1][fine]


def score_networks(
    networks: NDArray[np.float32], labels: NDArray[np.int64]
) -> list[Scores]:
    """Scores of each network that has learned, of (networks, n, k) probabilities."""
    return [score_predictions(p, labels) for p in networks if _is_finite(p)]


def _describe_arms(results: Sequence[SplitResult]) -> dict[str, dict[str, float]]:
    """Arm → mean of each score: over networks, then over splits."""
    found: dict[str, dict[str, float]] = {}
    for name in list_networks(results[0]):
        scores = [score_networks(list_networks(r)[name], r.labels) for r in results]
        if not any(scores):
            continue
        fields = [f for f in Scores.__dataclass_fields__ if f != "recalls"]
        found[name] = {
            f: float(
                np.mean(
                    [np.mean([getattr(s, f) for s in own]) for own in scores if own]
                )
            )
            for f in fields
        }
    return found


def _describe_recalls(
    results: Sequence[SplitResult], classes: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    """Class → recall of the opponent, of the synthetic arm, and the change."""
    means = {}
    for name in (OPPONENT, SYNTHETIC):
        scores = [score_networks(r.predictions[name], r.labels) for r in results]
        per_split = [np.mean([s.recalls for s in own], axis=0) for own in scores if own]
        means[name] = _nan_mean(np.reshape(per_split, (-1, len(classes))))
    return {
        c: {
            OPPONENT: _finite(a), SYNTHETIC: _finite(b), "change": _finite(b - a)
        }
        for c, a, b in zip(classes, means[OPPONENT], means[SYNTHETIC], strict=True)
    }  # fmt: skip


def _find_detectable(gain: Interval, empty: int) -> float | None:
    """None where nothing was measured, or all is possible."""
    least = minimum_detectable_gain(gain)
    return least if empty < gain.n and least <= 1 else None


def _nan_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, values, 0).sum(axis=0) / there.sum(axis=0))


def _count_failed(results: Sequence[SplitResult]) -> int:
    """Fits that failed; arms that share a recipe of real images share their fits."""
    failed = set()
    for result in results:
        for name, recipe in result.recipes.items():
            networks = result.predictions[name]
            fit = name if recipe.share else recipe.say()
            failed |= {
                (result.number, fit, k)
                for k, p in enumerate(networks)
                if not _is_finite(p)
            }
    return len(failed)


def _is_finite(probabilities: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(probabilities).all())


def _most_frequent(items: Sequence[Item]) -> Item:
    return max(items, key=items.count)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _to_json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
