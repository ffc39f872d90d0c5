"""Networks with source images: shapes, what they depend on, where a warp begins."""

import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.gan.inputs.conditioners import SourceAndClass
from ganaug.gan.networks.build import build_discriminator, build_generator

SMALL = TrainConfig(
    height=16, width=16, channels=1, base_channels=16, max_channels=16, latent=8
)


def draw_images(n, channels=1, size=(16, 16), seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, channels, *size, generator=generator) * 2 - 1


def draw(generator, z, source):
    return generator(z, generator.embed(source))


@pytest.mark.parametrize("conditioning", ["image", "image-warp"])
@pytest.mark.parametrize("network", ["r3", "dcgan"])
@pytest.mark.parametrize("size", [(16, 16, 1), (20, 13, 3), (33, 64, 4)])
def test_any_size(conditioning, network, size):
    height, width, channels = size
    config = SMALL.replace(
        height=height, width=width, channels=channels, network=network,
        conditioning=conditioning,
    )  # fmt: skip
    source = draw_images(3, channels, (height, width))
    x = draw(build_generator(config, 5), torch.randn(3, 8), source)
    assert x.shape == source.shape
    judge = build_discriminator(config, 5)
    label = torch.tensor([4, 0, 1])
    logits, features = judge.judge(x, SourceAndClass(source, label))
    assert logits.shape == (3,)
    both = torch.stack([source, source.flip(0)], dim=1)
    several, same = judge.judge(
        x, SourceAndClass(both, torch.stack([label, label.flip(0)], dim=1))
    )
    assert several.shape == (3, 2)
    torch.testing.assert_close(several[:, 0], logits, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(same, features, atol=1e-4, rtol=1e-4)
    reverse = judge(x, SourceAndClass(source.flip(0), label.flip(0)))
    torch.testing.assert_close(several[:, 1], reverse, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("conditioning", ["image", "image-warp"])
def test_an_image_depends_on_both_z_and_the_source(conditioning):
    generator = build_generator(SMALL.replace(conditioning=conditioning), 2)
    z, source = torch.randn(2, 8), draw_images(2)
    x = draw(generator, z, source)
    assert not torch.allclose(x, draw(generator, torch.randn(2, 8), source), atol=1e-3)
    other = draw(generator, z, draw_images(2, seed=1))
    assert not torch.allclose(x, other, atol=1e-3)


@pytest.mark.parametrize("conditioning", ["image", "image-warp"])
def test_gradients_reach_every_weight(conditioning):
    for network in ("r3", "dcgan"):
        config = SMALL.replace(conditioning=conditioning, network=network)
        generator = build_generator(config, 2)
        x = draw(generator, torch.randn(4, 8), draw_images(4))
        x.square().sum().backward()
        missing = [n for n, p in generator.named_parameters() if p.grad is None]
        assert missing == []


def test_a_logit_depends_on_image_source_and_class():
    judge = build_discriminator(SMALL.replace(conditioning="image"), 5)
    x, source, label = draw_images(2), draw_images(2, seed=1), torch.tensor([3, 4])
    logits = judge(x, SourceAndClass(source, label))
    for other in (
        judge(source, SourceAndClass(source, label)),
        judge(x, SourceAndClass(x, label)),
        judge(x, SourceAndClass(source, label - 1)),
    ):
        assert not torch.allclose(logits, other, atol=1e-4)


def test_a_warp_begins_near_the_source():
    source = draw_images(8)
    generator = build_generator(SMALL.replace(conditioning="image-warp"), 2)
    x = draw(generator, torch.randn(8, 8), source)
    assert (x - source).abs().mean() < 0.2 < (source - source.flip(0)).abs().mean()


def test_a_warp_without_a_choice_gives_the_source_back():
    generator = build_generator(SMALL.replace(conditioning="image-warp"), 2)
    for layer in (generator.fields, generator.frame):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    source = draw_images(4)
    x = draw(generator, torch.randn(4, 8), source)
    torch.testing.assert_close(x, source, atol=1e-4, rtol=0)
