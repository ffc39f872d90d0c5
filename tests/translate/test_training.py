"""A translator's run: its files, resumption, refusals, and what it translates."""

import json

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.errors import CheckpointError, ConfigError, DataError, RunError
from ganaug.training.interrupt import StoppedError
from ganaug.training.weights import load_tensors, save_tensors
from ganaug.translate.run_folder import TranslatorRun
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import TranslationTrainer
from ganaug.translate.training import train_translator
from ganaug.translate.translator import Translator

CONFIG = TranslateConfig(
    height=8, width=8, channels=1, features=8, features_d=8, blocks=1, batch=8,
    images=64, snapshots=2,
)  # fmt: skip


def make_data(domains=("day", "night"), n=16, size=(8, 8)):
    images = np.random.default_rng(0).integers(0, 256, (n, *size, 1), dtype=np.uint8)
    places = np.arange(n) // 2 % len(domains)
    return LabelledImages(
        images, np.arange(n) % 2, ("cat", "dog"), domains=places, domain_names=domains
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "run"
    return train_translator(make_data(), path, config=CONFIG, device="cpu")


def test_a_run_has_the_files_of_a_gans_run(run):
    names = {path.name for path in run.path.iterdir()}
    assert {
        "config.json", "fingerprint.json", "split.json", "data.json", "metrics.jsonl",
        "samples", "checkpoints", "generator.safetensors",
    } <= names  # fmt: skip
    assert len(list((run.path / "samples").glob("*.png"))) == 2
    lines = (run.path / "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    figures = [row for row in rows if row.get("snapshot")]
    assert {"class_kept", "domain_reached", "z_spread"} <= figures[-1].keys()
    assert TranslatorRun.load(run.path).config == CONFIG


def test_a_stopped_run_ends_with_the_same_bytes(run, tmp_path, monkeypatch):
    step = TranslationTrainer.step

    def stop_in_the_middle(trainer):
        step(trainer)
        if trainer.seen == 24:
            import signal

            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(TranslationTrainer, "step", stop_in_the_middle)
        with pytest.raises(StoppedError, match="24 of 64"):
            train_translator(make_data(), tmp_path / "run", config=CONFIG)
    again = train_translator(make_data(), tmp_path / "run", config=CONFIG)
    name = "generator.safetensors"
    assert (again.path / name).read_bytes() == (run.path / name).read_bytes()


def test_translations_depend_on_their_own_image_only(run):
    translator = Translator.load(run.path)
    images = make_data(n=40).images
    every = translator.translate(images, domain="night", seed=3)
    assert every.shape == images.shape
    one = translator.translate(images[35:36], "night", seed=3, indices=[35])
    assert (one[0] == every[35]).all()
    mixed = translator.translate(images[:2], ["night", "day"], seed=3)
    assert (mixed[0] == every[0]).all()
    assert (translator.translate(images[:2], np.array([1, 0]), 3) == mixed).all()


def test_images_of_any_size_come_back_at_the_datas(run):
    translator = Translator.load(run.path)
    images = np.zeros((3, 21, 13, 1), np.uint8)
    assert translator.translate(images, domain="day").shape == (3, 8, 8, 1)
    assert translator.translate(images[:0], domain="day").shape == (0, 8, 8, 1)


def test_wrong_arguments_of_translate(run):
    translator = Translator.load(run.path)
    images = np.zeros((2, 8, 8, 1), np.uint8)
    with pytest.raises(ConfigError, match="did you mean night"):
        translator.translate(images, domain="nigth")
    with pytest.raises(ConfigError, match="2 images but 1 domains"):
        translator.translate(images, domain=["day"])
    with pytest.raises(DataError, match=r"give \(n, h, w, 1\)"):
        translator.translate(np.zeros((2, 8, 8, 3), np.uint8), domain="day")


def test_other_data_domains_and_settings_are_refused(run):
    data = make_data()
    with pytest.raises(RunError, match="other images"):
        train_translator(make_data(n=18), run.path, config=CONFIG)
    swapped = make_data(domains=("night", "day"))
    with pytest.raises(RunError, match="domains"):
        train_translator(swapped, run.path, config=CONFIG)
    with pytest.raises(RunError, match="another lr"):
        train_translator(data, run.path, config=CONFIG.replace(lr=1e-3))
    assert train_translator(data, run.path).finished


def test_without_two_domains_there_is_nothing_to_learn(tmp_path):
    with pytest.raises(DataError, match="1 domain"):
        train_translator(make_data(domains=("day",)), tmp_path / "run", budget=1)
    assert not (tmp_path / "run").exists()


def test_a_budget_becomes_a_number_of_images_with_reasons(tmp_path):
    data = make_data(size=(20, 20))
    small = {"features": 8, "features_d": 8, "blocks": 1, "snapshots": 0}
    run = train_translator(data, tmp_path / "run", budget=0.01, set=small)
    plan = json.loads((run.path / "plan.json").read_text())
    assert "minutes" in plan["reasons"]["images"]
    assert plan["reasons"]["blocks"] == "as you asked"
    assert run.config.step == 2
    assert run.minutes > 0


def test_unlabelled_images_bring_their_own_domain(tmp_path):
    class Pool:
        images = make_data().images[:5]
        domain = "dusk"

    run = train_translator(
        make_data(), tmp_path / "run", config=CONFIG, unlabelled=[Pool]
    )
    assert Translator.load(run.path).domains == ("day", "night", "dusk")


def test_a_gans_weights_are_no_translator(tmp_path):
    from ganaug.training.weights import save_tensors

    save_tensors(tmp_path / "generator.safetensors", {}, {"kind": "generator"})
    with pytest.raises(CheckpointError, match="not a translator"):
        Translator.load(tmp_path)


def test_networks_that_a_run_never_had_are_not_built(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("ganaug.translate.training._finish", lambda *_: None)
        train_translator(make_data(), tmp_path, config=CONFIG, device="cpu")
    values = json.loads((tmp_path / "config.json").read_text())
    values |= {"features": 1024, "features_d": 1024, "blocks": 32}
    (tmp_path / "config.json").write_text(json.dumps(values))
    monkeypatch.setattr("ganaug.translate.training.TranslationTrainer", None)
    with pytest.raises(CheckpointError, match=r"asks for networks of [\d,]+ MB"):
        train_translator(make_data(), tmp_path, device="cpu")


def test_weights_of_other_networks_are_refused(run, tmp_path):
    tensors, values = load_tensors(run.path / "generator.safetensors")
    older = {name: t for name, t in tensors.items() if not name.startswith("first.")}
    assert len(older) < len(tensors)
    save_tensors(tmp_path / "generator.safetensors", older, values)
    with pytest.raises(CheckpointError, match="by another version of ganaug"):
        Translator.load(tmp_path)
