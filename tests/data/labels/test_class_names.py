"""Class names and labels."""

import pytest

from ganaug.data.labels.class_names import check_class_names, index_labels
from ganaug.errors import DataError


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "..", "/x", "\\x", "C:\\x", "a\\..\\b", "", " ", ".", "a\0b"],
)
def test_names_that_would_leave_the_folder_are_refused(name):
    with pytest.raises(DataError, match="rename it"):
        check_class_names(["fine", name])


@pytest.mark.parametrize("name", ["..x", "x..", ".x", "a b", "ç", "T-shirt/top", "a:b"])
def test_other_names_are_allowed(name):
    assert check_class_names([name, "Cat", "cat"]) == (name, "Cat", "cat")


def test_names_must_differ():
    with pytest.raises(DataError, match="'a' occurs twice"):
        check_class_names(["a", "b", "a"])


def test_string_labels_follow_given_names():
    labels, classes = index_labels(["b", "a"], ["b", "a", "c"])
    assert labels.tolist() == [0, 1]
    assert classes == ("b", "a", "c")


def test_an_unknown_label_is_refused():
    with pytest.raises(DataError, match="'z' is not among"):
        index_labels(["z"], ["a"])


def test_whole_floats_and_booleans_are_integers():
    assert index_labels([1.0, 0.0])[1] == ("0", "1")
    assert index_labels([True, False])[1] == ("0", "1")
