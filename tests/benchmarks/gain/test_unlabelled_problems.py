"""Problems with unlabelled images: who is labelled, who is not, and what is painted."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.gain import unlabelled_problems, unlabelled_suite
from benchmarks.gain.records import keep_split
from benchmarks.gain.unlabelled_problems import (
    PAINTED,
    PoolRow,
    draw_pool_part,
    make_pool_problem,
)
from benchmarks.gain.unlabelled_suite import COLUMNS, POOL_ROWS, SHOWN, run_pool_row
from ganaug.data.images import LabelledImages
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.recipe import Recipe


def draw_images(seed=0, groups=None, n=60):
    images = np.random.default_rng(seed).integers(0, 256, (n, 8, 8, 1))
    return LabelledImages(
        images.astype(np.uint8), np.arange(n) % 3, ("a", "b", "c"), groups=groups
    )


def test_rows_have_names_of_their_own():
    names = [row.name for row in POOL_ROWS]
    assert len(set(names)) == len(names) == 18
    assert "mnist-over-photographs-1000" in names
    assert "dark-to-bright-100" in names


def test_groups_that_show_in_both_domains_are_on_one_side():
    groups = np.arange(60) // 3
    source, target = draw_images(0, groups), draw_images(1, groups)
    row = PoolRow("x", "lamp", "sun", 30)
    part = draw_pool_part(source, target, row, 0)
    known = {image.tobytes(): g for image, g in zip(target.images, groups, strict=True)}
    theirs = {known[image.tobytes()] for image in part.pool.images}
    assert not theirs & set(part.data.groups.tolist())
    assert len(part.truth) == len(part.pool) <= 30
    other = draw_pool_part(source, target, row, 1)
    assert set(other.rows) != set(part.rows)


def test_painted_images_show_other_objects():
    source = draw_images()
    target = replace(source, images=255 - source.images)
    part = draw_pool_part(source, target, PoolRow("x", "", "second camera", 100), 0)
    mine = {image.tobytes() for image in part.data.images}
    assert not mine & {(255 - image).tobytes() for image in part.pool.images}
    assert (np.bincount(part.data.labels) == 12).all()


@pytest.mark.parametrize("name", list(PAINTED))
def test_paint_keeps_shapes_and_changes_images(name):
    images = np.repeat(draw_images(n=3).images, 3, axis=3)
    made = PAINTED[name](images, np.random.default_rng(0))
    assert made.shape == images.shape
    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - images).mean() > 10


def test_a_row_is_made_of_kept_splits(tmp_path, monkeypatch):
    images = draw_images(n=90)
    monkeypatch.setattr(
        unlabelled_problems, "read_both", lambda *a: (images, images, draw_images(5))
    )
    row = PoolRow("x", "lamp", "sun", 30)
    options = SimpleNamespace(
        data_dir="", splits=2, steps=3, images=8, only=[], table_only=True, out=None,
        work=tmp_path / "work", results=tmp_path,
    )  # fmt: skip
    problem = make_pool_problem(row, options)
    labels, rng = problem.test.labels, np.random.default_rng(0)
    arms = {*SHOWN, OPPONENT, SYNTHETIC, PLACEBO}
    asked = {"steps": 3, "images": 8}
    for number in range(2):
        predictions = {
            arm: rng.dirichlet(np.ones(3), (1, len(labels))).astype(np.float32)
            for arm in arms
        }
        recipes = {arm: Recipe(adaptation="self-trained") for arm in arms}
        recipes[SYNTHETIC] = replace(recipes[SYNTHETIC], share=0.5)
        result = SplitResult(number, labels, predictions, recipes, np.full(3, 9))
        keep_split(row, result, asked, 1.0, tmp_path)
    made = dict(zip(COLUMNS, run_pool_row(row, options), strict=True))
    assert made["splits"] == "2"
    assert "self-trained" in made["recipe"]
    assert float(made["handed out"]) <= 100
    monkeypatch.setattr(unlabelled_suite, "POOL_ROWS", (row,))
    table = unlabelled_suite.summarise_pools([list(made.values())], options)
    assert "lamp-to-sun-30" in table.to_markdown()
