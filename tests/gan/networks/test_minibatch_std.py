import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.gan.networks.build import NETWORKS, build_discriminator
from ganaug.gan.networks.minibatch_std import MinibatchStd


def test_the_last_channel_is_the_mean_deviation_of_the_group():
    x = torch.randn(6, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    out = MinibatchStd(3)(x)
    assert torch.equal(out[:, :2], x)
    for start in (0, 3):
        total = 0.0
        for place in x[start : start + 3].flatten(1).T.tolist():
            mean = sum(place) / 3
            total += (sum((v - mean) ** 2 for v in place) / 3 + 1e-8) ** 0.5
        want = torch.full((3, 4, 5), total / (2 * 4 * 5))
        torch.testing.assert_close(out[start : start + 3, 2], want)


def test_a_collapsed_group_has_almost_none_and_a_gradient_all_the_same():
    x = torch.zeros(4, 3, 2, 2, requires_grad=True)
    out = MinibatchStd(4)(x)
    assert float(out[:, 3].detach().max()) < 1e-3
    out.sum().backward()
    assert x.grad.isfinite().all()


def test_groups_that_do_not_divide_the_batch_shrink():
    x = torch.randn(6, 1, 2, 2)
    assert torch.equal(MinibatchStd(4)(x), MinibatchStd(2)(x))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_discriminator_sees_that_the_images_of_a_group_are_equal(network):
    config = TrainConfig(
        network=network, height=16, width=16, channels=1, base_channels=16,
        max_channels=16, batch_std=2,
    )  # fmt: skip
    judge = build_discriminator(config, 2)
    a, b = torch.randn(2, 1, 1, 16, 16)
    y = torch.zeros(4, dtype=torch.int64)
    logits = judge(torch.cat([a, a, a, b]), y)
    assert torch.equal(logits[0], logits[1])
    assert logits[0] != logits[2]
    plain = build_discriminator(config.replace(batch_std=None), 2)
    torch.testing.assert_close(*plain(torch.cat([a, a, a, b]), y)[[0, 2]])
