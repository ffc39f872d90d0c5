"""Lights: what is measured of domains, and that a generator starts with it."""

import numpy as np
import pytest
import torch

from ganaug.translate.networks.first_guess import MAP, FirstGuess, relight_images
from ganaug.translate.networks.generator import STYLE, DomainGenerator
from ganaug.translate.start.lights import (
    are_nearer,
    find_signs,
    fit_lights,
    fit_spreads,
    relate_lights,
)
from ganaug.translate.start.teaching import measure_ways, teach_first_guess


def make_lights(change, n=24):
    """Two shapes as they are, and in other light; the second class only once."""
    random = torch.Generator().manual_seed(0)
    x = torch.full((n, 1, 12, 12), -0.8)
    x[::2, :, 3:6], x[1::2, :, :, 6:9] = 0.6, 0.6
    x += 0.05 * torch.randn(x.shape, generator=random)
    labels = np.arange(n) % 2
    keep = torch.from_numpy(labels == 0)
    both = torch.cat([x, change(x[keep])])
    return both, np.r_[labels, labels[labels == 0]], np.repeat([0, 1], [n, n // 2])


@pytest.mark.parametrize(
    "change", [lambda x: -x, lambda x: 0.3 * x + 0.2, lambda x: -0.5 * x - 0.3]
)
def test_a_generator_starts_with_the_light_of_its_target(change):
    x, labels, domains = make_lights(change)
    lights = fit_lights(x, labels, domains)
    assert are_nearer(x, labels, domains, lights)
    guess = FirstGuess(1, STYLE, framing=0.0, light=3.0)
    generator = DomainGenerator(1, domains=2, latent=4, features=8, first=guess)
    teach_first_guess(generator, x, labels, domains, seed=0)
    single = x[1:24:2]  # of the class that the second light never fell on
    with torch.no_grad():
        goal = torch.ones(12, dtype=torch.int64)
        made = guess(single, generator.style(goal, torch.zeros(12, 4)))
    assert (made - change(single)).abs().mean() < 0.1


def test_negatives_are_the_smaller_party():
    x, labels, domains = make_lights(lambda x: -x)
    more = torch.cat([x, x[domains == 0]])
    labels = np.r_[labels, labels[domains == 0]]
    domains = np.r_[domains, np.full((domains == 0).sum(), 2)]
    assert find_signs(more, labels, domains).tolist() == [1, -1, 1]


def test_the_way_there_and_back_changes_nothing():
    lights = torch.tensor([[0.1, -1.0, 1.0], [-0.4, -2.0, -1.0]])
    x = torch.rand(1, 1, 4, 4)
    there = relight_images(x, relate_lights(lights[:1], lights[1:]))
    back = relight_images(there, relate_lights(lights[1:], lights[:1]))
    assert torch.allclose(back, x, atol=1e-5)


def test_spreads_are_roots_of_the_covariance_within_cells():
    random = torch.Generator().manual_seed(0)
    level = torch.randn(400, 1, 1, 1, generator=random) * 0.2
    shape = torch.linspace(-1, 1, 16).view(1, 1, 4, 4)
    labels = np.arange(400) % 2
    x = shape * (1 + torch.from_numpy(labels).view(-1, 1, 1, 1)) + level
    (spread,) = fit_spreads(x, labels, np.zeros(400, np.int64))
    variance = (spread @ spread.T).diagonal()
    assert torch.allclose(variance, torch.tensor([0.04, 0.0]), atol=0.005)


def test_z_varies_the_light_as_the_target_domain_does():
    x, labels, domains = make_lights(lambda x: -x)
    random = torch.Generator().manual_seed(0)
    x = x + 0.3 * torch.randn(len(x), 1, 1, 1, generator=random)
    guess = FirstGuess(1, STYLE, framing=0.0, light=3.0)
    generator = DomainGenerator(1, domains=2, latent=4, features=8, first=guess)
    teach_first_guess(generator, x, labels, domains, seed=0)
    z = torch.randn(200, 4, generator=random)
    with torch.no_grad():
        style = generator.style(torch.ones(200, dtype=torch.int64), z)
        made = guess(x[:1].expand(200, -1, -1, -1), style)
    assert 0.1 < made.mean(dim=(1, 2, 3)).std() < 0.35


def test_unlabelled_images_are_taken_for_the_same_classes():
    x, labels, domains = make_lights(lambda x: -x)
    known = domains == 0
    assert not measure_ways(x, np.where(known, labels, 5), domains).found
    assert measure_ways(x, np.where(known, labels, -1), domains).lights is not None


def test_without_a_shared_class_nothing_changes():
    x, _, domains = make_lights(lambda x: -x)
    guess = FirstGuess(1, STYLE, framing=0.5, light=3.0)
    generator = DomainGenerator(1, domains=2, latent=4, features=8, first=guess)
    teach_first_guess(generator, x, domains, domains, seed=0)
    style = torch.zeros(len(x), STYLE)
    assert guess.choose_change(x, style).abs().max() == 0
    assert guess.reach.shape == (MAP + 2,)
