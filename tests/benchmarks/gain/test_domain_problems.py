"""Problems with domains: which cells lack, domains by light, painted conditions."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.gain import domain_suite
from benchmarks.gain.domain_problems import (
    CONDITIONS,
    LIGHTS,
    THIN,
    Row,
    draw_part,
    draw_spare,
    make_domain_problem,
    measure_border,
    measure_common,
    plant_conditions,
    split_light,
)
from benchmarks.gain.records import keep_split
from ganaug.data.cells import count_cells
from ganaug.data.images import LabelledImages
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.splitting.splits import Split
from ganaug.recipe import Recipe

NAMES = ("lamp", "sun", "dusk")


def draw_data(classes=5, each=12):
    rng = np.random.default_rng(0)
    cells = [(k, d) for k in range(classes) for d in range(3)]
    labels, domains = np.repeat(cells, each, axis=0).T
    images = rng.integers(0, 256, (len(labels), 8, 8, 1)).astype(np.uint8)
    return LabelledImages(
        images, labels, tuple(map(str, range(classes))), domains=domains,
        domain_names=NAMES,
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "left"), [("empty", 0), ("thin", THIN)])
def test_three_classes_are_seen_everywhere_and_go_round(kind, left):
    data, row = draw_data(), Row("x", kind, per_cell=10)
    tables = [count_cells(data.subset(draw_part(data, row, k))) for k in range(5)]
    for table in tables:
        everywhere = (table == 10).all(axis=1)
        assert everywhere.sum() == 3
        assert np.sort(table[~everywhere], axis=1).tolist() == [[left, left, 10]] * 2
    assert sum((table == 10).all(axis=1) for table in tables).tolist() == [3] * 5


def test_spare_images_are_of_every_cell_and_not_trained_on():
    data = draw_data()
    part = draw_part(data, Row("x", "empty", per_cell=10), 0)
    spare = draw_spare(data, part, 0)
    assert (count_cells(spare) > 0).all()
    seen = {image.tobytes() for image in data.images[part]}
    assert not seen & {image.tobytes() for image in spare.images}


def test_light_is_split_at_the_ends_and_edits_no_image():
    data = draw_data()
    images = data.images.copy()
    images[:] = np.arange(len(images), dtype=np.uint8)[:, None, None, None]
    data = LabelledImages(images, data.labels, data.classes)
    train, test = split_light(data, data, measure_border)
    light = train.images[:, 0, 0, 0]
    assert len(train) == round(0.8 * len(data))
    assert light[train.domains == 0].max() < light[train.domains == 1].min()
    assert (test.images == train.images).all()


def test_light_is_the_border_or_what_is_not_black():
    image = np.zeros((1, 10, 10, 1), np.uint8)
    image[:, 2:5, 2:5] = 120
    assert LIGHTS["border"](image) == 0
    assert LIGHTS["object"](image) == 120


def test_conditions_come_in_turn_and_look_apart():
    data = LabelledImages(
        np.full((40, 8, 8, 1), 40, np.uint8), np.repeat([0, 1], 20), ("a", "b")
    )
    painted = plant_conditions(data, 0)
    assert (count_cells(painted) == 5).all()
    assert painted.domain_names == tuple(CONDITIONS)
    means = [painted.images[painted.domains == d].mean() for d in range(4)]
    assert np.ptp(means) > 100
    assert painted.images.shape == (40, 8, 8, 3)


def test_parts_in_common_widen_the_interval():
    a, b = np.arange(10), np.arange(5, 15)
    splits = tuple(Split(rows[:8], rows[8:]) for rows in (a, b))
    assert measure_common(splits) == pytest.approx(0.5 / 0.5)
    assert measure_common(splits[:1]) == 0


def test_a_kept_split_makes_its_row_without_training(tmp_path, capsys):
    data = draw_data()
    groups = np.arange(len(data))
    parts = {
        f"{name}_{part}": value
        for part in ("train", "test")
        for name, value in {
            "x": data.images[..., 0], "y": data.labels, "domain": data.domains,
            "group": groups,
        }.items()
    }  # fmt: skip
    np.savez(
        tmp_path / "digits-4.npz", **parts, class_names=np.array(data.classes),
        domain_names=np.array(NAMES),
    )  # fmt: skip
    row = domain_suite.ROWS[0]
    options = domain_suite.read_options(
        ["--splits", "1", "--data-dir", str(tmp_path), "--results", str(tmp_path),
         "--cell", row.name, "--table-only"]
    )  # fmt: skip
    problem = make_domain_problem(row, SimpleNamespace(splits=1, data_dir=tmp_path))
    right = np.eye(5, dtype=np.float32)[data.labels]
    wrong = np.roll(right, 1, axis=1)
    arms = {"plain": wrong, "standard": wrong, OPPONENT: wrong, PLACEBO: wrong}
    predictions = {k: np.stack([p]) for k, p in {**arms, SYNTHETIC: right}.items()}
    recipe = Recipe(sampling="cells")
    recipes = dict.fromkeys(predictions, recipe) | {SYNTHETIC: Recipe(share=0.5)}
    result = SplitResult(
        0, data.labels, predictions, recipes, np.full(5, 9), domains=data.domains,
        said={OPPONENT: "cells filled by hand"},
    )  # fmt: skip
    asked = domain_suite.list_asked(options)
    keep_split(row, result, asked, 1.0, tmp_path)
    found = domain_suite.run_one(row, problem, 0, options)
    assert found.said == {OPPONENT: "cells filled by hand"}
    lacking = count_cells(data.subset(problem.splits.splits[0].train)) == 0
    assert ((found.units >= 0) == lacking[data.labels, data.domains]).all()
    domain_suite.main(
        ["--splits", "1", "--data-dir", str(tmp_path), "--results", str(tmp_path),
         "--cell", row.name, "--table-only", "--work", str(tmp_path / "work")]
    )  # fmt: skip
    said = capsys.readouterr().out
    assert "+100.00" in said
    assert "cells filled by hand" in said
