"""Plans: which source image each candidate of a cell comes from."""

import numpy as np
import pytest

from ganaug.synth.fill.plan import NOWHERE, CellPlan, default_per_cell

# class 0 in all three domains, class 1 in two, class 2 in one
LABELS = np.repeat([0, 0, 0, 1, 1, 2], [4, 4, 4, 6, 2, 3])
ORIGINS = np.repeat([0, 1, 2, 0, 1, 2], [4, 4, 4, 6, 2, 3])


def make_plan(seed=0):
    return CellPlan(LABELS, ORIGINS, 3, turns=3, seed=seed)


def take(plan, label, domain, n):
    indices = domain + 3 * np.arange(n)
    return plan.find(np.full(n, label), indices)


@pytest.mark.parametrize("label", [0, 1, 2])
@pytest.mark.parametrize("domain", [0, 1, 2])
def test_a_cell_takes_its_class_from_other_domains(label, domain):
    found = take(make_plan(), label, domain, 12)
    assert (LABELS[found.sources] == label).all()
    assert (found.targets == domain).all()
    home = ORIGINS[found.sources] == domain
    assert home.all() == (label == 2 and domain == 2)
    assert ((found.via != NOWHERE) == home).all()


def test_domains_give_evenly_and_no_image_comes_again_before_all_have():
    found = take(make_plan(), 0, 0, 8)
    assert len(set(found.sources)) == 8
    assert ORIGINS[found.sources].tolist() == [1, 2] * 4
    found = take(make_plan(), 1, 2, 16)  # 6 and 2 images
    assert ORIGINS[found.sources[:8]].tolist() == [0, 1, 0, 1, 0, 0, 0, 0]
    assert sorted(found.sources[8:]) == sorted(found.sources[:8])
    assert found.sources[8:].tolist() != found.sources[:8].tolist()


def test_images_of_one_domain_go_through_each_other_one_and_back():
    found = take(make_plan(), 2, 2, 6)
    assert set(found.via) == {0, 1}
    for source in set(found.sources):
        assert set(found.via[found.sources == source]) == {0, 1}


def test_an_index_decides_alone():
    plan, labels = make_plan(), np.repeat([0, 1, 2], 30)
    indices = np.tile(np.arange(30), 3)
    together = plan.find(labels, indices)
    order = np.random.default_rng(0).permutation(90)
    again = make_plan().find(labels[order], indices[order])
    for one, other in zip(together, again, strict=True):
        np.testing.assert_array_equal(one[order], other)
    other = make_plan(seed=1).find(labels, indices)
    assert (other.sources != together.sources).any()


def test_only_domains_and_classes_with_images_are_filled():
    plan = CellPlan(np.array([0, 0, 2]), np.array([0, 2, 2]), 3, turns=4)
    assert plan.list_cells() == [(0, 0), (2, 0), (0, 2), (2, 2)]
    assert take_domains(plan) == {0, 2}


def take_domains(plan):
    return {domain for _, domain in plan.list_cells()}


def test_cells_get_the_median_of_those_seen():
    assert default_per_cell(np.array([[8, 0], [30, 7]])) == 19
    assert default_per_cell(np.array([[3, 0], [5, 0]])) == 4
    assert default_per_cell(np.zeros((2, 2), int)) == 1
