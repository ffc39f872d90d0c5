"""Words for images from values, mappings and regular expressions."""

import numpy as np
import pandas as pd
import pytest

from ganaug.data.groups import number_groups
from ganaug.data.naming import name_values
from ganaug.data.word import NOT_SAID
from ganaug.errors import DataError

NAMES = ["a/p1-1.png", "a/p2-1.png", "b/p1-2.png"]


def number(names, **options):
    """Return groups as `LabelledImages` has them."""
    return number_groups(name_values(names, **options))


def test_nothing_named_is_none():
    assert name_values(NAMES) is None


@pytest.mark.parametrize("expression", [r"p\d", r"(p\d)-", r"/(p\d)-(\d)"])
def test_the_first_group_or_the_match_counts(expression):
    found = number(NAMES, regex=expression)
    assert found.tolist() == [0, 1, 0]


def test_an_optional_part_that_is_absent_is_no_group():
    assert number(["xa", "x", "x"], regex="x(a)?").tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "groups", [["x", "y", "x"], np.array([5, 2, 5]), (1.5, 2, 1.5)]
)
def test_values_of_any_kind(groups):
    assert number(NAMES, values=groups).tolist() == [0, 1, 0]


def test_a_mapping_by_name():
    groups = dict(zip(NAMES, "xyx", strict=True))
    assert number(NAMES, values=groups).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    "groups",
    [
        ["x", float("nan"), None],
        [1, float("nan"), pd.NA],
        np.array([1.0, np.nan, np.nan]),
        pd.Series(["x", None, pd.NA]),
        pd.Series([pd.Timestamp(0), pd.NaT, pd.NaT]),
        pd.Series([1, None, None]),
        pd.Series([1, None, None], dtype="Int64"),
    ],
)
def test_missing_values_are_alone(groups):
    assert name_values(NAMES, values=groups)[1:] == (NOT_SAID, NOT_SAID)
    assert number(NAMES, values=groups).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "groups",
    [[1, 2, 20], pd.Series([1.0, 2.0, 20.0]), ["1.0", "2", "20.0"], [1.0, 2, "20"]],
)
def test_whole_numbers_have_one_name_however_a_table_holds_them(groups):
    assert name_values(NAMES, values=groups) == ("1", "2", "20")
    assert name_values(NAMES, values=[1.5, "1.00", "v1.0"]) == ("1.5", "1.00", "v1.0")


def test_nameless_images_are_alone():
    assert number(NAMES, values=["", None, "x"]).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"values": [1, 2]}, "one group per image"),
        ({"values": {"a/p1-1.png": 1}}, "2 images, first 'a/p2-1.png'"),
        ({"regex": "("}, "not a regular expression"),
        ({"regex": "zzz"}, "matches no file name"),
        ({"regex": "p", "values": [1, 2, 3]}, "exclude each other"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        number(NAMES, **arguments)


def test_a_file_is_looked_at_before_its_folder():
    names = ["7/p1_a.png", "8/p1_b.png", "8/p2_a.png"]
    for expression in ("^p[0-9]+", "[0-9]+"):
        found = number(names, regex=expression)
        assert found.tolist() == [0, 0, 1], expression
    nested = ["cat/eve/a.png", "cat/eve/b.png", "dog/adam/a.png"]
    found = number(nested, regex="/([a-z]+)/")
    assert found.tolist() == [0, 0, 1]
