"""The style benchmark: a split that was kept is the one that was run."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import style
from benchmarks.gain.records import keep_split
from ganaug.gain.judgement.design import Design
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, STYLE, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.shifts.judging import summarise_shifted
from ganaug.gain.shifts.versions import ShiftedAnswers, list_versions
from ganaug.recipe import Recipe

ROW = style.Row("shapes", 5)
LABELS, ROWS = np.arange(12) % 3, np.arange(0, 12, 2)
DESIGN = Design(
    classifier="a net", pretrained_run=False, margin=0.01, shared_test=True, kind=STYLE
)


def make_result(number, *, failed=()):
    rng = np.random.default_rng(number)
    answers, predictions = {}, {}
    for arm in (OPPONENT, STYLE, SYNTHETIC, PLACEBO):
        answers[arm] = rng.integers(0, 3, (2, 25, len(ROWS))).astype(np.int16)
        answers[arm][list(failed)] = -1
        predictions[arm] = rng.dirichlet(np.ones(3), (2, 12)).astype(np.float32)
    recipes = {arm: Recipe(share=0.5 * (arm != OPPONENT)) for arm in answers}
    shifted = ShiftedAnswers(list_versions(1), ROWS, answers)
    kept = np.full(3, 5)
    return SplitResult(number, LABELS, predictions, recipes, kept, shifted=shifted)


@pytest.mark.parametrize("failed", [(), (1,)])
def test_a_split_is_read_as_it_was_run(tmp_path, failed):
    result = make_result(0, failed=failed)
    options = style.read_options(["--results", str(tmp_path)])
    style.keep_shifted(ROW, result, tmp_path)
    keep_split(ROW, result, style.list_asked(options), 1.0, tmp_path)
    images = style.LabelledImages(
        np.zeros((12, 8, 8, 1), np.uint8), LABELS, ("a", "b", "c")
    )
    problem = style.Problem(images, images, style.Splits((), 0.0))
    found = style.read_one(ROW, problem, 0, options)
    before, after = (summarise_shifted([r], DESIGN) for r in (result, found))
    assert after == before


def test_a_row_has_a_cell_for_each_column():
    results = [replace(make_result(k), number=k) for k in range(3)]
    assert len(style.make_row(ROW, results, DESIGN)) == len(style.COLUMNS)
