"""Training on images as conditions: a step, a run, its files, and refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import cut_training, tensors_of

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.errors import ConfigError, DataError
from ganaug.gan.generators import load_generators
from ganaug.gan.inputs.conditioners import SourceConditioner
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.objective.diffaugment import augment
from ganaug.gan.plan import make_plan
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.step import discriminator_loss
from ganaug.gan.trainer import Trainer
from ganaug.gan.training import train

TINY = {
    "height": 8, "width": 8, "channels": 1, "base_channels": 16, "max_channels": 16,
    "latent": 8, "batch": 16, "images": 160, "snapshots": 1, "holdout": 0.0,
}  # fmt: skip
CPU = torch.device("cpu")


def draw_images(counts=(5, 3, 1), seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts)), counts)
    images = rng.integers(0, 256, (len(labels), 8, 8, 1), np.uint8)
    names = tuple("abcdefgh"[: len(counts)])
    return LabelledImages(images, labels, names, data_size=(8, 8))


def make_trainer(**more):
    images = draw_images()
    pixels, labels = torch.from_numpy(images.images), torch.from_numpy(images.labels)
    config = TrainConfig(**(TINY | {"conditioning": "image"} | more))
    return Trainer(resolve_config(config), pixels, labels, 3, CPU)


@pytest.mark.parametrize("conditioning", ["image", "image-warp"])
@pytest.mark.parametrize(
    "more",
    [
        {"network": "dcgan", "norm": "batch"},
        {"network": "r3"},
        {"network": "r3", "loss": "wgan-gp", "mismatch": 0.0},
        {"network": "dcgan", "loss": "hinge", "norm_d": "spectral"},
        {"network": "dcgan", "pack": 2, "batch_std": 2, "diversity": "mode-seeking"},
    ],
)
def test_a_step_moves_every_network(conditioning, more):
    trainer = make_trainer(conditioning=conditioning, **more)
    before = {name: t.clone() for name, t in tensors_of(trainer).items()}
    trainer.step()
    after = tensors_of(trainer)
    assert all(t.isfinite().all() for t in after.values())
    for part in ("g.", "d.", "ema."):
        names = [name for name in before if name.startswith(part)]
        assert any(not torch.equal(before[n], after[n]) for n in names)


def test_pairs_that_do_not_match_are_fakes_unless_told_otherwise():
    assert resolve_config(TrainConfig()).mismatch == 0
    assert resolve_config(TrainConfig(conditioning="image")).mismatch == 1
    assert (
        resolve_config(TrainConfig(conditioning="image", mismatch=0.5)).mismatch == 0.5
    )


def test_the_discriminator_judges_pairs_that_were_changed_alike():
    trainer = make_trainer(augment="translation,colour", mismatch=0.5, penalties=None)
    objective, draws = trainer.objective, trainer.sampler.draw(0)
    signal = full_span(1).to_signal(trainer.images)
    real, fake = signal[draws.picked], torch.rand(16, 1, 8, 8)

    own = torch.from_numpy(draw_images().labels)

    def judge(x, y, u):
        pair = x, signal[y]
        both = [augment(t, u, ("translation", "colour"), 0.8) for t in pair]
        return trainer.discriminator.inner(torch.cat(both, dim=1), own[y])

    right = judge(real, draws.y, draws.u_real)
    wrong = judge(real, draws.y_wrong, draws.u_real)
    drawn = judge(fake, draws.y, draws.u_fake)
    loss = torch.nn.functional.softplus
    want = (loss(drawn - right) + 0.5 * loss(wrong - right)).mean()
    got, _ = discriminator_loss(
        objective, real, fake, draws=draws, class_weight=torch.tensor(1.0)
    )
    torch.testing.assert_close(got, want, atol=1e-5, rtol=1e-5)


def test_sources_of_a_class_come_in_turn():
    labels = torch.tensor([0, 1, 0, 1, 1])
    images = torch.zeros(5, 8, 8, 1, dtype=torch.uint8)
    named = SourceConditioner(images, labels, full_span(1)).number(
        torch.tensor([0, 0, 0, 1, 1])
    )
    assert named.tolist() == [0, 2, 0, 1, 3]


def test_no_training_image_is_judged_beside_itself():
    labels = torch.tensor([0, 1, 0, 1, 1])
    images = torch.zeros(5, 8, 8, 1, dtype=torch.uint8)
    rows = torch.tensor([4, 2, 0, 1])
    named = SourceConditioner(images, labels, full_span(1)).number(labels[rows], rows)
    assert named.tolist() == [1, 0, 2, 3]


@pytest.mark.parametrize("conditioning", ["image", "image-warp"])
def test_a_run_keeps_its_sources_in_the_generator_file(tmp_path, conditioning):
    images = draw_images()
    config = TrainConfig(**TINY, conditioning=conditioning, network="dcgan")
    run = train(images, tmp_path / "run", config=config, device="cpu")
    made = load_generators(run.path / "generator.safetensors")
    assert made.classes == ("a", "b", "c")
    assert len(made.members) == 1
    np.testing.assert_array_equal(made.sources.images, images.images)
    assert made.sources.labels.tolist() == images.labels.tolist()
    split = json.loads((run.path / "split.json").read_text())
    assert list(made.sources.hashes) == split["train"]
    assert made.sources.hashes[8] == hash_pixels(images.images[8])
    z, y = torch.randn(4, 8), torch.tensor([0, 1, 2, 2])
    first = made.sources.images[[0, 5, 8, 8]]
    assert torch.equal(made.draw(z, y), made.draw(z, y, first))


def test_a_cut_run_ends_with_the_same_bytes(tmp_path):
    config = TrainConfig(
        **TINY | {"checkpoint_minutes": 0.0}, conditioning="image", network="dcgan",
        norm="batch",
    )  # fmt: skip
    whole = train(draw_images(), tmp_path / "whole", config=config, device="cpu")

    cut_training(80, draw_images(), tmp_path / "cut", config=config, device="cpu")
    train(draw_images(), tmp_path / "cut", device="cpu")
    for name in ("generator.safetensors", "discriminator.safetensors"):
        assert (tmp_path / "cut" / name).read_bytes() == (
            whole.path / name
        ).read_bytes()


def test_one_class_has_no_pairs_that_do_not_match(tmp_path):
    config = TrainConfig(**TINY, conditioning="image")
    assert train(draw_images((4,)), tmp_path / "run", config=config).finished


def test_classes_of_one_image_each_are_refused(tmp_path):
    config = TrainConfig(**TINY, conditioning="image")
    with pytest.raises(DataError, match="set conditioning=class"):
        train(draw_images((1, 1)), tmp_path / "run", config=config, device="cpu")
    assert not (tmp_path / "run" / "config.json").exists()


def test_the_image_of_a_class_with_one_is_a_source_only(tmp_path):
    images = draw_images((4, 1))
    config = TrainConfig(**TINY, conditioning="image", network="dcgan")
    run = train(images, tmp_path / "run", config=config, device="cpu")
    made = load_generators(run.path / "generator.safetensors")
    assert made.draw(torch.randn(3, 8), torch.tensor([1, 1, 1])).shape == (3, 8, 8, 1)
    trainer = make_trainer()
    picked = [trainer.sampler.draw(16 * k).picked.tolist() for k in range(20)]
    assert 8 not in {i for batch in picked for i in batch}


def test_an_unknown_conditioning_is_refused():
    with pytest.raises(ConfigError, match="one of class, concat, caption, image, im"):
        resolve_config(TrainConfig(conditioning="text"))


def test_a_plan_takes_it_where_it_is_asked_for():
    from ganaug.data.fingerprint import take_fingerprint

    images = draw_images((6, 6))
    asked = {"conditioning": "image", "images": 160, "snapshots": 1}
    plan = make_plan(
        images, take_fingerprint(images), budget=0.1, device=CPU, overrides=asked
    )
    assert plan.config.conditioning == "image"
    assert plan.config.mismatch == 1
    assert replace(plan).rate > 0
