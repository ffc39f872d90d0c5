"""Tables, figures and targets of the stability pages."""

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.stability.cells import make_slug
from benchmarks.stability.pictures import NAME, SET, SHOWN, keep_strip, show_pictures
from benchmarks.stability.tables import FIGURES, REAL, make_rows
from benchmarks.stability.targets import judge_ahead, judge_pictures, judge_toy


def test_table_of_real_runs_averages_seeds():
    def figures(seed, agreement):
        named = {"set": "a", "per_class": 5, "row": "default", "seed": seed}
        return named | dict.fromkeys(FIGURES, 0.5) | {
            "agreement": agreement, "images": 1500 * (seed + 1),
        }  # fmt: skip

    (row,) = make_rows([figures(0, 0.8), figures(1, 0.9)])
    assert row[:5] == ["a", "5", "default", "2", "85.0 (80.0–90.0)"]
    assert row[-2:] == ["2", "–"]
    rang = figures(0, 0.8) | {"alarms": {"collapse": 0.4}}
    (row,) = make_rows([rang, figures(1, 0.9) | {"alarms": {}}])
    assert row[-1] == "collapse 1"
    control = figures(0, 0.8) | dict.fromkeys(FIGURES) | {"agreement": 0.9}
    (row,) = make_rows([control])
    assert row[4:8] == ["90.0", "–", "–", "–"]


def test_pictures_are_shown_once_all_rows_have_theirs(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (60, 6, 4, 3), np.uint8)
    labels = np.arange(60) % 3
    keep_strip(tmp_path / SET / "default-1.png", images, labels)  # another seed
    assert not (tmp_path / SET).exists()
    for row in (REAL, *SHOWN):
        assert show_pictures(tmp_path, SHOWN, tmp_path) == ""
        keep_strip(tmp_path / SET / f"{make_slug(row)}-0.png", images, labels)
    strip = np.asarray(Image.open(tmp_path / SET / "default-0.png"))
    assert strip.shape == (6, 3 * 8 * 4, 3)
    assert (strip[:, 4:8] == images[3]).all()  # the second of the first class
    assert NAME in show_pictures(tmp_path, SHOWN, tmp_path)
    assert (tmp_path / NAME).is_file()


def test_targets_are_met_by_figures_that_reach_them():
    def met(rows):
        return [row[-1] for row in rows]

    name = "relativistic + R1, R2 (default)"
    keys = ["row", "problem", "modes"]
    toy = [
        (name, "grid", 25),
        (name, "ring", 8),
        ("bce", "grid", 12),
        ("bce", "ring", 0),
    ]
    assert met(judge_toy(pd.DataFrame(toy, columns=keys))) == ["yes", "yes"]
    toy.append((name, "grid", 24))  # another seed
    assert met(judge_toy(pd.DataFrame(toy, columns=keys))) == ["no", "yes"]

    def ahead(last):
        norms = {
            "bce": (1.0, last), "bce-ns": (1.0, 10.0), "wgan-gp": (1.0, 19.0),
            "relativistic + R1, R2": (1.0, 0.1),
        }  # fmt: skip
        rows = [
            ("leaky ReLU", loss, steps, norm)
            for loss, pair in norms.items()
            for steps, norm in zip((0, 2000), pair, strict=True)
        ]
        return pd.DataFrame(rows, columns=["activation", "loss", "steps", "norm"])

    assert met(judge_ahead(ahead(1e-3))) == ["yes", "yes"]
    assert met(judge_ahead(ahead(0.02))) == ["no", "yes"]

    def pictures(modes, agreement):
        stacked = pd.DataFrame({"row": ["default"], "modes": [modes], "kl": [0.1]})
        equal = pd.DataFrame(
            {
                "set": "fashion-mnist", "row": ["default", REAL],
                "agreement": [agreement, 0.95], "diversity": [0.8, None],
            }
        )  # fmt: skip
        return met(judge_pictures(stacked, equal))

    assert pictures(990, 0.9) == ["yes", "yes"]
    assert pictures(989, 0.899) == ["no", "no"]
