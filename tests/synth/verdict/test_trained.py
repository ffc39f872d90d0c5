"""What a store records of its GAN's training, from the run's plan or its log."""

import json

import numpy as np

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.gan.plan import AS_ASKED, Plan
from ganaug.gan.plan_file import write_plan
from ganaug.gan.run_folder import Run
from ganaug.gan.settings.resolve import resolve_config
from ganaug.synth.verdict.trained import describe_training

IMAGES = LabelledImages(np.zeros((4, 8, 8, 1), np.uint8), np.arange(4) % 2, ("a", "b"))
CONFIG = resolve_config(TrainConfig(gamma=2.0))


def open_run(folder):
    return Run(folder, CONFIG, take_fingerprint(IMAGES))


def test_the_plan_says_the_time_and_what_the_user_set(tmp_path):
    reasons = {"gamma": AS_ASKED, "loss": "suits few images"}
    write_plan(tmp_path, Plan(CONFIG, reasons, rate=9.0, minutes=2.5))
    found = describe_training(open_run(tmp_path))
    assert found == {"minutes": 2.5, "settings": {"gamma": 2.0}}


def test_without_a_plan_the_log_says_the_time(tmp_path):
    assert describe_training(open_run(tmp_path)) == {"settings": {}, "given": True}
    rows = [{"images": 64, "seconds": 30.0}, {"images": 128, "seconds": 90.0}]
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "metrics.jsonl").write_text("\n".join([*lines, '{"images": 1']))
    assert describe_training(open_run(tmp_path))["minutes"] == 1.5
