"""Pools: which images of them a recipe draws."""

import numpy as np
import pytest

from ganaug.gain.pools import Pool, augment_again, mix_pool
from ganaug.recipe import Recipe

REAL = np.repeat([0, 1, 2], [60, 30, 10])


def make_pool(domains=None):
    labels = np.repeat([0, 1, 2], [40, 40, 40])
    soft = np.eye(3, dtype=np.float32)[labels]
    return Pool(np.zeros((120, 8, 8, 1), np.uint8), labels, soft, domains=domains)


@pytest.mark.parametrize(
    ("draw", "counts"),
    [
        ("natural", [60, 30, 10]),
        ("balanced", [34, 33, 33]),
        ("inverse", [11, 22, 67]),
        ("cells", [50, 25, 25]),
    ],
)
def test_the_draw_decides_how_often_each_class_comes(draw, counts):
    domains = np.repeat([0, 1, 0, 1], [20, 20, 40, 40])
    recipe = Recipe(share=0.5, draw=draw)
    schedule, stand_ins = mix_pool(REAL, make_pool(domains), recipe, seed=0)
    assert list(schedule.counts.values()) == counts
    assert stand_ins.counts == schedule.counts


def test_cells_without_domains_are_classes():
    recipe = Recipe(share=0.5, draw="cells")
    schedule, _ = mix_pool(REAL, make_pool(), recipe, seed=0)
    assert list(schedule.counts.values()) == [34, 33, 33]


def test_domains_follow_their_images():
    domains = np.arange(120) % 4
    again = augment_again(make_pool(domains), "none", np.array([50, 0, 3]), seed=1)
    assert len(again.domains) == len(again.labels) == 53
    assert sorted(np.bincount(again.domains[:40])) == [10, 10, 10, 10]
