"""Recipes as plain values, and the lists of them that are compared."""

import itertools
import json

import pytest

from ganaug.classify.mixing import MIXES
from ganaug.classify.policies import POLICIES
from ganaug.errors import DataError
from ganaug.gain.recipe import (
    PLAIN,
    Recipe,
    list_mixtures,
    list_opponents,
    list_standard,
)
from ganaug.gain.settings import MIXTURES, Settings


def test_a_recipe_survives_its_dictionary():
    found = Recipe(policy="rand", mix="cutmix", share=0.5, labels="half")
    assert Recipe.from_dict(found.to_dict()) == found
    with pytest.raises(DataError, match="the recipe has colour, which this version"):
        Recipe.from_dict({**found.to_dict(), "colour": 1})


def test_names_are_those_of_the_tables():
    assert set(Settings().policies) <= set(POLICIES)
    assert set(Settings().mixes) == set(MIXES)


def test_lists_hold_different_recipes_without_and_with_synthetic_images():
    standard = list_standard(Settings().policies, Settings().mixes)
    assert len(set(standard)) == 9
    assert all(not r.share and r.flips for r in standard)
    assert PLAIN not in standard
    opponents = list_opponents(standard[4], uneven=True)
    assert opponents[2] == standard[4]
    assert len(set(opponents)) == 4
    assert opponents[2:] == list_opponents(standard[4], uneven=False)
    assert opponents[-1] == PLAIN
    mixtures = list_mixtures(opponents[0], MIXTURES)
    assert len(set(mixtures)) == 12
    assert all(r.share and r.adjusted and r.mix == standard[4].mix for r in mixtures)


def test_mixtures_cover_pairs_of_values():
    rows = MIXTURES
    for a, b in itertools.combinations(range(4), 2):
        met = {(row[a], row[b]) for row in rows}
        values = [sorted({row[k] for row in rows}) for k in (a, b)]
        missing = set(itertools.product(*values)) - met
        assert len(missing) <= 1, (a, b, missing)


def test_settings_survive_json():
    found = Settings(grid=(28, 20), policies=("light",))
    assert Settings.from_dict(json.loads(json.dumps(found.to_dict()))) == found
