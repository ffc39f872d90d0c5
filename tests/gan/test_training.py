"""Runs: resume equals a straight run, faults are survived, foreign folders refused."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import TINY, cut_training, tiny_images

from ganaug.config import TrainConfig
from ganaug.data.origin import Origin
from ganaug.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    RunError,
    TrainingError,
)
from ganaug.gan.generators import load_generators
from ganaug.gan.objective.losses import LOSSES, Loss
from ganaug.gan.run_folder import Run
from ganaug.gan.training import train
from ganaug.training.weights import file_digest, load_tensors


def read_metrics(run):
    text = (run / "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("conditioning", ["class", "concat", "separate", "none"])
@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_a_run_leaves_what_it_promises(tmp_path, conditioning, network):
    config = TrainConfig(**TINY, conditioning=conditioning, network=network)
    run = train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    assert run.finished
    generators = load_generators(run.path / "generator.safetensors")
    want = ("unlabelled",) if conditioning == "none" else ("a", "b")
    assert generators.classes == want
    assert len(generators.members) == (2 if conditioning == "separate" else 1)
    z, y = torch.randn(5, 8), torch.zeros(5, dtype=torch.int64)
    assert generators.draw(z, y).shape == (5, 8, 8, 1)
    parts = sorted(run.path.glob("class-*")) or [run.path]
    for part in parts:
        rows = read_metrics(part)
        assert len([r for r in rows if r.get("snapshot")]) == 2
        assert len(list((part / "samples").glob("*.png"))) == 2
        assert len(list((part / "checkpoints").iterdir())) == 2
        assert (part / "discriminator.safetensors").is_file()
    split = json.loads((run.path / "split.json").read_text())
    assert (len(split["train"]), len(split["held_out"])) == (34, 6)


@pytest.mark.parametrize(
    "more",
    [
        {"loss": "wgan-gp", "network": "dcgan"},
        {"loss": "bce", "network": "dcgan", "norm": "batch", "norm_d": "batch"},
        {"network": "dcgan", "norm": "batch,spectral", "norm_d": "spectral"},
        {"pack": 2, "batch_std": 2, "diversity": "mode-seeking,entropy"},
    ],
)
def test_a_cut_run_ends_with_the_same_bytes(tmp_path, more):
    config = TrainConfig(**(TINY | more | {"checkpoint_minutes": 0.0}))
    whole = train(tiny_images(), tmp_path / "whole", config=config, device="cpu")
    half = config.images // 2
    cut_training(half, tiny_images(), tmp_path / "cut", config=config, device="cpu")
    train(tiny_images(), tmp_path / "cut", device="cpu")
    for name in ("generator.safetensors", "discriminator.safetensors"):
        assert file_digest(whole.path / name) == file_digest(tmp_path / "cut" / name)


def test_a_loss_of_ones_own_trains_and_resumes(tmp_path):
    hinge = LOSSES["hinge"]
    loss = Loss(hinge.discriminator, hinge.generator, critic_steps=2, name="mine")
    config = TrainConfig(**(TINY | {"checkpoint_minutes": 0.0}), loss=loss)
    path = tmp_path / "run"
    half = config.images // 2
    cut_training(half, tiny_images(), path, config=config, device="cpu")
    assert json.loads((path / "config.json").read_text())["loss"] == "mine"
    with pytest.raises(ConfigError, match="there is no loss 'mine'"):
        train(tiny_images(), path, device="cpu")
    other = config.replace(loss="hinge")
    with pytest.raises(RunError, match="another loss"):
        train(tiny_images(), path, config=other, device="cpu")
    run = train(tiny_images(), path, config=config, device="cpu")
    train(tiny_images(), path, device="cpu")  # finished: needs no loss
    assert load_generators(run.path / "generator.safetensors").config.loss == "mine"


def test_what_the_loss_decides_is_saved_with_the_run(tmp_path):
    config = TrainConfig(**TINY, loss="wgan")
    run = train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    saved = json.loads((run.path / "config.json").read_text())
    assert (saved["critic_steps"], saved["clip"], saved["gamma"]) == (5, 0.01, 0)
    tensors, _ = load_tensors(run.path / "discriminator.safetensors")
    assert max(float(t.abs().max()) for t in tensors.values()) <= 0.01
    assert train(tiny_images(), run.path, config=config, device="cpu").finished


def test_conflicts_are_refused_before_a_folder_is_filled(tmp_path):
    config = TrainConfig(**TINY, loss="wgan", penalties="r1")
    with pytest.raises(ConfigError, match=r"clip=0\.01 and penalties=r1"):
        train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    assert not (tmp_path / "run" / "config.json").exists()


def test_single_settings_and_a_seed_go_beside_the_plan(tmp_path):
    path = tmp_path / "run"
    settings = TINY | {"network": "r3", "loss": "hinge", "gamma": "auto"}
    run = train(tiny_images(), path, set=settings, seed=3, device="cpu")
    assert (run.config.seed, run.config.loss, run.config.gamma) == (3, "hinge", 0)
    reasons = json.loads((path / "plan.json").read_text())["reasons"]
    assert reasons["loss"] == reasons["seed"] == "as you asked"
    assert train(tiny_images(), path, set=settings, seed=3, device="cpu").finished
    with pytest.raises(RunError, match="started with another seed"):
        train(tiny_images(), path, set=settings, seed=4, device="cpu")


def test_single_settings_replace_those_of_a_configuration(tmp_path):
    config = TrainConfig(**TINY)
    run = train(tiny_images(), tmp_path / "run", config=config, set={"latent": 4})
    assert (run.config.latent, run.config.images) == (4, config.images)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"set": {"los": "hinge"}}, "there is no field 'los'"),
        ({"set": {"gamma": "5"}}, "must be float"),
        ({"set": {"seed": 1}, "seed": 2}, "differ; give one"),
        ({"seed": -1}, "seed=-1 is not allowed"),
    ],
)
def test_wrong_settings_are_refused_before_images_are_read(tmp_path, given, message):
    with pytest.raises(ConfigError, match=message):
        train("nowhere", tmp_path / "run", **given)


SCRIPT = """
import sys, torch
sys.path.insert(0, {tests!r})
torch.set_num_threads(1)
from tiny_runs import TINY, tiny_images
from ganaug.config import TrainConfig
from ganaug.gan.training import train
more = {{"images": 1600, "checkpoint_minutes": 0.0, "network": {network!r}}}
config = TrainConfig(**(TINY | more))
train(tiny_images(), sys.argv[1], config=config, device="cpu")
"""


def start(path, network):
    code = SCRIPT.format(tests=str(Path(__file__).parents[1]), network=network)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stderr=subprocess.PIPE, text=True
    )


def wait_for_checkpoint(process, run):
    for _ in range(6000):  # two minutes: the machine may be busy
        done = list((run / "checkpoints").glob("*.safetensors"))
        if done and int(max(done).stem) >= 320:
            return
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    raise AssertionError("no checkpoint")


@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_killed_and_resumed_equals_uninterrupted(tmp_path, network):
    straight, cut = tmp_path / "straight", tmp_path / "cut"
    whole = start(straight, network)
    _, errors = whole.communicate()
    assert whole.returncode == 0, errors
    killed = start(cut, network)
    wait_for_checkpoint(killed, cut)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not Run.load(cut).finished
    again = start(cut, network)
    _, errors = again.communicate()
    assert again.returncode == 0, errors
    for name in ("generator.safetensors", "discriminator.safetensors"):
        assert file_digest(straight / name) == file_digest(cut / name)
    told = ("images", "d_loss", "g_loss")
    rows = [
        [[row.get(name) for name in told] for row in read_metrics(path)]
        for path in (straight, cut)
    ]
    assert rows[0] == rows[1]


def test_resume_of_a_finished_run_changes_nothing(tmp_path):
    config = TrainConfig(**TINY)
    run = train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    before = file_digest(run.path / "generator.safetensors")
    stamp = os.stat(run.path / "generator.safetensors").st_mtime_ns
    train(tiny_images(), run.path, device="cpu")
    assert file_digest(run.path / "generator.safetensors") == before
    assert os.stat(run.path / "generator.safetensors").st_mtime_ns == stamp


def broken_loss(bad_calls):
    """Make a loss that is not finite in the calls with these numbers."""
    calls = iter(range(10**9))

    def discriminator(real, fake):
        factor = float("nan") if next(calls) in bad_calls else 1.0
        return factor * LOSSES["relativistic"].discriminator(real, fake)

    return Loss(discriminator, LOSSES["relativistic"].generator, True, ("r1",))


def test_one_bad_loss_rolls_back_with_a_lower_rate(tmp_path, monkeypatch):
    monkeypatch.setitem(LOSSES, "breaks", broken_loss({25}))
    config = TrainConfig(
        **{**TINY, "checkpoint_minutes": 0.0, "mismatch": 0.0}, loss="breaks"
    )
    run = train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    last = max((run.path / "checkpoints").iterdir())
    tensors, values = load_tensors(last)
    assert values["rate_scale"] == 0.5
    assert all(t.isfinite().all() for t in tensors.values())
    assert "rolled_back_from" in (run.path / "metrics.jsonl").read_text()


def test_a_second_bad_loss_stops_with_the_run_intact(tmp_path, monkeypatch):
    monkeypatch.setitem(LOSSES, "breaks", broken_loss(set(range(20, 1000))))
    config = TrainConfig(
        **{**TINY, "checkpoint_minutes": 0.0, "mismatch": 0.0}, loss="breaks"
    )
    with pytest.raises(TrainingError, match="diverged twice"):
        train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    last = max((tmp_path / "run" / "checkpoints").iterdir())
    tensors, values = load_tensors(last)
    assert values["seen"] == 20 * 16
    assert all(t.isfinite().all() for t in tensors.values())


def test_other_data_are_refused(tmp_path):
    config = TrainConfig(**TINY)
    train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    with pytest.raises(RunError, match="other classes"):
        train(tiny_images(classes=("a", "c")), tmp_path / "run", device="cpu")
    with pytest.raises(RunError, match="other images"):
        train(tiny_images(seed=1), tmp_path / "run", device="cpu")
    other = config.replace(gamma=1.0)
    with pytest.raises(RunError, match="another gamma"):
        train(tiny_images(), tmp_path / "run", config=other, device="cpu")


def test_other_groups_are_refused(tmp_path):
    config = TrainConfig(**TINY)
    grouped = replace(tiny_images(), groups=np.arange(40) // 4)
    run = train(grouped, tmp_path / "run", config=config, device="cpu")
    before = (run.path / "data.json").read_bytes()
    assert train(grouped, run.path, device="cpu").finished
    with pytest.raises(RunError, match=r"with 10 groups, but .* no groups"):
        train(tiny_images(), run.path, device="cpu")
    others = replace(grouped, groups=np.arange(40) % 10)
    with pytest.raises(RunError, match="started with other groups"):
        train(others, run.path, device="cpu")
    assert (run.path / "data.json").read_bytes() == before
    (run.path / "split.json").write_text("[]")
    with pytest.raises(RunError, match=r"split\.json is damaged"):
        train(grouped, run.path, device="cpu")


def test_another_order_without_held_out_images_is_refused(tmp_path):
    images = tiny_images(18)
    train(images, tmp_path / "run", config=TrainConfig(**TINY), device="cpu")
    moved = images.subset(np.arange(18)[::-1].copy())
    with pytest.raises(RunError, match="in another order"):
        train(moved, tmp_path / "run", device="cpu")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"precision": "float16"}, "not one of float32, bfloat16"),
        ({"augment": "blur"}, "no operation 'blur'"),
        ({"class_sampling": "even"}, "class_sampling=even is not allowed"),
        ({"network": "resnet"}, "no network 'resnet'"),
        ({"network": "dcgan", "norm": "layer"}, "norm=layer is not allowed"),
        ({"network": "dcgan", "height": 3}, "at least 8×8, not 3×8"),
        ({"channels": 3}, "channels=3 does not suit these images, which have 1"),
    ],
)
def test_what_cannot_be_trained_leaves_no_run(tmp_path, changes, message):
    config = TrainConfig(**{**TINY, **changes})
    with pytest.raises((ConfigError, DataError), match=message):
        train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("conditioning", ["separate", "image", "image-warp"])
def test_a_class_without_images_is_refused_where_it_needs_some(tmp_path, conditioning):
    images = replace(tiny_images(), classes=("a", "b", "none"))
    config = TrainConfig(**TINY, conditioning=conditioning)
    with pytest.raises(DataError, match="class none has no images"):
        train(images, tmp_path / "run", config=config, device="cpu")


def test_a_budget_beside_a_configuration_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="budget and config exclude"):
        train(tiny_images(), tmp_path / "run", budget=1, config=TrainConfig(**TINY))


def test_another_order_is_refused(tmp_path):
    images, config = tiny_images(), TrainConfig(**TINY)
    run = train(images, tmp_path / "run", config=config, device="cpu")
    backwards = images.subset(np.arange(40)[::-1])
    with pytest.raises(RunError, match="in another order"):
        train(backwards, run.path, device="cpu")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ({}, {"scale": "auto"}, "started without --scale; omit it"),
        ({"scale": "0:1"}, {}, "started with --scale '0:1'; give the same"),
        ({"pages": "all"}, {}, "started with --pages 'all'; give the same"),
    ],
)
def test_other_pages_or_values_are_named_before_other_images(
    tmp_path, old, new, message
):
    config, path = TrainConfig(**TINY, holdout=0.0), tmp_path / "run"
    origins = [Origin("/photos", **rules) for rules in (old, new)]
    train(tiny_images(), path, config=config, origin=origins[0], device="cpu")
    others = replace(tiny_images(), images=tiny_images().images // 2)
    with pytest.raises(RunError, match=message):
        train(others, path, origin=origins[1], device="cpu")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (None, "^(..)", "started without --group-regex; omit it"),
        ("^(..)", None, r"started with --group-regex '\^\(\.\.\)'; give the same"),
        ("^(..)", "^(.)", r"started with --group-regex '\^\(\.\.\)'; give the same"),
    ],
)
def test_another_group_regex_is_refused(tmp_path, old, new, message):
    config, path = TrainConfig(**TINY, holdout=0.0), tmp_path / "run"
    begun, again = (Origin("/photos", regex) for regex in (old, new))
    images = tiny_images()
    train(images, path, config=config, origin=begun, device="cpu")
    with pytest.raises(RunError, match=message):
        train(images, path, origin=again, device="cpu")
    assert train(images, path, device="cpu").finished  # from memory: not known


def test_foreign_folder_is_refused_and_untouched(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(RunError, match="is not empty"):
        train(tiny_images(), tmp_path, config=TrainConfig(**TINY), device="cpu")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("damage", ["truncate", "flip"])
def test_damaged_checkpoint_is_refused(tmp_path, monkeypatch, damage):
    monkeypatch.setitem(LOSSES, "breaks", broken_loss(set(range(20, 1000))))
    config = TrainConfig(
        **{**TINY, "checkpoint_minutes": 0.0, "mismatch": 0.0}, loss="breaks"
    )
    with pytest.raises(TrainingError):
        train(tiny_images(), tmp_path / "run", config=config, device="cpu")
    last = max((tmp_path / "run" / "checkpoints").iterdir())
    content = bytearray(last.read_bytes())
    if damage == "truncate":
        content = content[:-100]
    else:
        content[-50] ^= 1
    last.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"damaged|altered"):
        train(tiny_images(), tmp_path / "run", device="cpu")


@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_networks_that_a_run_never_had_are_not_built(tmp_path, monkeypatch, network):
    with monkeypatch.context() as patch:
        patch.setattr("ganaug.gan.training.train_networks", lambda *_, **__: None)
        config = TrainConfig(**TINY, network=network)
        train(tiny_images(), tmp_path, config=config, device="cpu")
    values = json.loads((tmp_path / "config.json").read_text())
    values |= {"base_channels": 4096, "max_channels": 4096, "depth": 16}
    (tmp_path / "config.json").write_text(json.dumps(values))
    monkeypatch.setattr("ganaug.gan.parts.Trainer", None)
    with pytest.raises(CheckpointError, match=r"asks for networks of [\d,]+ MB"):
        train(tiny_images(), tmp_path, device="cpu")


def test_one_image_one_class_and_no_holdout(tmp_path):
    for n, classes in ((1, ("only",)), (3, ("a", "b"))):
        config = TrainConfig(**TINY, holdout=0.0)
        images = tiny_images(n, classes)
        run = train(images, tmp_path / str(n), config=config, device="cpu")
        assert run.finished
