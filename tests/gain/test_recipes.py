"""Recipes as plain values, and the lists of them that are compared."""

import itertools
import json

import numpy as np
import pytest

from ganaug.classify.batch_mixing import MIXES
from ganaug.classify.policies import POLICIES
from ganaug.errors import DataError
from ganaug.gain.judgement.result import choose_recipe
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.recipes import (
    PLAIN,
    change_start,
    list_mixtures,
    list_opponents,
    list_standard,
    to_mixture,
)
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.recipe import Recipe


def test_a_recipe_survives_its_dictionary():
    found = Recipe(policy="rand", mix="cutmix", share=0.5, labels="half")
    assert Recipe.from_dict(found.to_dict()) == found
    older = {k: v for k, v in found.to_dict().items() if k != "draw"}
    assert Recipe.from_dict(older) == found
    assert Recipe.from_dict({**older, "sampling": "balanced"}).draw == "balanced"
    older = {k: v for k, v in older.items() if k != "start"}
    assert Recipe.from_dict(older).start == "scratch"
    with pytest.raises(DataError, match="the recipe has colour, which this version"):
        Recipe.from_dict({**found.to_dict(), "colour": 1})


def test_names_are_those_of_the_tables():
    assert set(Settings().policies) <= set(POLICIES)
    across = {"lisa"}  # needs domains
    assert set(Settings().mixes) == set(MIXES) - across


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
    both = list_opponents(standard[4], uneven=True, started=True)
    assert both[4:] == opponents
    assert [change_start(recipe) for recipe in both[:4]] == opponents
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


def speak_for(choices, trials=({},) * 9, kept=1):
    """Make a result for each choice of (policy, mixture)."""
    return [
        SplitResult(
            k, np.zeros(1, np.int64), {},
            {OPPONENT: Recipe(p), SYNTHETIC: list_mixtures(Recipe(p), [m])[0]},
            np.array([kept]), own,
        )
        for k, ((p, m), own) in enumerate(zip(choices, trials, strict=False))
    ]  # fmt: skip


A, B, C = (0.1, 1.0, "hard", 0.0), (0.25, 0.3, "soft", 0.4), (0.5, 1.0, "half", 0.0)


def test_the_recipe_is_what_most_splits_chose():
    found = choose_recipe(speak_for([("rand", A), ("light", B), ("rand", B)]))
    assert found == list_mixtures(Recipe("rand"), [B])[0]


def test_its_start_is_what_most_splits_chose_with_synthetic_images():
    found = speak_for([("rand", A), ("rand", B), ("rand", B)])
    for result in found[:2]:
        own = result.recipes[SYNTHETIC]
        result.recipes[SYNTHETIC] = change_start(own)
    expected = change_start(list_mixtures(Recipe("rand"), [B])[0])
    assert choose_recipe(found, helps=True) == expected
    assert choose_recipe(found) == change_start(expected), "as the opponent's"


def test_splits_that_chose_one_each_decide_by_all_their_trials():
    choices = [("rand", A), ("rand", B), ("rand", C)]
    own = [{A: 0.1, B: 0.2, C: 0.9}, {A: 0.9, B: 0.1, C: 0.8}, {A: 0.9, B: 0.2, C: 0.1}]
    assert to_mixture(choose_recipe(speak_for(choices, own))) == B
    assert to_mixture(choose_recipe(speak_for(choices))) == A
    partly = [*own[:2], {}]
    assert to_mixture(choose_recipe(speak_for(choices, partly))) == A


def test_without_synthetic_images_the_recipe_is_the_opponent():
    nothing = (0.0, 1.0, "hard", 0.0)
    assert choose_recipe(speak_for([("rand", nothing)] * 2, kept=0)) == Recipe("rand")
