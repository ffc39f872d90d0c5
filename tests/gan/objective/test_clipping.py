import torch
from torch import nn

from ganaug.gan.objective.clipping import leave, make_clip


def test_every_weight_is_cut_and_keeps_its_place():
    network = nn.Sequential(nn.Linear(4, 4), nn.Embedding(3, 4))
    before = [p.detach().clone() for p in network.parameters()]
    places = [p.data_ptr() for p in network.parameters()]
    make_clip(0.05)(network)
    for new, old in zip(network.parameters(), before, strict=True):
        assert torch.equal(new, old.clamp(-0.05, 0.05))
    assert [p.data_ptr() for p in network.parameters()] == places


def test_nothing_is_cut_without_a_limit():
    network = nn.Linear(2, 2)
    before = network.weight.detach().clone()
    leave(network)
    assert torch.equal(network.weight, before)
