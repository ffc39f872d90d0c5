"""Pairs: never one image twice, never another class, and singles are sources only."""

import pytest
import torch

from ganaug.errors import DataError
from ganaug.gan.inputs.pair_sampling import PairSampler
from ganaug.gan.inputs.random_draws import Draws

LABELS = torch.tensor([0, 1, 2, 0, 1, 0, 3, 1, 0, 1, 0, 3])  # 5, 4, 1 and 2 images


def draw_many(labels=LABELS, *, group=1, batch=24, steps=100):
    sampler = PairSampler(labels, "sqrt", batch, 4, seed=0, group=group)
    drawn = [sampler.draw(batch * k) for k in range(steps)]
    return Draws(*(torch.cat(parts) for parts in zip(*drawn, strict=True)))


@pytest.mark.parametrize("group", [1, 2, 6])
def test_pairs_are_two_images_of_one_class(group):
    draws = draw_many(group=group)
    assert (draws.picked != draws.y).all()
    assert (LABELS[draws.picked] == LABELS[draws.y]).all()
    assert (LABELS[draws.y_wrong] != LABELS[draws.y]).all()
    assert (draws.y.view(-1, group) == draws.y.view(-1, group)[:, :1]).all()


def test_groups_have_different_targets_where_the_class_is_large_enough():
    draws = draw_many(group=2)
    pairs = draws.picked.view(-1, 2)
    equal = pairs[:, 0] == pairs[:, 1]
    assert (LABELS[pairs[equal, 0]] == 3).all()
    assert not equal[LABELS[pairs[:, 0]] != 3].any()


def test_each_pair_of_a_class_comes_equally_often():
    draws = draw_many(torch.tensor([0, 0, 0, 0]), steps=300)
    counts = torch.bincount(draws.picked * 4 + draws.y, minlength=16).view(4, 4)
    assert (counts.diagonal() == 0).all()
    others = counts[~torch.eye(4, dtype=torch.bool)]
    assert (others - 600).abs().max() < 100  # of 7,200 pairs, 4 standard deviations


def test_an_image_alone_in_its_class_is_a_source_only():
    draws = draw_many()
    assert 2 not in draws.picked
    assert 2 not in draws.y  # it has no real pair
    assert 2 in draws.y_wrong


def test_classes_come_as_often_as_asked_for():
    drawn = LABELS[draw_many().picked]
    shares = torch.bincount(drawn) / len(drawn)
    want = torch.tensor([5.0, 4.0, 0.0, 2.0]).sqrt()
    torch.testing.assert_close(shares, want / want.sum(), atol=0.01, rtol=0)


def test_draws_are_a_function_of_seed_and_images_seen():
    one, two = (PairSampler(LABELS, "sqrt", 8, 4, seed=3) for _ in range(2))
    one.draw(0)
    for a, b in zip(one.draw(160), two.draw(160), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(one.draw(160).y, one.draw(168).y)


def test_classes_of_one_image_each_are_refused():
    with pytest.raises(DataError, match="needs two training images of a class"):
        PairSampler(torch.arange(3), "natural", 8, 4, seed=0)
