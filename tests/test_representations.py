"""What Python shows of each public object: one line that says what it is."""

import re
from dataclasses import replace

import numpy as np
import pytest
from gains import make_gain
from stores import CLASSES, save_untrained
from tiny_runs import TINY, tiny_images

import ganaug
from ganaug.config import TrainConfig
from ganaug.gan.plan import Plan
from ganaug.gan.settings.resolve import resolve_config
from ganaug.synth.store.meta import write_meta
from ganaug.synth.verdict.record import StoreVerdict


@pytest.fixture
def store(tmp_path):
    run = save_untrained(tmp_path / "pets-run")
    return ganaug.synthesize(run, per_class=4, filters=None, device="cpu")


def test_images():
    images = tiny_images(classes=("a",))
    assert repr(images) == "LabelledImages(40 images of 1 class, 8×8 grey)"
    colours = np.zeros((1200, 64, 48, 3), np.uint8)
    many = ganaug.LabelledImages(colours, np.arange(1200) % 3, ("a", "b", "c"))
    assert repr(many) == "LabelledImages(1,200 images of 3 classes, 64×48 RGB)"


def test_configurations_and_plans():
    assert repr(TrainConfig()) == "TrainConfig()"
    config = TrainConfig(height=64, loss="hinge", augment=None)
    assert eval(repr(config)) == config
    resolved = resolve_config(TrainConfig(loss="wgan-gp"))
    assert "loss='wgan-gp', penalties='gp'" in repr(resolved)
    assert repr(Plan(resolved, minutes=4.25)) == (
        "Plan(r3 (class) on 32×32 RGB, 100,000 images, 4.2 minutes)"
    )


def test_a_run_and_its_fingerprint(tmp_path):
    config = TrainConfig(**TINY)
    run = ganaug.train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    assert repr(run) == (
        f"Run({tmp_path}/run: finished, 2 classes, r3 (class) on 8×8 grey)"
    )
    (run.path / "generator.safetensors").unlink()
    assert "unfinished" in repr(run)
    assert repr(run.fingerprint).endswith(": 40 images of 2 classes, 8×8 grey)")


def test_a_store_and_its_verdict(store):
    said = f"Store({store.path}: 12 images of 3 classes, 8×12 RGB)"
    assert repr(store) == said
    page = store._repr_html_()
    assert page.count("<img") == 3
    assert said in page
    verdict = StoreVerdict("poor", "Poor: 7 % kept.", None, 0.07, 1.0, 1.0, 1.0)
    write_meta(store.path, replace(store.meta, verdict=verdict))
    judged = ganaug.Store.load(store.path)
    assert repr(judged) == said[:-1] + ", poor)"
    assert "<div>Poor: 7 % kept.</div>" in judged._repr_html_()


def test_a_store_without_its_files_says_what_is_missing(store):
    for path in store.path.rglob("*.png"):
        path.unlink()
    page = store._repr_html_()
    assert "<img" not in page
    assert "is missing; run the same ganaug synth command" in page


def test_a_synthesizer_and_a_mixed_set(store):
    synthesizer = ganaug.Synthesizer.load(store, "cpu")
    assert repr(synthesizer) == "Synthesizer(3 classes, r3 (class) on 8×12 RGB)"
    real = np.zeros((9, 8, 12, 3), np.uint8), [name for name in CLASSES for _ in "abc"]
    mixed = ganaug.SyntheticDataset(real, store, share=0.25)
    assert repr(mixed) == "SyntheticDataset(9 real and 3 synthetic images of 3 classes)"


def test_a_gain(tmp_path):
    result = make_gain(tmp_path / "gain", classes=("a", "b"), gain=0.1)
    shown = repr(result)
    assert re.fullmatch(
        rf"GainResult\({tmp_path}/gain: \w[\w ]*, \+\d+\.\d points over the best "
        r"training without GAN, 5 splits\)",
        shown,
    )
