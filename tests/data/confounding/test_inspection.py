"""How domain and class hang together, how domains are told apart, what images help."""

import numpy as np
import pytest
from scipy.stats.contingency import association

from ganaug import load_images
from ganaug.data.cells import CellTable
from ganaug.data.confounding.association import cramers_v, measure_association
from ganaug.data.confounding.explain import (
    explain_cells,
    explain_fill,
    list_wanted,
    rank_wanted,
)
from ganaug.data.confounding.inspection import inspect_domains
from ganaug.data.confounding.recognition import tell_apart
from ganaug.data.confounding.worth import Worth, measure_worth

RNG = np.random.default_rng(0)


def table(counts, unknown=None):
    counts = tuple(map(tuple, counts))
    k, d = len(counts), len(counts[0])
    return CellTable(
        tuple(f"c{i}" for i in range(k)), tuple(f"d{i}" for i in range(d)), counts,
        tuple(unknown or [0] * k),
    )  # fmt: skip


def test_cramers_v_of_large_tables_is_the_known_one():
    counts = RNG.integers(500, 5000, (5, 3))
    assert cramers_v(counts) == pytest.approx(association(counts), abs=2e-3)


def test_the_correction_takes_away_what_chance_gives():
    draws = [
        cramers_v(RNG.multinomial(60, np.full(20, 0.05)).reshape(5, 4))
        for _ in range(200)
    ]
    assert np.mean(draws) < 0.1
    assert association(RNG.multinomial(60, np.full(20, 0.05)).reshape(5, 4)) > 0.1


def test_the_interval_holds_the_value_and_is_wider_for_groups():
    labels = RNG.integers(0, 3, 300)
    domains = np.where(RNG.random(300) < 0.7, labels % 2, 1 - labels % 2)
    alone = measure_association(labels, domains)
    assert alone.low < alone.v < alone.high
    tens = [np.repeat(each, 10) for each in (labels[:30], domains[:30], np.arange(30))]
    grouped, separate = measure_association(*tens), measure_association(*tens[:2])
    assert grouped.high - grouped.low > separate.high - separate.low


def test_no_association_without_two_classes_and_domains():
    two = np.array([0, 1, 0, 1])
    assert measure_association(two, np.zeros(4, int)) is None
    assert measure_association(two, np.full(4, -1)) is None


def test_domains_that_look_alike_are_not_told_apart():
    looks, domains = RNG.normal(size=(200, 6)), np.arange(200) % 2
    assert abs(tell_apart(looks, domains).accuracy - 0.5) < 0.12
    looks[:, 3] += 3 * domains
    found = tell_apart(looks, domains)
    assert found.accuracy > 0.9
    assert found.chance == 0.5


def test_domains_are_judged_by_groups():
    looks = RNG.normal(size=(200, 4))
    groups = np.repeat(np.arange(20), 10)
    domains, looks[:, 0] = groups % 2, groups  # an image is known by its group
    assert tell_apart(looks, domains, groups).accuracy < 0.7
    assert tell_apart(looks, np.arange(200) % 25).chance == 0.04
    assert tell_apart(looks, np.zeros(200, int)) is None


def test_two_images_are_worth_much_where_a_domain_moves_the_class():
    y, d = np.tile([0, 1], 100), np.repeat([0, 1], 100)
    x = RNG.normal(0, 0.3, (200, 8)).astype(np.float32)
    x[:, 0] += y
    x[:, 1] += 3 * d
    x[:, 2] += (y != d) * 2.0  # an image of another domain says nothing of it
    worth = measure_worth(x, y, d)
    assert worth.none < 0.5 < worth.few <= worth.all + 0.2
    assert worth.cells == 4
    assert measure_worth(x, y, y) is None
    assert measure_worth(x, y, d, groups=2 * y + d) is None  # a cell is a group


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([[9, 0], [9, 9]], "all 9 images of c0 come from d0: a classifier can take d0"),
        ([[9, 0], [0, 5], [8, 8]], r"\(1 other class likewise\)"),
        ([[9, 0], [0, 9]], "domain and class are the same partition"),
        ([[9, 0], [9, 0], [0, 9]], "every class comes from one domain only.*repair it"),
        ([[9, 0, 9], [9, 9, 9], [9, 0, 9]], "d1 has images of a single class, c1"),
        ([[9, 0, 9], [9, 9, 9], [9, 9, 9]], "c0 has no image of d1: a classifier"),
        ([[9, 3], [9, 9]], "c0 has only 3 images of d1"),
        ([[1, 3], [2, 2]], "no class has 8 images of one domain .2 domains for 8 im"),
    ],
)
def test_what_is_wrong(counts, said):
    import re

    assert re.search(said, explain_cells(table(counts)))


def test_nothing_is_wrong_with_seen_cells_or_one_domain():
    assert explain_cells(table([[9, 9], [9, 9]])) is None
    assert explain_cells(table([[9, 0], [5, 0]])) is None
    assert "every cell is seen" in explain_fill(table([[9, 9], [9, 9]]))
    assert "one domain" in explain_fill(table([[9, 0], [5, 0]]))


def test_what_fill_would_do():
    said = explain_fill(table([[9, 0], [9, 9], [9, 2]]))
    assert "all 6 cells, 1 of them empty and 1 thin" in said
    assert "two classes in both d0 and d1 would do" in explain_fill(
        table([[9, 0], [0, 9]])
    )


def test_the_cells_whose_images_help_most_come_first():
    cells = table([[9, 0, 0], [9, 9, 9]])
    worth = Worth(0.2, 0.6, 0.9, 3, (float("nan"), 0.1, 0.7))
    assert [cell[:2] for cell in rank_wanted(cells, worth)] == [
        ("c0", "d2"), ("c0", "d1")
    ]  # fmt: skip
    assert "photograph c0 in d2, c0 in d1: two images were worth +40" in list_wanted(
        cells, worth
    )
    assert list_wanted(cells, None) is None


def test_the_whole_inspection_and_its_json():
    import json

    found = inspect_domains(load_images("digits-domains"))
    assert found.wrong.startswith("all 24 images of 4 come from plain (5 other")
    assert found.recognition.accuracy > 0.9
    assert found.association.low > 0.4
    values = json.loads(json.dumps(found.to_dict()))
    assert values["cells"]["counts"][4] == [0, 0, 0, 24]
    assert values["proposal"] is None
