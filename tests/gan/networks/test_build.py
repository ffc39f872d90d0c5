from functools import partial
from itertools import pairwise

import pytest
import torch
from torch import nn

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.networks.build import NETWORKS, build_discriminator, build_generator
from ganaug.gan.networks.spectral_norm import SpectralNorm
from ganaug.gan.networks.stages import stage_channels, stage_sizes
from ganaug.training.weights import count_bytes, fit_network

SIZES = [(28, 28, 1), (64, 48, 3), (100, 30, 4), (33, 17, 3), (8, 8, 1), (9, 31, 1)]


def small(height, width, channels, **more):
    return TrainConfig(
        height=height, width=width, channels=channels, base_channels=16,
        max_channels=32, latent=8, **more,
    )  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("height", "width", "channels"), SIZES)
@pytest.mark.parametrize("classes", [0, 3])
def test_any_size_gives_that_size_and_one_logit(
    network, height, width, channels, classes
):
    config = small(height, width, channels, network=network)
    z, y = torch.randn(2, 8), torch.tensor([0, 2 if classes else 0])
    generator = build_generator(config, classes)
    x = generator(z, generator.embed(y))
    assert x.shape == (2, channels, height, width)
    assert build_discriminator(config, classes)(x, y, 1.0).shape == (2,)


@pytest.mark.parametrize("stem", ["strided", "full"])
def test_stem_keeps_the_shape(stem):
    config = small(20, 13, 3, stem=stem)
    z, y = torch.randn(2, 8), torch.tensor([0, 1])
    generator = build_generator(config, 2)
    assert generator(z, generator.embed(y)).shape == (2, 3, 20, 13)


def test_dcgan_has_the_papers_widths():
    config = TrainConfig(network="dcgan", height=64, width=64, base_channels=128)
    generator, discriminator = (
        build_generator(config, 0),
        build_discriminator(config, 0),
    )
    kernels = [tuple(layer.weight.shape) for layer in generator.up]
    assert kernels == [
        (1024, 512, 4, 4), (512, 256, 4, 4), (256, 128, 4, 4), (128, 3, 4, 4)
    ]  # fmt: skip
    assert generator.input.grow.out_features == 4 * 4 * 1024
    assert [layer.out_channels for layer in discriminator.down] == [128, 256, 512]


def test_same_seed_same_weights_and_global_rng_untouched():
    config = small(16, 16, 1)
    state = torch.get_rng_state()
    a, b = build_generator(config, 2), build_generator(config, 2)
    assert torch.equal(state, torch.get_rng_state())
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        assert torch.equal(p, q)
    other = build_generator(config.replace(seed=1), 2)
    assert not torch.equal(other.input.grow.weight, a.input.grow.weight)


def test_each_logit_depends_on_its_own_image_only():
    for network in NETWORKS:
        judge = build_discriminator(small(16, 16, 1, network=network), 2)
        x = torch.randn(3, 1, 16, 16, requires_grad=True)
        judge(x, torch.tensor([0, 1, 0]), 1.0)[0].backward()
        assert x.grad[0].abs().sum() > 0
        assert x.grad[1:].abs().sum() == 0


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"network": "dcgan", "norm": "batch"},
        {"network": "dcgan", "norm": "batch,spectral", "norm_d": "spectral"},
        {"conditioning": "concat", "batch_std": 2, "pack": 2},
        {"conditioning": "image"},
        {"conditioning": "image-warp", "network": "dcgan"},
    ],
)
def test_networks_can_be_measured_before_they_are_built(tmp_path, more):
    config = small(16, 16, 1, **more)
    for build in (build_generator, build_discriminator):
        weights = build(config, 3).state_dict()
        fitted = fit_network(partial(build, config, 3), weights, tmp_path)
        assert all(map(torch.equal, weights.values(), fitted.state_dict().values()))
        bytes_ = sum(weight.nbytes for weight in weights.values())
        assert count_bytes(partial(build, config, 3)) == bytes_


def test_class_weight_switches_the_class_off():
    judge = build_discriminator(small(16, 16, 1), 2)
    x = torch.randn(1, 1, 16, 16)
    one, two = torch.tensor([0]), torch.tensor([1])
    assert torch.equal(judge(x, one, 0.0), judge(x, two, 0.0))
    assert not torch.equal(judge(x, one, 1.0), judge(x, two, 1.0))


