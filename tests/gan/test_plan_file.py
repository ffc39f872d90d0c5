"""plan.json: a run keeps the reasons of its plan."""

import json

import numpy as np
import pytest

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.errors import RunError
from ganaug.gan.plan import Plan
from ganaug.gan.plan_file import read_plan
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.training import train

TINY = TrainConfig(
    height=8, width=8, channels=1, base_channels=16, max_channels=16, latent=8,
    batch=16, images=32, snapshots=0,
)  # fmt: skip


def tiny_images():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), np.uint8)
    return LabelledImages(pixels, np.arange(20) % 2, ("a", "b"), data_size=(8, 8))


def test_a_run_keeps_its_reasons(tmp_path):
    config = resolve_config(TINY)
    plan = Plan(config, {"batch": "small, as <your> set is"}, 250.0, 0.5)
    run = train(tiny_images(), tmp_path, config=plan, device="cpu")
    assert run.config == config
    assert read_plan(run.path, run.config) == plan
    assert train(tiny_images(), tmp_path, config=plan, device="cpu") == run


def test_a_plain_configuration_has_none(tmp_path):
    run = train(tiny_images(), tmp_path, config=TINY, device="cpu")
    assert read_plan(run.path, run.config) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        (json.dumps({"format": 2}), "newer format"),
        (json.dumps({"format": 1, "reasons": {}, "rate": "fast"}), "is damaged"),
    ],
)
def test_bad_files_are_refused(tmp_path, text, message):
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(RunError, match=message):
        read_plan(tmp_path, TINY)
