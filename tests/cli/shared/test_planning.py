"""A configuration is read from a file, a run or a store."""

import json

import pytest
from ganaug_cli.shared.planning import read_config

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError


def test_a_configuration_is_that_of_a_file_a_run_or_a_store(tmp_path):
    config = TrainConfig(height=16, gamma=3.0)
    run, store = tmp_path / "run", tmp_path / "store"
    run.mkdir()
    store.mkdir()
    (run / "config.json").write_text(json.dumps(config.to_dict()))
    (store / "meta.json").write_text(json.dumps({"config": config.to_dict()}))
    for path in (run / "config.json", run, store):
        assert read_config(path) == config
    with pytest.raises(ConfigError, match="is missing; give a run, a store"):
        read_config(tmp_path)