@pytest.mark.parametrize("norm", ["batch", "spectral", "batch,spectral"])
@pytest.mark.parametrize("norm_d", ["batch", "spectral"])
def test_dcgan_with_each_norm_in_both_networks(norm, norm_d):
    config = small(16, 16, 3, network="dcgan", norm=norm, norm_d=norm_d)
    generator = build_generator(config, 2)
    discriminator = build_discriminator(config, 2)
    for network, names in ((generator, norm), (discriminator, norm_d)):
        batch = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
        spectral = [m for m in network.modules() if isinstance(m, SpectralNorm)]
        assert bool(batch) == ("batch" in names)
        assert bool(spectral) == ("spectral" in names)
    z, y = torch.randn(3, 8), torch.tensor([0, 1, 1])
    loss = discriminator(generator(z, generator.embed(y)), y, 1.0).sum()
    loss.backward()
    for network in (generator, discriminator):
        assert all(p.grad.isfinite().all() for p in network.parameters())
    again = build_discriminator(config, 2)
    for name, tensor in build_discriminator(config, 2).state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])


def test_batch_norm_in_d_leaves_the_first_layer_out():
    config = small(32, 32, 3, network="dcgan", norm_d="batch")
    judge = build_discriminator(config, 0)
    sizes = [m.num_features for m in judge.modules() if isinstance(m, nn.BatchNorm2d)]
    assert sizes == [layer.out_channels for layer in (*judge.down[1:], judge.last)]


def test_slopes_lie_below_zero_only_and_zero_is_the_plain_relu():
    for slope in (0.0, 0.3):
        config = small(8, 8, 1, network="dcgan", slope=slope, slope_d=slope)
        generator, judge = build_generator(config, 0), build_discriminator(config, 0)
        assert (generator.slope, judge.slope, judge.head.slope) == (slope,) * 3
        z, y = torch.randn(4, 8), torch.zeros(4, dtype=torch.int64)
        embedding = generator.embed(y)
        x = generator.input(z, embedding)
        for layer in generator.up:
            x = layer(torch.where(x > 0, x, slope * x))
        torch.testing.assert_close(generator(z, embedding), torch.tanh(x))
        x = image = generator(z, embedding).detach()
        for layer in (*judge.down, judge.last):
            x = layer(x)
            x = torch.where(x > 0, x, slope * x)
        phi = judge.head.read(x.permute(0, 2, 3, 1).flatten(1))
        want = judge.head.logit(torch.where(phi > 0, phi, slope * phi)).squeeze(-1)
        torch.testing.assert_close(judge(image, y), want)


def test_spectral_norm_bounds_the_discriminators_slope():
    config = small(8, 8, 1, network="dcgan", norm_d="spectral")
    judge = build_discriminator(config, 0)
    a, b = torch.randn(2, 64, 1, 8, 8)
    y = torch.zeros(64, dtype=torch.int64)
    gap = (judge(a, y) - judge(b, y)).abs() / (a - b).flatten(1).norm(dim=1)
    # a 4×4 kernel with stride 2 meets each pixel four times
    assert float(gap.detach().max()) < 2 ** len((*judge.down, judge.last))


def test_unknown_norms_are_refused():
    with pytest.raises(ConfigError, match="norm=layer is not allowed"):
        build_generator(small(8, 8, 1, network="dcgan", norm="layer"), 2)


def test_unknown_network_is_refused():
    with pytest.raises(ConfigError, match="there is no network 'resnet'"):
        build_generator(TrainConfig(network="resnet"), 2)


def test_stage_sizes_end_at_the_image():
    for height in range(2, 70):
        for width in (2, 7, 16, 33, 64):
            sizes = stage_sizes(height, width)
            assert sizes[-1] == (height, width)
            for (h, w), (bigger_h, bigger_w) in pairwise(sizes):
                assert (h, w) == (-(-bigger_h // 2), -(-bigger_w // 2))


def test_stage_channels_are_capped():
    assert stage_channels(4, 16, 64) == [64, 64, 32, 16]
