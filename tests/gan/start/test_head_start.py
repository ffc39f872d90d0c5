"""A training that begins with an earlier one's networks, from end to end."""

import json
import shutil
import sys

import numpy as np
import pytest
import torch
from ganaug_cli.main import run as call_command
from sklearn.datasets import load_digits

from ganaug import Store, synthesize
from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.errors import CheckpointError, ConfigError, RunError
from ganaug.gan.run_folder import Run
from ganaug.gan.start.parent import read_kept, read_parent
from ganaug.gan.training import train
from ganaug.report.rendering import render_report
from ganaug.training.weights import load_tensors, save_tensors

TINY = TrainConfig(
    snapshots=1, height=8, width=8, channels=1, base_channels=16, images=64, batch=16
)


def draw(digits, size=8):
    data = load_digits()
    rows = np.isin(data.target, digits)
    pixels = (data.images[rows] * 15).astype(np.uint8)[:60, :, :, None]
    labels = np.searchsorted(digits, data.target[rows])[:60]
    if size != 8:
        pixels = pixels.repeat(size // 8, axis=1).repeat(size // 8, axis=2)
    names = tuple(f"digit {k}" for k in digits)
    return LabelledImages(pixels, labels, names, data_size=(size, size))


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parent") / "run"
    return train(draw([0, 1, 2]), folder, config=TINY, device="cpu", progress=None)


def first_state(run):
    tensors, _ = load_tensors(run.path / "checkpoints" / "000000000.safetensors")
    return tensors


def test_both_networks_and_the_average_begin_with_the_parents(parent, tmp_path):
    run = train(
        draw([1, 2, 5]), tmp_path / "run", start=parent, set={"images": 32},
        device="cpu", progress=None,
    )  # fmt: skip
    kept, begun = read_kept(run.path), first_state(run)
    assert kept is not None
    for name, tensor in kept.generator.items():
        if "embed" not in name:
            assert torch.equal(begun[f"g.{name}"], tensor), name
            assert torch.equal(begun[f"ema.{name}"], tensor), name
    for name, tensor in kept.discriminator.items():
        if "embed" not in name:
            assert torch.equal(begun[f"d.{name}"], tensor), name
    assert run.config.base_channels == 16  # the parent's, not the plan's
    record = json.loads((run.path / "start.json").read_text())
    assert record["path"] == str(parent.path)
    assert record["classes"] == ["digit 0", "digit 1", "digit 2"]
    store = synthesize(run, tmp_path / "a", per_class=4, filters=None, device="cpu")
    assert Store.load(store.path).meta.training["start"] == record
    page = render_report(store.path, data=draw([1, 2, 5])).read_text("utf-8")
    assert "which knew 2 of the 3 classes" in page


def test_a_run_resumes_without_its_parent(parent, tmp_path):
    shutil.copytree(parent.path, tmp_path / "parent")
    config = TINY.replace(images=64)
    whole = train(
        draw([3, 4]), tmp_path / "whole", start=tmp_path / "parent", config=config,
        device="cpu", progress=None,
    )  # fmt: skip
    shutil.copytree(whole.path, tmp_path / "cut")
    for name in ("generator.safetensors", "checkpoints", "metrics.jsonl"):
        path = tmp_path / "cut" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(tmp_path / "parent")
    cut = train(draw([3, 4]), tmp_path / "cut", device="cpu", progress=None)
    for name in ("generator", "discriminator"):
        one, _ = load_tensors(whole.path / f"{name}.safetensors")
        two, _ = load_tensors(cut.path / f"{name}.safetensors")
        assert all(torch.equal(one[key], two[key]) for key in one)


def test_a_store_stands_for_the_run_beside_it(parent, tmp_path):
    shutil.copytree(parent.path, tmp_path / "a.run")
    store = synthesize(tmp_path / "a.run", tmp_path / "a", per_class=2, filters=None)
    assert read_parent(store).digest == parent.fingerprint.digest
    shutil.rmtree(tmp_path / "a.run")
    with pytest.raises(RunError, match=r"no a\.run beside it"):
        read_parent(tmp_path / "a")


def test_another_size_begins_with_what_fits(parent, tmp_path):
    run = train(
        draw([0, 1], size=16), tmp_path / "run", start=parent, set={"images": 32},
        device="cpu", progress=None,
    )  # fmt: skip
    assert (run.config.height, run.config.width) == (16, 16)
    kept, begun = read_kept(run.path), first_state(run)
    for name in ("to_image.weight", "stages.1.0.expand.weight"):
        last = name.replace("stages.1", "stages.0")
        assert torch.equal(begun[f"g.{name}"], kept.generator[last])


def test_what_cannot_start_is_one_line(parent, tmp_path):
    def begin(data=None, **given):
        data = draw([0, 1]) if data is None else data
        return train(
            data, tmp_path / "no", **{"start": parent, **given}, device="cpu",
            progress=None,
        )  # fmt: skip

    rgb = LabelledImages(
        draw([0, 1]).images.repeat(3, axis=3), draw([0, 1]).labels, ("a", "b"),
        data_size=(8, 8),
    )  # fmt: skip
    with pytest.raises(ConfigError, match="draws images of 1 channel"):
        begin(rgb)
    with pytest.raises(ConfigError, match=r"base_channels=32 differs from .*, whose"):
        begin(set={"base_channels": 32})
    with pytest.raises(ConfigError, match="latent=7 differs"):
        begin(config=TINY.replace(latent=7))
    with pytest.raises(RunError, match="does not exist"):
        begin(start=tmp_path / "nothing")
    shutil.copytree(parent.path, tmp_path / "translator")
    weights = tmp_path / "translator" / "generator.safetensors"
    tensors, values = load_tensors(weights)
    save_tensors(weights, tensors, values | {"kind": "translator"})
    with pytest.raises(ConfigError, match="is no GAN's"):
        begin(start=tmp_path / "translator")
    separate = train(
        draw([0, 1]), tmp_path / "each", config=TINY.replace(conditioning="separate"),
        device="cpu", progress=None,
    )  # fmt: skip
    with pytest.raises(ConfigError, match="conditioning=separate"):
        begin(start=separate)
    shutil.copytree(parent.path, tmp_path / "torn")
    path = tmp_path / "torn" / "discriminator.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match="damaged"):
        begin(start=tmp_path / "torn")
    assert not (tmp_path / "no").exists()


def test_a_run_keeps_the_start_that_it_had(parent, tmp_path):
    data, config = draw([0, 1]), TINY.replace(images=32)
    given = {"config": config, "device": "cpu", "progress": None}
    run = train(data, tmp_path / "run", start=parent, **given)
    assert isinstance(train(data, run.path, start=parent, **given), Run)
    other = train(draw([0, 1, 2]), tmp_path / "b", **given | {"config": TINY})
    plain = train(data, tmp_path / "plain", **given)
    with pytest.raises(RunError, match="not started from another run"):
        train(data, plain.path, start=parent, **given)
    longer = train(
        draw([0, 1, 2]), tmp_path / "c", **given | {"config": TINY.replace(images=80)}
    )
    assert isinstance(train(data, run.path, start=other, **given), Run)  # the same
    with pytest.raises(RunError, match="has other networks"):
        train(data, run.path, start=longer, **given)


def test_the_command(parent, tmp_path, monkeypatch, capsys):
    images = draw([1, 7])
    np.savez(
        tmp_path / "high.npz", x_train=images.images, y_train=images.labels,
        class_names=np.array(images.classes),
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    words = ["train", "high.npz", "--start", str(parent.path), "--set", "images=32"]
    monkeypatch.setattr(sys, "argv", ["ganaug", *words, "--fast", "--device", "cpu"])
    with pytest.raises(SystemExit) as ended:
        call_command()
    assert not ended.value.code
    said = capsys.readouterr()
    assert "which knew 1 of these 2 classes" in " ".join(said.err.split())
    assert (tmp_path / "high-run" / "start.safetensors").is_file()
    words[3] = "gone"
    record = tmp_path / "high-run" / "start.json"
    record.write_text(record.read_text().replace(str(parent.path), "gone"))
    monkeypatch.setattr(sys, "argv", ["ganaug", *words, "--fast", "--device", "cpu"])
    with pytest.raises(SystemExit) as ended:
        call_command()  # the run has its parent's weights
    assert not ended.value.code
    capsys.readouterr()
    monkeypatch.setattr(
        sys, "argv", ["ganaug", "synth", "high-run", "--per-class", "3", "--start", "x"]
    )
    with pytest.raises(SystemExit) as ended:
        call_command()
    assert ended.value.code == 2
    assert "--start is for training" in " ".join(capsys.readouterr().err.split())
