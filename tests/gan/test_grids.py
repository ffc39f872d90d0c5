"""The size that a GAN draws at: asked for, and what a larger one would cost."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError
from ganaug.gan.grids import LEAST, SIDES, count_work, grid_settings, list_larger
from ganaug.gan.plan import make_plan
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.training import train

SMALL = TrainConfig(height=8, width=8, channels=1, base_channels=8, images=32, batch=16)


def draw(size):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (24, *size, 1), np.uint8)
    return LabelledImages(pixels, np.arange(24) % 2, ("a", "b"), data_size=size)


def test_the_grid_has_the_proportion_of_the_images():
    assert grid_settings((30, 60), 96) == {"height": 48, "width": 96}
    assert grid_settings((4, 600), 32) == {"height": 2, "width": 32}
    for side in (LEAST - 1, 10_000):
        with pytest.raises(ConfigError, match="is not possible; give"):
            grid_settings((8, 8), side)
    with pytest.raises(ConfigError, match="exclude each other"):
        grid_settings((8, 8), 16, {"width": 16})


@pytest.mark.parametrize("side", [6, 16], ids=["smaller", "larger"])
def test_training_obeys(side, tmp_path):
    data = draw((8, 8))
    given = {"config": SMALL, "grid": side, "device": "cpu", "progress": None}
    run = train(data, tmp_path / "run", **given)
    assert (run.config.height, run.config.width) == (side, side)
    assert train(data, tmp_path / "run", **given).finished  # the same once more
    with pytest.raises(ConfigError, match="exclude"):
        train(data, tmp_path / "no", **given, set={"height": 8})


@pytest.mark.parametrize("network", ["dcgan", "r3"])
@pytest.mark.parametrize(
    "values", [{}, {"pack": 2}, {"conditioning": "none"}], ids=["", "packed", "none"]
)
def test_work_grows_with_the_grid(network, values):
    config = resolve_config(SMALL.replace(network=network, **values))
    works = [count_work(config.replace(height=s, width=s), 2) for s in (8, 16, 32)]
    assert 2 < works[1] / works[0] < 8
    assert 2 < works[2] / works[1] < 8


def test_larger_grids_end_at_the_images_own_size():
    config = resolve_config(SMALL.replace(height=32, width=32))
    steps = list_larger(config, (100, 50), 2, rate=100.0)
    assert [step.side for step in steps] == [48, 64]
    assert 0 < steps[0].minutes < steps[1].minutes
    (slower, _) = list_larger(config, (100, 50), 2, rate=50.0)
    assert slower.minutes == pytest.approx(2 * steps[0].minutes, abs=1)
    assert [s.side for s in list_larger(config, (40, 40), 2, rate=1.0)] == [40]
    assert list_larger(config, (32, 32), 2, rate=1.0) == []
    heavy = config.replace(network="dcgan", base_channels=512)
    assert list_larger(heavy, (64, 64), 2, rate=1.0) == []
    large = config.replace(height=192, width=192, base_channels=8, max_channels=16)
    assert [s.side for s in list_larger(large, (1500, 2000), 2, rate=1.0)] == [256]
    assert list_larger(config, (100, 50), 2, rate=0.0) == []
    assert sorted(SIDES) == list(SIDES)


def call(*words, folder):
    code = "from ganaug_cli.main import run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True, text=True, check=False, cwd=folder, timeout=120,
    )  # fmt: skip


def test_the_command_says_what_larger_images_cost(tmp_path):
    data = draw((40, 40))
    np.savez(tmp_path / "a.npz", x_train=data.images, y_train=data.labels)
    words = ("inspect", "a.npz", "--fast", "--set", "base_channels=8")
    done = call(*words, "--grid", "16", folder=tmp_path)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert "16 × 16 pixels, grey: as you asked" in said
    assert "32 pixels need" in said
    assert "(--grid 32 --budget" in said
    enlarged = call(*words, "--grid", "48", folder=tmp_path)
    assert "the images have 40 × 40 and are enlarged" in " ".join(
        enlarged.stdout.split()
    )
    refused = call("synth", "a.npz", "--per-class", "2", "--grid", "2", folder=tmp_path)
    assert refused.returncode == 2
    assert "is not possible; give" in " ".join(refused.stderr.split())


def test_the_plan_takes_the_grid_for_a_setting_of_the_users():
    data = draw((40, 40))
    given = grid_settings(data.size, 20) | {"images": 64, "precision": "float32"}
    plan = make_plan(
        data, take_fingerprint(data), device=torch.device("cpu"), timed=False,
        overrides=given,
    )  # fmt: skip
    assert (plan.config.height, plan.reasons["height"]) == (20, "as you asked")
