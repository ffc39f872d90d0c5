"""recipe.json: read as a gain writes it, and every refusal in one line."""

import json

import pytest
from recipes import save_gain

from ganaug.errors import DataError
from ganaug.recipe import (
    RECIPE_FILE,
    MeasuredRecipe,
    Recipe,
    copy_recipe,
    read_recipe,
    refuse_other_data,
)

COUNTS = {"ant": 12, "bee": 6}


@pytest.fixture
def gain(tmp_path):
    return save_gain(
        tmp_path / "gain", COUNTS, fingerprint="abc",
        weight=0.3, labels="half", real_only=0.4,
    )  # fmt: skip


def test_what_a_gain_writes_is_read(gain):
    found = read_recipe(gain)
    assert found == read_recipe(gain / RECIPE_FILE)
    recipe = Recipe(share=0.5, weight=0.3, labels="half", real_only=0.4)
    assert found == MeasuredRecipe(
        recipe, "helps", "On these data: helps.", 0.5, "abc", COUNTS, "a small network",
        learning_rate=0.003, weight_decay=0.05,
    )  # fmt: skip
    assert found.helps
    assert found.soft


def test_another_verdict_allows_no_share(tmp_path):
    found = read_recipe(save_gain(tmp_path / "gain", COUNTS, word="hurts"))
    assert (found.share, found.recipe.share, found.helps) == (0, 0.5, False)
    assert not found.soft


def test_a_copy_takes_the_place_of_an_older_one(gain, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    (store / RECIPE_FILE).write_text("older")
    copy_recipe(gain, store)
    copy_recipe(store, store)
    assert (store / RECIPE_FILE).read_bytes() == (gain / RECIPE_FILE).read_bytes()
    assert [path.name for path in store.iterdir()] == [RECIPE_FILE]


def test_a_missing_recipe_is_said(tmp_path):
    with pytest.raises(DataError, match=r"has no recipe\.json; measure one with"):
        read_recipe(tmp_path)
    with pytest.raises(DataError, match=r"nothing does not exist; measure one with"):
        read_recipe(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "newer format"),
        ({"format": "one"}, "is damaged"),
        ({"counts": None}, "is damaged"),
        ({"recipe": {}}, "is damaged: no 'share'"),
        ({"share": 1.5}, r"is damaged: share is 1\.5"),
        ({"labels": "fuzzy"}, "is damaged: labels are 'fuzzy'"),
        ({"weight": 0}, r"is damaged: weight is 0"),
        ({"weight": "low"}, "is damaged"),
        ({"real_only": -0.1}, r"is damaged: real_only is -0\.1"),
    ],
)
def test_newer_and_damaged_ones_are_refused(gain, change, message):
    values = json.loads((gain / RECIPE_FILE).read_text())
    inner = {k: v for k, v in change.items() if k in values["recipe"] and k != "share"}
    values |= {k: v for k, v in change.items() if k not in inner}
    values["recipe"] |= inner
    (gain / RECIPE_FILE).write_text(json.dumps(values))
    with pytest.raises(DataError, match=message) as caught:
        read_recipe(gain)
    assert "\n" not in str(caught.value)


def test_what_is_no_json_is_refused(gain):
    for text in ("{", "[]", "", "\xff"):
        (gain / RECIPE_FILE).write_text(text, encoding="latin-1")
        with pytest.raises(DataError, match="is damaged"):
            read_recipe(gain)


def test_other_data_are_refused(gain):
    refuse_other_data(read_recipe(gain), "abc", "photos")
    with pytest.raises(DataError, match="real images than those of photos") as caught:
        refuse_other_data(read_recipe(gain), "abd", "photos")
    assert "ganaug synth DATA --recipe GAIN" in str(caught.value)
