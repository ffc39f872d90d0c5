"""Shell completion: verbs, options and their values, without heavy imports."""

import json
import os
import subprocess
import sys

import pytest
from ganaug_cli.shared import completion
from torchvision import models

from ganaug.engine import DEVICES, PRECISIONS
from ganaug.exports.generators import GENERATOR_FORMATS
from ganaug.exports.stores import FORMATS
from ganaug.gan.inputs.conditions import CONDITIONINGS
from ganaug.gan.inputs.random_draws import POWERS
from ganaug.gan.networks.build import NETWORKS
from ganaug.gan.networks.dcgan import NORMS
from ganaug.gan.objective.diffaugment import OPERATIONS
from ganaug.gan.objective.diversity import TERMS
from ganaug.gan.objective.losses import LOSSES
from ganaug.gan.objective.penalties import PENALTIES
from ganaug.gan.settings.checks import STEMS
from ganaug.synth.request import DEFAULT_FILTERS
from ganaug.training.loggers.log import LOGS

TABLES = {
    "network": NETWORKS,
    "stem": STEMS,
    "norm": (*NORMS, "none"),
    "norm_d": (*NORMS, "none"),
    "conditioning": CONDITIONINGS,
    "loss": LOSSES,
    "penalties": (*PENALTIES, "none"),
    "diversity": (*TERMS, "none"),
    "augment": (*OPERATIONS, "none"),
    "class_sampling": POWERS,
    "precision": PRECISIONS,
}
SCRIPT = """
import sys
from ganaug_cli.main import run
try:
    run()
finally:
    print(*{"torch", "pandas", "sklearn"} & set(sys.modules), file=sys.stderr)
"""


def complete(cwd, *words):
    """Return what bash offers for the last word."""
    environment = {
        "_GANAUG_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["ganaug", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr.strip()
    return done.stdout.split()


def test_names_are_those_of_the_tables():
    assert {k: tuple(v) for k, v in TABLES.items()} == completion.FIELD_NAMES
    assert completion.DEVICES == DEVICES
    assert (*DEFAULT_FILTERS, "none") == completion.FILTERS
    assert tuple(LOGS) == completion.LOGS
    assert tuple(FORMATS) == completion.EXPORTS
    assert tuple(GENERATOR_FORMATS) == completion.GENERATOR_EXPORTS
    assert set(completion.CLASSIFIERS) - {"small"} <= set(models.list_models(models))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["in"], ["inspect"]),
        (["gain", "photos", "--est"], ["--estimate"]),
        (["train", "photos", "--set", "los"], [f"loss={name}" for name in LOSSES]),
        (["synth", "photos", "--class", "do"], ["dog="]),
    ],
)
def test_completion_imports_nothing_heavy(tmp_path, words, offered):
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
    assert complete(tmp_path, *words) == offered


def test_values_of_settings():
    assert completion.complete_setting("loss=h") == ["loss=hinge"]
    assert completion.complete_setting("lr=") == ["lr="]
    assert completion.complete_setting("lr=0.1") == []
    assert "gamma=" in completion.complete_setting("")
    assert completion.complete_setting("speed") == []


def test_classes_come_from_a_run_a_store_or_the_folders(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "notes.txt").write_text("")
    assert completion.list_classes(tmp_path) == ["cat"]
    (tmp_path / "meta.json").write_text(json.dumps({"class_to_idx": {"a": 0, "b": 1}}))
    assert completion.list_classes(tmp_path) == ["a", "b"]
    (tmp_path / "fingerprint.json").write_text(json.dumps({"classes": ["x"]}))
    assert completion.list_classes(tmp_path) == ["x"]
    (tmp_path / "fingerprint.json").write_text("{")
    assert completion.list_classes(tmp_path) == []
    assert completion.list_classes(tmp_path / "digits.npz") == []
