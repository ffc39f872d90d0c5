"""docs/style.md: its code runs, and its options are there."""

import re
from pathlib import Path

import numpy as np
from ganaug_cli.main import app
from typer.testing import CliRunner

from ganaug.data.load import load_images

TEXT = (Path(__file__).parents[2] / "docs" / "style.md").read_text(encoding="utf-8")


def test_the_code_runs(tmp_path, monkeypatch, hasty_classifiers):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 2
    tiny = '{"images": 16, "batch": 8, "features": 8, "blocks": 1, "features_d": 8}'
    few = load_images("digits").subset(np.arange(60))
    code = (
        blocks[0]
        .replace("budget=1", f"set={tiny}, filters=None")
        .replace("per_class=20", "per_class=2")
        .replace('load_images("digits")', "few")
    )
    known = {"few": few}
    exec(code, known)
    assert len(known["store"]) == 20
    exec(blocks[1], known)
    assert known["styled"].shape == (8, 8, 1)


def test_the_options_are_there():
    said = CliRunner().invoke(app, ["style", "--help"], env={"COLUMNS": "200"}).output
    for option in re.findall(r"`(--[a-z-]+)", TEXT):
        assert option in said or option in ("--style", "--shifts"), option
