"""A network of one's own begins as the classifiers of a gain did."""

import numpy as np
import pytest
import torch
from recipes import save_gain
from torch import nn

from ganaug import load_recipe
from ganaug.classify.learning import LEARNING_RATE
from ganaug.classify.network import build_classifier
from ganaug.errors import ConfigError, RunError
from ganaug.gain.fitting.building import SLOWER
from ganaug.gain.kept import Kept
from ganaug.gain.started.pretraining import PRETRAINED

COUNTS = {"a": 5, "b": 5, "c": 5}


def load(folder, start="parent"):
    save_gain(folder, COUNTS, size=(8, 8), start=start)
    return load_recipe(folder, channels=1)


def keep(folder, network):
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    Kept(folder, {}).once_arrays(PRETRAINED, lambda: state)


def test_it_gets_all_but_the_last_layer(tmp_path):
    pretrained = build_classifier((8, 8), 1, 7, width=8, seed=1)
    keep(tmp_path / "gain", pretrained)
    recipe = load(tmp_path / "gain")
    assert "network: pretrained on the earlier run's images" in recipe.explain()
    model, fresh = (build_classifier((8, 8), 1, 3, width=8) for _ in range(2))
    assert recipe.begin(model) is model
    assert recipe.optimisation.learning_rate == pytest.approx(SLOWER * LEARNING_RATE)
    for name, value in model.state_dict().items():
        source = fresh if name.startswith("head.") else pretrained
        assert torch.equal(value, source.state_dict()[name]), name


def test_from_scratch_nothing_changes(tmp_path):
    recipe = load(tmp_path / "gain", start="scratch")
    assert "network:" not in recipe.explain()
    assert recipe.optimisation.learning_rate == LEARNING_RATE
    model, fresh = (build_classifier((8, 8), 1, 3, width=8) for _ in range(2))
    recipe.begin(model)
    state = fresh.state_dict()
    assert all(torch.equal(v, state[n]) for n, v in model.state_dict().items())


def test_what_is_not_there_or_fits_not_is_one_line(tmp_path):
    recipe = load(tmp_path / "lost")
    model = build_classifier((8, 8), 1, 3, width=8)
    with pytest.raises(
        ConfigError, match="load the recipe from the folder of the gain"
    ):
        recipe.begin(model)
    keep(tmp_path / "gain", build_classifier((8, 8), 1, 3, width=16))
    recipe = load(tmp_path / "gain")
    for other in (
        model,
        nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.Linear(9, 3)),
    ):
        with pytest.raises(ConfigError, match="the weights of another network"):
            recipe.begin(other)
    path = tmp_path / "gain" / "cells" / f"{PRETRAINED}.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match="is damaged"):
        recipe.begin(model)
    assert np.isfinite(model.head.weight.detach().numpy()).all()
