"""The gain benchmark's problems: which images share a fold."""

import argparse

import numpy as np
import pytest

from benchmarks.gain.groups import infer_groups
from benchmarks.gain.problems import Cell, make_problem

SIZE = 32


def photograph(things, times, seed=0):
    """Draw textures (things × times, 32, 32, 1), each moved and in various lights."""
    rng = np.random.default_rng(seed)
    light = np.linspace(-1, 1, SIZE)
    photographs = []
    for _ in range(things):
        texture = rng.normal(0, 12, (SIZE + 4, SIZE + 4))
        for _ in range(times):
            y, x = rng.integers(0, 4, 2)
            slope = rng.uniform(-60, 60) * light[:, None] + rng.uniform(-60, 60) * light
            seen = texture[y : y + SIZE, x : x + SIZE] * rng.uniform(0.7, 1.4)
            photographs.append(128 + slope / 2 + seen + rng.normal(0, 2, (SIZE, SIZE)))
    return np.clip(np.stack(photographs), 0, 255).astype(np.uint8)[..., None]


def test_photographs_of_one_thing_are_a_group_whatever_the_light():
    assert infer_groups(photograph(7, 3)).tolist() == np.repeat(range(7), 3).tolist()


def test_other_textures_and_flat_images_stay_alone():
    flat = np.full((2, SIZE, SIZE, 1), [[[[90]]], [[[200]]]], np.uint8)
    assert len(np.unique(infer_groups(np.concatenate([photograph(9, 1), flat])))) == 11


@pytest.mark.parametrize("grouped", [True, False])
def test_grouped_folds_share_no_thing_and_plain_folds_do(tmp_path, grouped, capsys):
    things = np.repeat(np.arange(22), 3)
    labels = things % 2
    tests = things >= 18
    # the first of the test part's things is also one of the training part's
    tests[0] = True
    pixels = photograph(22, 3)[..., 0]
    np.savez(
        tmp_path / "tiles.npz", x_train=pixels[~tests], y_train=labels[~tests],
        x_test=pixels[tests], y_test=labels[tests],
    )  # fmt: skip
    options = argparse.Namespace(data_dir=str(tmp_path), splits=5)
    cell = Cell("tiles", grouped=grouped)
    assert cell.name == ("tiles-grouped" if grouped else "tiles-all")
    problem = make_problem(cell, options)
    assert len(problem.splits.splits) == 5
    known = things[~tests]
    shared = 0
    for split in problem.splits.splits:
        own = split.test[: len(split.test) - problem.given]
        assert split.test[len(own) :].tolist() == list(
            range(len(known), len(known) + problem.given)
        )
        shared += np.isin(known[own], known[split.train]).sum()
    assert problem.given == tests.sum() - grouped
    assert (shared == 0) == grouped
    if grouped:
        assert "1 of 13 given test images" in capsys.readouterr().err
