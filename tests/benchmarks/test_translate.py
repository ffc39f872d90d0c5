"""The benchmark of translators: which cells are empty, and what is a row's mean."""

import numpy as np

from benchmarks.translate import (
    ARMS,
    TranslateConfig,
    balance,
    fill,
    mean_recall,
    summarise,
)
from benchmarks.translate_rows import LIGHTS, Problem, leave_empty, relight
from ganaug.data.images import LabelledImages


def make_problem() -> Problem:
    labels, domains = (part.ravel() for part in np.indices((5, 2)))
    every = LabelledImages(
        np.zeros((40, 8, 8, 1), np.uint8), np.tile(labels, 4), tuple("abcde"),
        domains=np.tile(domains, 4), domain_names=("day", "night"),
    )  # fmt: skip
    return leave_empty("tiny", every, every)


def test_three_classes_are_seen_everywhere_and_the_others_once():
    problem = make_problem()
    cells = set(zip(problem.train.labels, problem.train.domains, strict=True))
    assert len(cells) == 3 * 2 + 2
    assert problem.is_empty(problem.test).sum() == 2 * 4
    assert not problem.is_empty(problem.train).any()
    shown = problem.train.labels[problem.choose_shown(4)]
    assert len(set(shown)) == 2


def test_every_cell_is_filled_and_drawn_as_often():
    problem = make_problem()
    filled = fill(problem, lambda data, targets: data.images, 0)
    pairs = list(zip(filled.labels, filled.domains, strict=True))
    assert len(set(pairs)) == 10
    rows = balance(filled, np.random.default_rng(0))
    counts = np.unique(filled.labels[rows] * 2 + filled.domains[rows], return_counts=1)
    assert set(counts[1]) == {200}


def test_recalls_are_averaged_over_cells():
    test = make_problem().test
    right = test.labels == 0
    assert mean_recall(test, right, test.domains == 0) == 0.2


def test_planted_lights_change_every_image():
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), np.uint8)
    plain, *others = (
        relight(images, k, np.random.default_rng(0)) for k in range(len(LIGHTS))
    )
    assert (plain == images).all()
    assert all((other != images).any(axis=(1, 2, 3)).all() for other in others)


def test_arms_are_allowed_settings_and_seeds_are_averaged():
    for change in ARMS.values():
        TranslateConfig().replace(**(change or {}))
    row = {
        "row": "digits-4", "arm": "translator", "seconds": "9", "steps": "4",
        "class": "1", "domain": "1", "both": "1", "others": "1",
        "machine": "Commit 1a; AMD.",
    }  # fmt: skip
    rows = [row | {"seed": str(k), "empty": str(k / 2)} for k in range(2)]
    assert "25.0" in summarise(rows).rows[0]
