"""A configuration is read from a file, a run or a store."""

import json

import pytest
from ganaug_cli.shared.planning import follow_config, read_config

from ganaug.config import TrainConfig
from ganaug.data.origin import describe_origin, write_origin
from ganaug.data.recorded.rules import Rules
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


@pytest.mark.parametrize(
    ("given", "found", "said"),
    [
        (Rules("^p"), Rules("^p", None, "all", "0:16"), "--pages all --scale 0:16, as"),
        (Rules(scale="auto"), Rules(None, None, "all", "auto"), "--pages all, as"),
    ],
)
def test_a_run_named_as_config_says_pages_and_scale(
    tmp_path, capsys, given, found, said
):
    own = Rules("^q", "inside", "all", "0:16")
    write_origin(tmp_path, describe_origin("photos", own))
    assert follow_config(given, tmp_path) == found
    assert said in capsys.readouterr().err
    assert follow_config(given, tmp_path / "config.json") == given
    assert follow_config(given, None) == given
