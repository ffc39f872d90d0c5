import copy

import pytest
import torch
from torch import nn

from ganaug import TrainConfig
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.networks.spectral_norm import normalise_spectrally
from ganaug.training.ema import start_average, update_average


def matrix_of(layer):
    """Flatten the layer's weight as Miyato et al. do: (out, in · kernel)."""
    weight = layer.weight.detach()
    if isinstance(layer, nn.ConvTranspose2d):
        weight = weight.transpose(0, 1)
    return weight.reshape(len(weight), -1)


LAYERS = [
    lambda: nn.Conv2d(3, 5, 4),
    lambda: nn.ConvTranspose2d(3, 5, 4),
    lambda: nn.Linear(7, 2),
    lambda: nn.Embedding(4, 6),
]


@pytest.mark.parametrize("build", LAYERS)
def test_the_largest_singular_value_becomes_known(build):
    torch.manual_seed(0)
    layer = build()
    before = matrix_of(layer)
    normalise_spectrally(layer)
    for _ in range(200):
        layer.weight  # noqa: B018  each use is one power iteration
    after = matrix_of(layer)
    # G joins an embedding to a z of length √d, and D divides by it
    largest = 6**0.5 if isinstance(layer, nn.Embedding) else 1
    want = largest * before / torch.linalg.svdvals(before)[0]
    torch.testing.assert_close(after, want, rtol=1e-4, atol=1e-5)


def test_the_gradient_is_that_of_weight_over_sigma():
    torch.manual_seed(0)
    layer = nn.Linear(4, 3, bias=False)
    weight = layer.weight.detach().clone().requires_grad_()
    x = torch.randn(2, 4)
    normalise_spectrally(layer)
    for _ in range(200):
        layer.weight  # noqa: B018
    layer(x).square().sum().backward()
    ours = layer.parametrizations.weight.original.grad
    (x @ (weight / torch.linalg.matrix_norm(weight, 2)).T).square().sum().backward()
    torch.testing.assert_close(ours, weight.grad, rtol=1e-4, atol=1e-5)


def test_only_training_moves_the_estimate():
    layer = nn.Linear(4, 3)
    normalise_spectrally(layer)
    u = layer.parametrizations.weight[0].u
    with torch.no_grad():
        layer.parametrizations.weight.original.add_(torch.randn(3, 4))
    before = u.clone()
    one, two = layer.eval().weight, layer.weight
    assert torch.equal(one, two)
    assert torch.equal(u, before)
    layer.train().weight  # noqa: B018
    assert not torch.equal(u, before)


def test_a_moving_average_is_normalised_too():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3))
    normalise_spectrally(model)
    average = start_average(model)
    weight = model[0].parametrizations.weight.original
    for _ in range(50):
        with torch.no_grad():
            weight.add_(0.1 * torch.randn(8, 3, 3, 3))
        model(torch.randn(1, 3, 5, 5))
        update_average(average, model, 0.9)
    largest = float(torch.linalg.matrix_norm(matrix_of(average[0]), 2))
    assert largest == pytest.approx(1, abs=0.05)
    again = copy.deepcopy(average)
    x = torch.randn(2, 3, 5, 5)
    assert torch.equal(again(x), average(x))


def spread_over(logits):
    """Return the deviations of logits (images, classes) over classes and images."""
    return logits.std(dim=1).mean().item(), logits.std(dim=0).mean().item()


@pytest.mark.parametrize("norm_d", [None, "spectral"])
def test_the_class_weighs_as_much_as_the_image(norm_d):
    torch.manual_seed(0)
    config = TrainConfig(
        network="dcgan", height=16, width=16, base_channels=32, norm_d=norm_d
    )
    judge = build_discriminator(config, classes=10).eval()
    images, every = torch.randn(32, 3, 16, 16), torch.arange(10).expand(32, -1)
    with torch.no_grad():
        over_classes, over_images = spread_over(judge(images, every))
    assert 0.3 < over_classes / over_images < 3


def test_the_class_is_as_long_as_the_latent():
    torch.manual_seed(0)
    config = TrainConfig(network="dcgan", height=16, width=16, norm="spectral")
    rows = build_generator(config, classes=10).input.embed.weight
    assert 0.5 < rows.std().item() < 1.2
