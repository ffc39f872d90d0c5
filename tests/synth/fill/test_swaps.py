"""Swaps: a classifier that knows nothing of the translator sees exchanged classes."""

import numpy as np
import pytest
from carriers import Lamp, Swapper, draw_domains, hold_all

from ganaug.synth.fill.filler import make_filler
from ganaug.synth.fill.label import sample_carried
from ganaug.synth.fill.swaps import Swap, carry_by_rule, find_swaps

BOTH = [[20, 20], [20, 20], [20, 20]]
UNSEEN = [[20, 0], [20, 0], [20, 20]]  # neither class was seen where it is carried


def carry(data, kind):
    filler = make_filler(kind(data), hold_all(data), seed=0)
    return sample_carried(filler, data.size, seed=0), filler.sources.rows


@pytest.mark.parametrize("counts", [BOTH, UNSEEN], ids=["seen", "unseen"])
def test_exchanged_classes_are_found(counts):
    data = draw_domains(counts)
    carried, rows = carry(data, Swapper)
    found = find_swaps(data.subset(rows), carried)
    assert {Swap(0, 1, 1), Swap(1, 1, 0)} <= set(found)
    assert all(swap.label < 2 for swap in found)


def test_kept_classes_are_not():
    data = draw_domains(UNSEEN)
    carried, rows = carry(data, Lamp)
    assert find_swaps(data.subset(rows), carried) == ()


def test_the_rule_carries_every_image_into_other_domains():
    data = draw_domains(UNSEEN)
    ruled = carry_by_rule(data)
    assert (ruled.domains != data.domains[ruled.sources]).all()
    assert (ruled.labels == data.labels[ruled.sources]).all()
    light = np.median(ruled.images, axis=(1, 2, 3)) > 75
    assert (light == (ruled.domains == 1)).mean() > 0.9
