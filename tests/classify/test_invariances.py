"""Invariances: styles mixed in a network, and a domain head whose gradient turns."""

import numpy as np
import torch
from torch import nn

from ganaug.classify.batch_mixing import lisa
from ganaug.classify.invariances import DomainAdversary, MixStyle
from ganaug.classify.learning import Batch, teach_network
from ganaug.classify.network import build_classifier


def draw_batch(seed=0):
    """Draw images whose class is the sign of the left half, domain of the right."""
    rng = np.random.default_rng(seed)
    label, domain = rng.integers(0, 2, (2, 64))
    x = 0.3 * rng.standard_normal((64, 1, 8, 8))
    x[:, :, :, :4] += (2 * label - 1)[:, None, None, None]
    x[:, :, :, 4:] += (2 * domain - 1)[:, None, None, None]
    targets = torch.eye(2)[torch.from_numpy(label)]
    images = torch.from_numpy(x).float()
    return Batch(images, targets, torch.ones(64), torch.from_numpy(domain))


def test_mixstyle_mixes_while_learning_and_leaves_no_trace():
    network = build_classifier((8, 8), 1, 2, width=8)
    x = draw_batch().images
    plain = network.eval()(x)
    mix = MixStyle(network, 2, seed=0)
    assert torch.equal(network(x), plain), "an evaluated network mixes nothing"
    network.train()
    with torch.no_grad():
        seen = [network.stage1(network.stem(x)) for _ in range(8)]
    assert any(not torch.equal(seen[0], other) for other in seen[1:])
    mix.release()
    with torch.no_grad():
        one, other = (network.stage1(network.stem(x)) for _ in range(2))
    assert torch.equal(one, other)


def test_mixed_styles_are_those_of_the_batch():
    layer = nn.Sequential()
    layer.add_module("stage1", nn.Identity())
    MixStyle(layer, 2, seed=0)
    x = torch.randn(16, 3, 6, 6) * torch.rand(16, 3, 1, 1) + torch.randn(16, 3, 1, 1)
    layer.train()
    mixed = next(y for y in (layer(x) for _ in range(20)) if not torch.equal(y, x))
    means, lowest = mixed.mean(dim=(2, 3)), x.mean(dim=(2, 3)).amin(dim=0)
    assert (means >= lowest - 1e-4).all()

    def flatten(y):
        return (y - y.mean(dim=(2, 3), keepdim=True)) / y.std(dim=(2, 3), keepdim=True)

    assert torch.allclose(flatten(mixed), flatten(x), atol=1e-3)


def test_the_head_learns_domains_and_the_network_gets_its_gradient_reversed():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    adversary = DomainAdversary(network, 2, seed=0)
    head = adversary._head  # the only way to compare gradients
    batch = draw_batch()
    x = batch.images.flatten(1).requires_grad_()
    network[1](x)
    wanted = nn.functional.cross_entropy(head(x), batch.domains)
    plain = torch.autograd.grad(wanted, [x, head[0].weight])
    found = adversary.penalise(batch.domains, progress=0.5)
    turned = torch.autograd.grad(found, [x, head[0].weight])
    strength = 2 / (1 + np.exp(-5)) - 1
    assert torch.allclose(turned[0], -strength * plain[0], atol=1e-7)
    assert torch.allclose(turned[1], plain[1])
    assert adversary.penalise(batch.domains * 0 - 1, progress=0.5) == 0


def test_a_head_is_learned_beside_the_network():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    adversary = DomainAdversary(network, 2, seed=0)
    before = [p.detach().clone() for p in adversary.parameters()]
    teach_network(network, [draw_batch(k) for k in range(3)], 3, invariance=adversary)
    pairs = zip(before, adversary.parameters(), strict=True)
    assert not any(torch.equal(old, new) for old, new in pairs)


def test_lisa_pairs_one_class_across_domains():
    x = torch.arange(6.0).view(6, 1, 1, 1)
    y, d = torch.eye(3)[[0, 0, 1, 1, 2, 2]], torch.tensor([0, 1, 0, 0, 0, -1])
    batch = Batch(x, y, torch.ones(6), d)
    mixed = lisa(batch, np.random.default_rng(0))
    assert torch.equal(mixed.targets, y)
    assert torch.equal(mixed.images[2:], x[2:]), "no partner in another known domain"
    assert not torch.equal(mixed.images[:2], x[:2])
    rng = np.random.default_rng(1)
    plain = [torch.equal(lisa(batch, rng).images, x) for _ in range(100)]
    assert 30 < sum(plain) < 70, "every second batch stays as it is"
    assert lisa(batch._replace(domains=None), np.random.default_rng(0)).images is x
