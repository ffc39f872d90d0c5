"""The real suite: plans are timed once, seeds and recipes are the ones named."""

from argparse import Namespace

import pytest

from benchmarks.stability import real
from ganaug import load_images


def test_each_recipe_is_timed_for_itself(monkeypatch):
    rates = iter([10, 20, 11, 21, 90, 22])

    def plan(images, fingerprint, *, overrides, **more):
        assert overrides["snapshots"] == 0
        made = real.TrainConfig(images=next(rates), precision="float32")
        return type("Plan", (), {"config": made})

    monkeypatch.setattr(real, "make_plan", plan)
    monkeypatch.setattr(real, "with_flips", lambda found, images: found)
    found = real.time_recipes(
        load_images("digits"), {"default": {}, "other": {"pack": 2}}, 1.0
    )
    assert found == {"images": {"default": 11, "other": 21}, "precision": "float32"}


def test_a_trial_leaves_no_plan_and_a_plan_knows_its_minutes(tmp_path, monkeypatch):
    def plan(*recipes, **more):
        options = {"images": None, "minutes": 5.0, "table_only": False, "rows": None}
        options |= more
        return real.plan_runs(
            tmp_path / "gan.json", {name: {} for name in ("default", *recipes)},
            lambda: None, Namespace(**options),
        )  # fmt: skip

    timed = {"images": {"default": 7}, "precision": "float32"}
    monkeypatch.setattr(real, "time_recipes", lambda *_: dict(timed))
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


def test_named_seeds_are_run():
    def choose(**options):
        return real.choose_seeds(
            range(5), Namespace(**{"seeds": None, "only": None, **options})
        )

    assert choose() == [0, 1, 2, 3, 4]
    assert choose(seeds=2) == [0, 1]
    assert choose(only=[3, 7]) == [3]
