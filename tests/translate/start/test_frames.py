"""Framing: what is measured of domains, and that a generator starts with it."""

import numpy as np
import torch

from ganaug.translate.networks.first_guess import FirstGuess
from ganaug.translate.networks.generator import STYLE, DomainGenerator
from ganaug.translate.start.frames import (
    are_alike,
    fit_frames,
    measure_frames,
)
from ganaug.translate.start.teaching import teach_first_guess


def draw_shapes(side, n, random, width=24):
    """Draw n squares or crosses of a side at random places near the middle."""
    labels = np.arange(n) % 2
    x = torch.full((n, 1, width, width), -1.0)
    for i, label in enumerate(labels):
        top, left = (width - side) // 2 + random.integers(-1, 2, 2)
        square = x[i, 0, top : top + side, left : left + side]
        if label:
            square[:] = 1
        else:
            square[side // 3 : 2 * side // 3] = 1
            square[:, side // 3 : 2 * side // 3] = 1
    return x, labels


def make_sizes():
    random = np.random.default_rng(0)
    small, large = draw_shapes(8, 16, random), draw_shapes(16, 16, random)
    x = torch.cat([small[0], large[0]])
    return x, np.tile(small[1], 2), np.repeat([0, 1], 16)


def test_a_domain_of_larger_objects_is_found():
    frames = fit_frames(*make_sizes())
    ratio = (frames[1, 2:] - frames[0, 2:]).exp()
    assert torch.allclose(ratio, torch.tensor([2.0, 2.0]), atol=0.1)


def test_a_new_generator_enlarges_where_domains_differ_in_size():
    x, labels, domains = make_sizes()
    first = FirstGuess(1, STYLE, framing=0.5, light=3.0)
    generator = DomainGenerator(1, domains=2, latent=4, features=8, first=first)
    teach_first_guess(generator, x, labels, domains, seed=0)
    goal, z = torch.ones(16, dtype=torch.int64), torch.zeros(16, 4)
    with torch.no_grad():
        moved = generator.first(x[:16], generator.style(goal, z))
    wanted = measure_frames(x[16:])[:, 2].mean()
    assert abs(measure_frames(moved)[:, 2].mean() - wanted) < 0.15


def test_light_from_one_side_moves_nothing():
    random = np.random.default_rng(0)
    x, labels = draw_shapes(12, 32, random)
    light = torch.linspace(1, 0.1, 24)
    lit = (x + 1) * light - 1
    both, domains = torch.cat([x, lit]), np.repeat([0, 1], 32)
    labels = np.tile(labels, 2)
    frames = fit_frames(both, labels, domains)
    assert (frames[1] - frames[0]).abs().max() > 0.1
    assert not are_alike(both, labels, domains, frames)


def test_without_a_shared_class_nothing_moves():
    x, _, domains = make_sizes()
    assert not are_alike(x, domains, domains, fit_frames(x, domains, domains))


def test_frames_come_from_position_and_size_alone():
    x, labels, domains = make_sizes()
    frames = fit_frames(x, labels, domains)
    assert are_alike(x, labels, domains, frames)
