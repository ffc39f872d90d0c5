"""The translator's generator: what it does before it has learned anything."""

import torch

from ganaug.translate.networks.generator import DomainGenerator


def test_changes_begin_without_a_checkerboard():
    torch.manual_seed(0)
    generator = DomainGenerator(3, domains=2, latent=4, features=8, step=2)
    x = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        changed = generator(x, torch.tensor([0, 1]), torch.zeros(2, 4)) - x
    places = changed.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    assert changed.abs().max() > 1e-3
    assert places.std(dim=-1).max() < 1e-5
