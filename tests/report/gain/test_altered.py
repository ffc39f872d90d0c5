"""The page about a gain whose tables or images were altered: one line, or no images."""

import shutil

import numpy as np
import pandas as pd
import pytest
from gains import make_gain

from ganaug.errors import RunError
from ganaug.report.gain.material import open_gain


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("gains") / "gain"
    make_gain(path, classes=("a", "b"), splits=2, each=4)
    return path


@pytest.fixture
def folder(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "gain")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("split", "x"),
        ("split", 1.5),
        ("split", -1),
        ("network", ""),
        ("balanced_accuracy", "=1+1"),
        ("balanced_accuracy", np.inf),
        ("balanced_accuracy", 1e308),
    ],
)
def test_odd_cells_of_the_table_are_one_line(folder, column, value):
    table = pd.read_csv(folder / "cells.csv").astype({column: object})
    table.loc[1, column] = value
    table.to_csv(folder / "cells.csv", index=False)
    with pytest.raises(RunError, match=rf"cells\.csv is damaged: {column} has other"):
        open_gain(folder)


LABELS = np.repeat([0, 1], 4)


@pytest.mark.parametrize(
    "arrays",
    [
        {"labels": LABELS[:6]},
        {"labels": LABELS - 1},
        {"labels": LABELS * 7},
        {"labels": LABELS * np.nan},
        {"labels": LABELS.astype(str)},
        {"labels": LABELS[:, None]},
        {"images": np.zeros((8, 8, 8), np.uint8)},
        {"images": np.zeros((8, 0, 8, 3), np.uint8)},
        {"images": np.zeros((8, 8, 8, 3))},
        {"flips": np.zeros(1, bool)},
        {"flips": np.array(["a", "b"])},
    ],
)
def test_odd_images_are_left_out(folder, arrays):
    pool = {
        "images": np.zeros((8, 8, 8, 3), np.uint8),
        "labels": LABELS,
        "flips": np.array([True, False]),
    }
    path = folder / "cells" / "split-00" / "pool.npz"
    np.savez(path, **pool)
    assert open_gain(folder).flips == (True, False)
    np.savez(path, **pool | arrays)
    found = open_gain(folder)
    assert (found.drawn, found.labels) == (None, None)
    assert found.flips == ((True, False) if "labels" in arrays else None)
