"""Expressions of others end in time, and find what Python's own search finds."""

import pytest

from ganaug.data.limits import expressions
from ganaug.data.limits.expressions import search_names
from ganaug.data.naming import name_values
from ganaug.errors import DataError


def test_an_expression_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(expressions, "SECONDS", 1)
    with pytest.raises(DataError, match="takes too long on these names"):
        search_names("(a+)+$", ["a" * 40 + "b"])


def test_an_expression_with_repeats_finds_the_same():
    names = ["p12_day_1.png", "caf\udce9_7_x.png", "none"]
    found = search_names("^(.*)_([0-9]*)_", names)
    assert found == [None, "caf\udce9", None]
    assert search_names("[a-z]+[0-9]+", names) == ["p12", None, None]


@pytest.mark.parametrize(
    ("expression", "what"), [("(", "is not a regular"), ("a" * 1001, "at most 1,000")]
)
def test_no_expression_or_a_long_one_is_refused(expression, what):
    with pytest.raises(DataError, match=what):
        name_values(["a.png"], regex=expression)


def test_a_long_name_is_not_searched():
    with pytest.raises(DataError, match="5,000 characters"):
        search_names("a", ["b" * 5_000])
