"""Label planes: what D's layers get, under one class or several, and what moves."""

import math
import shutil

import numpy as np
import pytest
import torch
from tiny_runs import cut_training
from torch import nn

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.networks.embedding import Discriminator
from ganaug.gan.networks.label_planes import LabelPlanes
from ganaug.gan.objective.penalties import squared_gradient
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer
from ganaug.gan.training import train
from ganaug.synth.synthesizer import Synthesizer

TINY = TrainConfig(
    height=16, width=16, channels=1, base_channels=8, max_channels=16, latent=8,
    batch=8, images=160, augment="translation", conditioning="concat",
    class_ramp=0.0,
)  # fmt: skip


class Weighing(Discriminator):
    """Return Σ weight · input: its gradient in the image is the first weights."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, 8, 8))
        self.seen = None

    def judge(self, x, y, class_weight=1.0):
        self.seen = x
        return (x * self.weight).sum(dim=(1, 2, 3)), x.flatten(1)


def take_step(**more):
    images = torch.randint(0, 256, (12, 16, 16, 1), dtype=torch.uint8)
    config, labels = resolve_config(TINY.replace(**more)), torch.arange(12) % 3
    trainer = Trainer(config, images, labels, 3, torch.device("cpu"))
    first = next(p for p in trainer.discriminator.parameters() if p.ndim == 4)
    before = first.detach().clone()
    trainer.step()
    assert trainer.is_sound()
    moved = (first != before).any(dim=(0, 2, 3))
    assert len(moved) == trainer.config.pack + 3
    return bool(moved.all())


def test_planes_lie_beside_the_image_and_only_its_own_shines():
    judge = LabelPlanes(Weighing(3 + 4), 4)
    x, y = torch.randn(2, 3, 8, 8), torch.tensor([2, 0])
    judge(x, y, 0.5)
    planes = judge.inner.seen[:, 3:]
    want = torch.zeros(2, 4, 8, 8)
    want[0, 2] = want[1, 0] = 0.5 * math.sqrt(4)
    assert torch.equal(judge.inner.seen[:, :3], x)
    assert torch.equal(planes, want)


def test_at_weight_zero_the_class_does_not_matter():
    judge = build_discriminator(TINY, 3)
    x = torch.randn(2, 1, 16, 16)
    a, b = torch.tensor([0, 1]), torch.tensor([2, 2])
    assert torch.equal(judge(x, a, 0.0), judge(x, b, 0.0))
    assert not torch.equal(judge(x, a, 1.0), judge(x, b, 1.0))


@pytest.mark.parametrize("network", ["dcgan", "r3"])
def test_several_classes_are_judged_as_one_after_the_other(network):
    config = TINY.replace(network=network, pack=2, batch_std=2)
    judge = build_discriminator(config, 3)
    x, y = torch.randn(4, 2, 16, 16), torch.tensor([[0, 1], [0, 2], [1, 2], [1, 0]])
    logits, features = judge.judge(x, y)
    for k in range(2):
        assert torch.equal(logits[:, k], judge(x, y[:, k]))
    assert torch.equal(features, judge.judge(x, y[:, 0])[1])


def test_no_projection_is_left():
    embeddings = (m for m in build_discriminator(TINY, 3).modules())
    assert not any(isinstance(m, nn.Embedding) for m in embeddings)
    embeddings = (m for m in build_generator(TINY, 3).modules())
    assert sum(isinstance(m, nn.Embedding) for m in embeddings) == 1


def test_penalties_measure_the_gradient_in_the_image_alone():
    judge = LabelPlanes(Weighing(1 + 3), 3)
    x = torch.randn(5, 1, 8, 8, requires_grad=True)
    found = squared_gradient(judge(x, torch.arange(5) % 3), x)
    want = judge.inner.weight[:1].square().sum()
    assert torch.allclose(found, want.expand(5))


@pytest.mark.parametrize("network", ["dcgan", "r3"])
@pytest.mark.parametrize(
    "more",
    [
        {"mismatch": 0.5},
        {"pack": 2, "batch_std": 2, "mismatch": 0.5},
        {"loss": "wgan-gp", "diversity": "mode-seeking"},
    ],
)
def test_one_step_moves_the_weights_of_every_plane(network, more):
    assert take_step(network=network, **more)


def test_batch_norm_and_spectral_norm_work_too():
    assert take_step(network="dcgan", loss="bce-ns", penalties=None, norm_d="batch")
    assert take_step(network="dcgan", norm_d="spectral", mismatch=0.5)


@pytest.mark.parametrize("network", ["dcgan", "r3"])
def test_a_cut_run_ends_as_a_straight_one_and_draws(tmp_path, network):
    rng = np.random.default_rng(0)
    data = rng.integers(0, 256, (40, 8, 8, 1), np.uint8), np.arange(40) % 2
    config = TrainConfig(
        height=8, width=8, channels=1, base_channels=8, max_channels=16, latent=8,
        batch=8, images=320, snapshots=1, checkpoint_minutes=0, network=network,
        conditioning="concat", mismatch=0.5,
    )  # fmt: skip
    straight = train(data, tmp_path / "straight", config=config, device="cpu")

    cut_training(160, data, tmp_path / "cut", config=config)
    cut = train(data, tmp_path / "cut", device="cpu")
    files = [run.path / "generator.safetensors" for run in (straight, cut)]
    assert files[0].read_bytes() == files[1].read_bytes()
    shutil.rmtree(tmp_path / "cut")
    drawn = Synthesizer.load(straight, "cpu").sample(["1", "0", "1"], seed=3)
    assert drawn.shape == (3, 8, 8, 1)
    assert (drawn[0] != drawn[2]).any()


def test_an_unknown_conditioning_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"'classes' .*; choose one of class, concat"):
        resolve_config(TrainConfig(conditioning="classes"))
