import json

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
    ],
)
def test_bad_values_are_refused(values):
    with pytest.raises(ConfigError, match="is not allowed"):
        TrainConfig(**values)


def test_settings_are_converted():
    assert parse_settings(["images=10_000", "lr=1e-3", "loss=bce-ns"]) == {
        "images": 10_000,
        "lr": 1e-3,
        "loss": "bce-ns",
    }
