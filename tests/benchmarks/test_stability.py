"""The stability bench: modes are counted, seeds don't meet, cells are kept."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def toy_trainer(seeds, **changes):
    from stability_toy import COMMON
    from toy_game import Size, ToyTrainer
    from toy_problems import MIXTURES

    from ganaug.config import TrainConfig

    values = {"batch": 8, "images": 3 * 8} | changes
    config = TrainConfig(**COMMON | values)
    return ToyTrainer(config, MIXTURES["grid"].sample, 2, seeds, Size(8, 2))


def test_modes_need_their_share_of_good_points():
    from toy_problems import LEAST, Mixture, count_modes

    mixture = Mixture(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 0.1, 0)
    few = round(300 / 3 * LEAST) - 1  # one less than finds a mode
    points = torch.zeros(300, 2)
    points[:few, 0] = 1.0  # not enough
    points[few : 2 * few + 2, 1] = 1.29  # within three deviations
    points[-9:] = 0.5  # near no mode
    count = count_modes(points, mixture)
    assert count.modes == 2
    assert count.quality == pytest.approx(291 / 300)


def test_real_points_are_all_modes_and_noise_is_not():
    from toy_problems import MIXTURES, count_modes, draw_noise

    for mixture in MIXTURES.values():
        (random,) = generators(0)
        real = count_modes(mixture.sample(2_500, random), mixture)
        noise = count_modes(draw_noise(mixture, 2_500, random), mixture)
        assert real.modes == len(mixture.centres)
        assert real.quality == pytest.approx(0.989, abs=0.01)
        assert noise.modes <= 0.2 * len(mixture.centres)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "relativistic", "gamma": 0.05},
        {"loss": "wgan-gp", "norm": "batch"},
        {"loss": "wgan-gp", "pack": 2},
        {"loss": "bce", "pack": 2, "norm_d": "spectral"},
        {"loss": "bce-ns", "batch_std": 4, "diversity": "mode-seeking,entropy"},
    ],
)
def test_seeds_together_equal_seeds_apart(changes):
    together = toy_trainer([3, 4], **changes)
    together.train()
    found = together.sample_average(6)
    for k, seed in enumerate((3, 4)):
        alone = toy_trainer([seed], **changes)
        alone.train()
        torch.testing.assert_close(
            alone.sample_average(6)[0], found[k], rtol=1e-3, atol=1e-4
        )


def test_rows_are_legal():
    from stability_toy import COMMON, ROWS

    from ganaug.config import TrainConfig
    from ganaug.gan.settings.resolve import settle

    for values in ROWS.values():
        settle(TrainConfig(**COMMON | values))


def test_table_is_written_from_finished_cells(tmp_path):
    import stability

    page = tmp_path / "stability.md"
    words = ["--suite=toy", "--part", "modes", "--row", "bce", "--steps=2", "--seeds=2"]
    words += ["--work", str(tmp_path / "cells"), "--out", str(page)]
    stability.main(words)
    written = page.read_text(encoding="utf-8")
    assert "| uniform noise (control) |" in written
    assert "| bce " in written
    assert (tmp_path / "stability_grid.png").stat().st_size > 1_000
    with open(tmp_path / "results" / "stability_toy.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["problem"], row["seed"]) for row in rows] == [
        ("grid", "0"), ("grid", "1"), ("ring", "0"), ("ring", "1"),
    ]  # fmt: skip
    stability.main([*words, "--table-only"])
    assert page.read_text(encoding="utf-8") == written


def test_a_cell_of_other_settings_is_no_answer(tmp_path):
    from stability_cells import keep

    def measure(steps, **more):
        return keep(
            tmp_path / "a.json", lambda: {"modes": 3}, asked={"steps": steps}, **more
        )

    assert measure(5)["steps"] == 5
    assert measure(5)["modes"] == 3
    for table_only in (True, False):
        with pytest.raises(SystemExit, match="steps=5, not 6; delete"):
            measure(6, table_only=table_only)


def test_remedies_stand_in_the_order_in_which_they_help(tmp_path):
    import json

    import stability
    from stability_toy import MIXTURES, cell_path

    modes = {
        "bce-ns": 3, "bce-ns + pack=2": 4, "bce-ns + R1, R2": 8, "wgan-gp": 5,
        "wgan + R1, R2": 7, "default + pack=2": 6,
    }  # fmt: skip
    for row, n in modes.items():
        for problem in MIXTURES:
            path = cell_path(tmp_path, row, problem)
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"modes": [n, n + 1]}))
    words = ["--part", "remedies", "--work", str(tmp_path), "--out"]
    stability.main([*words, str(tmp_path / "page.md")])
    page = (tmp_path / "page.md").read_text()
    rows = [[c.strip() for c in line.split("|")[1:-1]] for line in page.splitlines()]
    rows = [row for row in rows if len(row) == 4]
    assert rows[2] == ["nothing", "3.5 and 3.5", "5.5 and 5.5", "–"]
    assert rows[3] == ["R1, R2", "8.5 and 8.5", "7.5 and 7.5", "–"]
    assert rows[4] == ["pack=2", "4.5 and 4.5", "–", "6.5 and 6.5"]
    assert page.startswith("# Stability\n\nWhat goes wrong")


def test_each_recipe_is_timed_for_itself(monkeypatch):
    import stability_real

    from ganaug import load_images

    rates = iter([10, 20, 11, 21, 90, 22])

    def plan(images, fingerprint, *, overrides, **more):
        assert overrides["snapshots"] == 0
        made = stability_real.TrainConfig(images=next(rates), precision="float32")
        return type("Plan", (), {"config": made})

    monkeypatch.setattr(stability_real, "make_plan", plan)
    monkeypatch.setattr(stability_real, "with_flips", lambda found, images: found)
    found = stability_real.time_recipes(
        load_images("digits"), {"default": {}, "other": {"pack": 2}}, 1.0
    )
    assert found == {"images": {"default": 11, "other": 21}, "precision": "float32"}


def test_a_trial_leaves_no_plan_and_a_plan_knows_its_minutes(tmp_path, monkeypatch):
    import argparse

    import stability_real

    def plan(*recipes, **more):
        options = {"images": None, "minutes": 5.0, "table_only": False, "rows": None}
        options |= more
        return stability_real.plan_runs(
            tmp_path / "gan.json", {name: {} for name in ("default", *recipes)},
            lambda: None, argparse.Namespace(**options),
        )  # fmt: skip

    timed = {"images": {"default": 7}, "precision": "float32"}
    monkeypatch.setattr(stability_real, "time_recipes", lambda *_: dict(timed))
    assert plan(images=100)["images"] == {"default": 100}
    assert not list(tmp_path.iterdir())
    assert plan()["images"] == plan(table_only=True)["images"] == {"default": 7}
    with pytest.raises(SystemExit, match=r"minutes=5.0, not 9.0"):
        plan(minutes=9.0)
    timed["images"] = {"default": 14, "new": 28}  # a machine of twice the speed
    assert plan("new", table_only=True)["images"] == {"default": 7}
    assert plan("new", rows=["default"])["images"] == {"default": 7}
    timed["precision"] = "bfloat16"
    with pytest.raises(SystemExit, match="timed in bfloat16, the others in float32"):
        plan("new")
    (tmp_path / "gan-new.json").unlink()
    timed["precision"] = "float32"
    for _ in range(2):
        assert plan("new")["images"] == {"default": 7, "new": 14}
    assert plan("new", table_only=True)["images"] == {"default": 7, "new": 14}


def test_gradients_of_a_discriminator_ahead(tmp_path):
    import stability

    words = ["--part", "ahead", "--seeds=2", "--steps=10"]
    page = tmp_path / "stability.md"
    stability.main([*words, "--work", str(tmp_path), "--out", str(page)])
    with open(tmp_path / "results" / "stability_ahead.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 4 * 2 * 2 * 2
    assert all(float(row["norm"]) > 0 for row in rows)


def test_stacked_modes_need_a_sure_sample():
    from stability_stacked import count_modes

    p = np.eye(10)[[[1, 2, 3], [1, 2, 3], [0, 0, 9], [4, 4, 4]]]
    p[3, 1] = 0.2 * np.eye(10)[4] + 0.08  # 4 it is, but not surely
    found = count_modes(p)
    assert found["modes"] == 2
    assert found["sure"] == 0.75
    q = np.array([0.5, 0.25, 0.25])
    assert found["kl"] == pytest.approx((q * np.log(q / 0.001)).sum())


def test_digits_are_stacked_as_colours():
    from stability_stacked import stack_digits

    from ganaug import load_images

    stacked = stack_digits(5, seed=1)
    digits = {image.tobytes() for image in load_images("digits").images}
    assert stacked.images.shape == (5, 8, 8, 3)
    for image in stacked.images:
        assert all(image[..., k].tobytes() in digits for k in range(3))


def test_table_of_real_runs_averages_seeds():
    from stability_tables import FIGURES, make_rows

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
    from stability_pictures import NAME, SET, SHOWN, keep_strip, show_pictures
    from stability_tables import REAL

    images = np.random.default_rng(0).integers(0, 256, (60, 6, 4, 3), np.uint8)
    labels = np.arange(60) % 3
    keep_strip(tmp_path / SET / "default-1.png", images, labels)  # another seed
    assert not (tmp_path / SET).exists()
    for row in (REAL, *SHOWN):
        assert show_pictures(tmp_path, SHOWN, tmp_path) == ""
        keep_strip(tmp_path / SET / f"{stability_slug(row)}-0.png", images, labels)
    strip = np.asarray(Image.open(tmp_path / SET / "default-0.png"))
    assert strip.shape == (6, 3 * 8 * 4, 3)
    assert (strip[:, 4:8] == images[3]).all()  # the second of the first class
    assert NAME in show_pictures(tmp_path, SHOWN, tmp_path)
    assert (tmp_path / NAME).is_file()


def stability_slug(row):
    from stability_cells import make_slug

    return make_slug(row)


def test_named_seeds_are_run():
    from argparse import Namespace

    from stability_real import choose_seeds

    def choose(**options):
        return choose_seeds(
            range(5), Namespace(**{"seeds": None, "only": None, **options})
        )

    assert choose() == [0, 1, 2, 3, 4]
    assert choose(seeds=2) == [0, 1]
    assert choose(only=[3, 7]) == [3]


def test_targets_are_met_by_figures_that_reach_them():
    import pandas as pd
    from stability_tables import REAL
    from stability_targets import judge_ahead, judge_pictures, judge_toy

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


def test_runs_wait_for_a_plan(tmp_path):
    import stability

    page = tmp_path / "page.md"
    words = [
        "--suite=real",
        "--table-only",
        "--work",
        str(tmp_path),
        "--out",
        str(page),
    ]
    stability.main(words)
    assert not page.exists()


def test_a_part_of_the_other_suite_is_refused(capsys):
    import stability

    with pytest.raises(SystemExit):
        stability.main(["--suite=real", "--part=modes"])
    assert "which has stacked, equal, conditions" in capsys.readouterr().err
