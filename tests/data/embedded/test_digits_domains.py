"""The embedded set with domains: its cells, and that no digit occurs twice."""

import numpy as np
import pytest

from ganaug import load_images
from ganaug.data.cells import check_fillable, count_cells
from ganaug.data.embedded.digits_domains import LOOKS, TESTED, TRAINED, _place
from ganaug.data.origin import describe_origin


@pytest.fixture(scope="module")
def parts():
    return load_images("digits-domains"), load_images("digits-domains-test")


def test_six_of_ten_classes_are_seen_in_one_domain(parts):
    train, test = parts
    assert set(count_cells(train).ravel().tolist()) == {0, TRAINED}
    shown = (count_cells(train) > 0).sum(axis=1)
    assert shown.tolist() == [4] * 4 + [1] * 6
    assert (count_cells(train)[4:].sum(axis=0) > 0).all()
    assert (count_cells(test) == TESTED).all()
    assert train.domain_names == test.domain_names == tuple(sorted(LOOKS))
    check_fillable(train)


def test_no_digit_is_in_two_cells(parts):
    places = [_place(d, test=test) for test in (False, True) for d in range(4)]
    rows = [i for place in places for i in range(place.start, place.stop)]
    assert len(rows) == len(set(rows)) == 4 * (TRAINED + TESTED)
    fewest = load_images("digits").counts.min()
    assert max(rows) < fewest
    hashes = [each for part in parts for each in part.hash_images()]
    assert len(set(hashes)) == len(hashes)


def test_it_is_the_same_each_time_and_found_again(parts):
    again = describe_origin("digits-domains").load()
    assert np.array_equal(again.images, parts[0].images)
    assert np.array_equal(again.domains, parts[0].domains)
