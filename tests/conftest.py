"""What every test finds: threads that sleep, caches of its own, and the same chance."""

import atexit
import os
import shutil
import tempfile

import pytest

pytest_plugins = ["campaign.counts"]  # options, and a table at the end
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# Hugging Face's packages read these once, when the first test imports them
CACHE = tempfile.mkdtemp(prefix="ganaug-tests-")
atexit.register(shutil.rmtree, CACHE, ignore_errors=True)
os.environ["HF_HOME"] = CACHE
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"


@pytest.fixture(autouse=True)
def same_chance():
    """Seed the global generators, so that no test depends on the one before it."""
    import random

    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def hasty_classifiers():
    """Train narrow classifiers on 60 batches, enough for small images of simple things.

    A quarter of the width takes a sixth of the time of a step.
    """
    from ganaug.classify import fit
    from ganaug.classify.network import build_classifier

    with pytest.MonkeyPatch.context() as patch:
        for function in (build_classifier, fit.fit_classifier):
            patch.setitem(function.__kwdefaults__, "width", 8)
        patch.setattr(fit, "FEWEST_STEPS", 60)
        patch.setattr(fit, "MOST_STEPS", 60)
        yield


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run a command in a new folder; return its exit status and what it printed."""
    import sys

    from ganaug_cli.main import run

    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ganaug", *words])
        with pytest.raises(SystemExit) as ended:
            run()
        return ended.value.code, *capsys.readouterr()

    return call
