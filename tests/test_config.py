import json
from types import SimpleNamespace

import pytest

from ganaug.config import PRESETS, TrainConfig, parse_settings
from ganaug.errors import ConfigError


def test_round_trip_through_json():
    config = TrainConfig(gamma=1, augment=None)
    assert TrainConfig.from_dict(json.loads(config.to_json())) == config


def test_presets_are_valid_configs():
    for preset in PRESETS.values():
        TrainConfig(**preset)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("gamma", "not of the form field=value"),
        ("gama=1", "there is no field 'gama'"),
        ("batch=many", "must be a whole number"),
        ("lr=fast", "must be a number"),
    ],
)
def test_bad_settings_are_refused_in_one_line(setting, message):
    with pytest.raises(ConfigError, match=message):
        parse_settings([setting])


@pytest.mark.parametrize(
    "values",
    [
        {"batch": 0},
        {"lr": 0.0},
        {"lr": float("nan")},
        {"holdout": 1.0},
        {"augment_p": 1.5},
        {"batch": 2.5},
        {"channels": True},
        {"network": None},
        {"batch_std": 1},
        {"pack": 0},
        {"channels": 2},
        {"channels": 0},
        {"seed": -1},
        {"seed": 2**63},
    ],
)
def test_bad_values_are_refused(values):
    with pytest.raises(ConfigError, match="is not allowed"):
        TrainConfig(**values)


def test_what_comes_with_the_loss_is_auto_until_it_is_set():
    words = ["gamma=auto", "clip=none", "critic_steps=2", "penalties=none"]
    values = parse_settings(words)
    assert values == {"gamma": "auto", "clip": None, "critic_steps": 2} | {
        "penalties": None
    }
    config = TrainConfig(**values)
    assert (config.gamma, config.beta1, config.clip) == ("auto", "auto", None)
    for wrong in ({"gamma": "much"}, {"latent": "auto"}, {"clip": 0.0}):
        with pytest.raises(ConfigError, match="is not allowed"):
            TrainConfig(**wrong)


def test_a_record_in_place_of_a_name_is_saved_by_its_name():
    loss = SimpleNamespace(name="mine")
    config = TrainConfig(loss=loss)
    assert config.loss is loss
    assert config.to_dict()["loss"] == "mine"
    assert TrainConfig.from_dict(json.loads(config.to_json())).loss == "mine"
    with pytest.raises(ConfigError, match=r"it must be str \| Loss"):
        TrainConfig(loss=3)


def test_settings_are_converted():
    assert parse_settings(["batch_std=4"]) == {"batch_std": 4}
    assert parse_settings(["images=10_000", "lr=1e-3", "loss=bce-ns"]) == {
        "images": 10_000,
        "lr": 1e-3,
        "loss": "bce-ns",
    }
