"""Weights of one network fitted to another: classes by name, stages from the image."""

import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.networks.stages import stage_sizes
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.start.fitting import Side, fit_weights


def make_config(size, **values):
    return resolve_config(
        TrainConfig(height=size, width=size, channels=1, base_channels=16, **values)
    )


def make_pair(size, classes, **values):
    config = make_config(size, **values)
    side = Side(classes, stage_sizes(size, size)[0])
    n = len(classes)
    return build_generator(config, n), build_discriminator(config, n), side


PAIRS = [
    {"network": "dcgan", "norm": "batch"},
    {"network": "r3", "stem": "full"},
    {"network": "r3", "stem": "strided", "conditioning": "concat"},
]


@pytest.mark.parametrize("values", PAIRS, ids=lambda v: "-".join(v.values()))
def test_the_same_network_becomes_equal(values):
    old_g, old_d, old = make_pair(16, ("a", "b"), seed=1, **values)
    new_g, new_d, new = make_pair(16, ("a", "b"), seed=2, **values)
    assert fit_weights(new_g, old_g.state_dict(), new, old, from_image=False) == []
    assert fit_weights(new_d, old_d.state_dict(), new, old, from_image=True) == []
    for one, two in ((old_g, new_g), (old_d, new_d)):
        for name, tensor in one.state_dict().items():
            assert torch.equal(tensor, two.state_dict()[name]), name


def test_classes_are_matched_by_name_and_new_ones_are_the_mean():
    old_g, _, old = make_pair(16, ("a", "b", "c"), seed=1)
    new_g, _, new = make_pair(16, ("c", "new", "a"), seed=2)
    fit_weights(new_g, old_g.state_dict(), new, old, from_image=False)
    before, after = (g.state_dict()["input.embed.weight"] for g in (old_g, new_g))
    assert torch.equal(after[0], before[2])
    assert torch.equal(after[2], before[0])
    torch.testing.assert_close(after[1], before.mean(dim=0))


@pytest.mark.parametrize("network", ["dcgan", "r3"])
def test_a_larger_network_keeps_what_lies_at_the_image(network):
    old_g, old_d, old = make_pair(28, ("a", "b"), seed=1, network=network)
    new_g, new_d, new = make_pair(48, ("a", "b"), seed=2, network=network)
    left = fit_weights(new_g, old_g.state_dict(), new, old, from_image=False)
    fit_weights(new_d, old_d.state_dict(), new, old, from_image=True)
    last = "up.1.weight" if network == "dcgan" else "to_image.weight"
    now = "up.2.weight" if network == "dcgan" else "to_image.weight"
    assert torch.equal(new_g.state_dict()[now], old_g.state_dict()[last])
    first = "down.0.weight" if network == "dcgan" else "from_image.weight"
    assert torch.equal(new_d.state_dict()[first], old_d.state_dict()[first])
    assert 0 < len(left) < len(new_g.state_dict())


def test_a_grid_of_another_shape_is_resampled():
    old_g, old_d, old = make_pair(28, ("a",), seed=1)
    new_g, new_d, new = make_pair(24, ("a",), seed=2)
    assert (old.size, new.size) == ((7, 7), (6, 6))
    assert fit_weights(new_g, old_g.state_dict(), new, old, from_image=False) == []
    assert fit_weights(new_d, old_d.state_dict(), new, old, from_image=True) == []
    z, y = torch.randn(4, 64), torch.zeros(4, dtype=torch.long)
    with torch.no_grad():
        large = old_g(z, old_g.embed(y))
        small = new_g(z, new_g.embed(y))
        shrunk = torch.nn.functional.interpolate(large, size=24, mode="area")
    # the same pictures, a little smaller; other networks' are not alike
    pairs = torch.corrcoef(torch.cat([shrunk.flatten(1), small.flatten(1)]))
    assert (pairs.diagonal(4) > 0.3).all()
