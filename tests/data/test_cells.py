"""Cells: counted, named, and refused where none can be filled."""

import numpy as np
import pytest

from ganaug.data.cells import check_fillable, count_cells, tabulate_cells
from ganaug.data.images import LabelledImages
from ganaug.errors import DataError


def make(counts, unknown=0):
    """Make blank images, counts[class][domain] of them, some of unknown domain."""
    cells = [(k, d) for k, row in enumerate(counts) for d, n in enumerate(row)
             for _ in range(n)] + [(0, -1)] * unknown  # fmt: skip
    labels, domains = np.array(cells).T
    return LabelledImages(
        np.zeros((len(cells), 8, 8, 1), np.uint8), labels,
        tuple(f"c{k}" for k in range(len(counts))), domains=domains,
        domain_names=tuple(f"d{d}" for d in range(len(counts[0]))),
    )  # fmt: skip


def test_counts_and_words():
    data = make([[9, 0], [7, 8]], unknown=2)
    assert count_cells(data).tolist() == [[9, 0], [7, 8]]
    table = tabulate_cells(data)
    assert table.unknown == (2, 0)
    assert table.words == (("seen", "empty"), ("thin", "seen"))
    assert table.array.tolist() == [[9, 0], [7, 8]]


def test_no_domains_no_cells():
    plain = LabelledImages(np.zeros((2, 8, 8, 1), np.uint8), np.zeros(2, int), ("a",))
    assert count_cells(plain).shape == (1, 0)
    assert tabulate_cells(plain) is None
    with pytest.raises(DataError, match="no domain of any image is known"):
        check_fillable(plain)


def test_a_class_seen_in_two_domains_is_enough():
    check_fillable(make([[8, 8], [9, 0], [0, 3]]))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[9], [9]], "all images are of one domain, d0"),
        ([[9, 0], [9, 0]], "all images are of one domain, d0"),
        ([[9, 7], [0, 9]], "no class was seen in two domains.*both d0 and d1"),
        ([[9, 0], [0, 9]], "domain and class are the same partition"),
    ],
)
def test_what_cannot_be_filled(counts, message):
    with pytest.raises(DataError, match=message):
        check_fillable(make(counts))
