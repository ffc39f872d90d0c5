import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.gan.inputs.random_draws import Sampler
from ganaug.gan.networks.build import NETWORKS, build_discriminator
from ganaug.gan.objective.losses import LOSSES
from ganaug.gan.objective.packing import pack_images
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.step import build_objective, discriminator_loss, generator_loss

CONFIG = TrainConfig(
    height=8, width=8, channels=3, base_channels=16, max_channels=16, latent=8, batch=8,
    pack=2, augment=None, penalties="r1", gamma=6.0,
)  # fmt: skip


def test_a_pack_holds_its_images_one_after_the_other():
    x = torch.randn(6, 2, 3, 4).contiguous(memory_format=torch.channels_last)
    packed = pack_images(x, 3)
    assert packed.shape == (2, 6, 3, 4)
    for k in range(6):
        slot = k % 3
        assert torch.equal(packed[k // 3, 2 * slot : 2 * slot + 2], x[k])
    assert pack_images(x, 1) is x


def test_each_gradient_reaches_its_image():
    x = torch.randn(4, 1, 2, 2, requires_grad=True)
    pack_images(x, 2)[1].sum().backward()
    assert x.grad.abs().sum(dim=(1, 2, 3)).tolist() == [0, 0, 4, 4]


@pytest.mark.parametrize("network", NETWORKS)
def test_losses_and_penalties_are_those_of_packs(network):
    config = resolve_config(CONFIG.replace(network=network))
    judge = build_discriminator(config, 2)
    objective = build_objective(config, judge, 2)
    labels = torch.tensor([0, 1, 1, 0])
    draws = Sampler(labels, "natural", 8, 8, seed=0, group=2).draw(0)
    assert torch.equal(draws.y[::2], draws.y[1::2])
    real, fake = torch.randn(2, 8, 3, 8, 8)
    weight, y = torch.tensor(1.0), draws.y[::2]
    packed = real.reshape(4, 6, 8, 8).requires_grad_()
    real_logits, fake_logits = (
        judge(x, y, weight) for x in (packed, fake.reshape(4, 6, 8, 8))
    )
    (slope,) = torch.autograd.grad(real_logits.sum(), packed, retain_graph=True)
    want = 3.0 * slope.square().sum(dim=(1, 2, 3)).mean()
    plain = LOSSES["relativistic"].discriminator(real_logits, fake_logits).mean()
    loss, penalty = discriminator_loss(
        objective, real, fake, draws=draws, class_weight=weight, penalty_weight=1.0
    )
    torch.testing.assert_close(penalty.detach(), want)
    torch.testing.assert_close(loss.detach(), (plain + want).detach())
    ours, terms = generator_loss(
        objective, real, fake, draws=draws, class_weight=weight
    )
    theirs = LOSSES["relativistic"].generator(real_logits, fake_logits).mean()
    torch.testing.assert_close(ours, theirs)
    assert float(terms) == 0
