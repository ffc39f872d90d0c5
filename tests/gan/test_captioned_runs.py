"""Training with captions: steps, mismatches, resume, plans, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import cut_training

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.gan.generators import load_generators
from ganaug.gan.inputs.captions import gather_captions
from ganaug.gan.plan import make_plan
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.step import own_and_wrong_class
from ganaug.gan.trainer import Trainer
from ganaug.gan.training import train

TINY = TrainConfig(
    height=16, width=16, channels=3, base_channels=16, max_channels=16, latent=8,
    batch=8, images=160, augment="translation", conditioning="caption", snapshots=1,
    mismatch=0.5, class_ramp=0.0, checkpoint_minutes=0,
)  # fmt: skip
CPU = torch.device("cpu")


def captioned_images(n=40, classes=2):
    rng = np.random.default_rng(0)
    captions = [
        f"a {c} {d}"
        for c, d in zip(
            rng.choice(["red", "blue"], n), rng.choice(["one", "two"], n), strict=True
        )
    ]
    pixels = rng.integers(0, 256, (n, 16, 16, 3), np.uint8)
    names = ("a", "b")[:classes]
    return LabelledImages(
        pixels, np.arange(n) % classes, names, captions=tuple(captions)
    )


def make_trainer(data, **more):
    captions = gather_captions(data.captions, data.labels)
    numbers = torch.from_numpy(captions.number(data.captions))
    images = torch.from_numpy(data.images)
    config = resolve_config(TINY.replace(**more))
    return Trainer(config, images, numbers, captions, CPU), captions


def vectors(captions):
    return np.array([[len(c), c.count("e"), c.count("r")] for c in captions], float)


@pytest.mark.parametrize(
    "more",
    [
        {"network": "dcgan"},
        {"network": "r3"},
        {"network": "dcgan", "loss": "wgan-gp", "norm": "batch"},
        {"network": "dcgan", "norm_d": "spectral", "diversity": "mode-seeking"},
    ],
)
def test_one_step_teaches_both_encoders(more):
    trainer, _ = make_trainer(captioned_images(), **more)
    encoders = trainer.generator.input.embed, trainer.discriminator.head.embed
    before = [e.words.weight.detach().clone() for e in encoders]
    for _ in range(2):  # layers that start at zero let no gradient through at first
        trainer.step()
    assert trainer.is_sound()
    for encoder, old in zip(encoders, before, strict=True):
        moved = (encoder.words.weight != old).any(dim=1)
        assert moved[1:].all()


def test_mismatched_captions_never_say_the_same():
    data = captioned_images()
    data = replace(data, captions=(*data.captions[:20], *(f"{c}!" for c in
                   data.captions[20:])))  # fmt: skip
    trainer, captions = make_trainer(data)
    for seen in range(0, 800, 8):
        draws = trainer.sampler.draw(seen)
        own, wrong = own_and_wrong_class(draws).unbind(dim=1)
        texts = [data.captions[i].strip("!") for i in draws.picked.tolist()]
        assert [captions.texts[k].strip("!") for k in own.tolist()] == texts
        assert not any(
            captions.texts[k].strip("!") == text
            for k, text in zip(wrong.tolist(), texts, strict=True)
        )


@pytest.mark.parametrize("network", ["dcgan", "r3"])
@pytest.mark.parametrize("encode", [None, vectors])
def test_a_cut_run_ends_as_a_straight_one(tmp_path, network, encode):
    data, config = captioned_images(), TINY.replace(network=network)
    how = {"config": config, "device": "cpu", "encode": encode}
    straight = train(data, tmp_path / "straight", **how)

    cut_training(80, data, tmp_path / "cut", **how)
    other = vectors if encode is None else None
    with pytest.raises(ConfigError, match=r"omit encode=|give it again"):
        train(data, tmp_path / "cut", device="cpu", encode=other)
    cut = train(data, tmp_path / "cut", device="cpu", encode=encode)
    files = [run.path / "generator.safetensors" for run in (straight, cut)]
    assert files[0].read_bytes() == files[1].read_bytes()
    rows = (straight.path / "metrics.jsonl").read_text().splitlines()
    snapshot = next(row for row in map(json.loads, rows) if row.get("snapshot"))
    assert snapshot["distance"] > 0
    made = load_generators(files[0], encode=encode)
    assert made.classes == ("a", "b")
    assert made.draw(torch.randn(2, 8), torch.tensor([0, 1])).shape == (2, 16, 16, 3)
    if encode is not None:
        with pytest.raises(ConfigError, match="encode="):
            load_generators(files[0])


def test_what_makes_no_sense_is_refused_in_a_line(tmp_path):
    data = captioned_images()
    with pytest.raises(DataError, match="these images have none; give a CSV file with"):
        train(replace(data, captions=None), tmp_path / "a", config=TINY, device="cpu")
    assert not (tmp_path / "a").exists()
    with pytest.raises(ConfigError, match="encode is for conditioning=caption, not cl"):
        train(data, tmp_path / "b", config=TINY.replace(conditioning="class"),
              encode=vectors, device="cpu")  # fmt: skip
    for name, value in (("pack", 2), ("batch_std", 4)):
        with pytest.raises(ConfigError, match=f"{name}={value} is not for condit"):
            resolve_config(TINY.replace(**{name: value}))
    assert not list(tmp_path.glob("*/config.json"))


def test_the_plan_reads_captions_where_nothing_else_is_known():
    one, two = captioned_images(classes=1), captioned_images()
    more = {"images": 64, "base_channels": 16, "snapshots": 1}

    def plan(data, **asked):
        made = make_plan(
            data, take_fingerprint(data), budget=1.0, device=CPU, overrides=more | asked
        )
        return made.config

    assert plan(one).conditioning == "caption"
    assert plan(one).mismatch > 0
    assert plan(two).conditioning == "class"
    assert plan(two, conditioning="caption").mismatch > 0
    assert plan(replace(one, captions=None)).conditioning == "class"
    assert "flip" not in plan(one).augment
