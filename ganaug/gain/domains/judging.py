"""The verdict where domains are known: about the cells that lack, named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.gain.domains.scoring import list_cells, score_arms
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.details import Carried
from ganaug.gain.judgement.result import GainResult, summarise
from ganaug.gain.judgement.scores import measure_interval
from ganaug.gain.protocol.arms import EVEN, OPPONENT
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.recipe import HELPS, Recipe

NAMED = 3  # cells that the verdict's sentence names


def summarise_domains(
    results: Sequence[SplitResult],
    design: Design,
    data: LabelledImages,
    *,
    path: Path,
) -> GainResult:
    """Return the figures and the verdict of finished splits, cell by cell.

    Args:
        results: results of the splits, whose test images have domains.
        design: facts about the splits; its metric is put into words here.
        data: all real images.
        path: folder of the gain.
    """
    hidden = all((result.counted >= 0).all() for result in results)
    metric = say_metric(results, data, hidden=hidden)
    result = summarise(results, replace(design, metric=metric), path=path)
    scores = score_arms(results)
    arms = {
        arm: {**known, **scores.get(arm, {})}
        for arm, known in result.details.arms.items()
    }
    details = replace(
        result.details, arms=arms, cells=list_cells(results, data),
        carried=measure_carried(results, design),
    )  # fmt: skip
    result = replace(result, details=details)
    if result.verdict.word == HELPS:
        return result
    return replace(result, recipe=choose_opponent_recipe(results, result.carrier))


def measure_carried(results: Sequence[SplitResult], design: Design) -> Carried | None:
    """Measure what the opponent gains by filling cells without a network.

    Returns:
        The carrier that most splits chose, with the gain of all splits' opponents over
        the same augmentation without filling; None where most splits fill nothing.
    """
    names = [result.carrier for result in results]
    carrier = max(names, key=names.count)
    if not carrier:
        return None
    gain = measure_interval(
        results, OPPONENT, EVEN, design.overlap, shared=design.shared_test,
        groups=design.test_groups,
    )  # fmt: skip
    return Carried(carrier, gain)


def choose_opponent_recipe(results: Sequence[SplitResult], carrier: str) -> Recipe:
    """Return the opponent's recipe that most splits chose.

    Args:
        results: results of the splits.
        carrier: what fills its cells; empty for nothing.
    """
    own = [result.recipes[OPPONENT] for result in results if result.carrier == carrier]
    recipes = own or [result.recipes[OPPONENT] for result in results]
    chosen = max(recipes, key=recipes.count)
    if carrier:
        return chosen
    return replace(chosen, share=0.0, draw=Recipe().draw)


def say_metric(
    results: Sequence[SplitResult], data: LabelledImages, *, hidden: bool
) -> str:
    """Say what the gains are differences of, with the cells that are tested.

    Args:
        results: results of the splits.
        data: all real images.
        hidden: whether the cells were hidden for the test.
    """
    names = _name_cells(results, data)
    kind = "hidden cells" if hidden else "thin and empty cells"
    shown = ", ".join(names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"accuracy in {kind} ({shown}{more})"


def _name_cells(results: Sequence[SplitResult], data: LabelledImages) -> list[str]:
    """Name the cells that count in any split."""
    pairs = []
    for result in results:
        own = result.counted >= 0
        assert result.domains is not None, "test images have domains"
        pairs.append(np.stack([result.labels[own], result.domains[own]], axis=1))
    found = np.unique(np.concatenate(pairs), axis=0).tolist()
    return [f"{data.classes[k]} in {data.domain_names[d]}" for k, d in found if d >= 0]
