"""What every test finds: threads that sleep while they wait, and the same chance."""

import os

import pytest

pytest_plugins = ["campaign.counts"]  # options, and a table at the end
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


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
    """Train classifiers on 60 batches, enough for small images of simple things."""
    from ganaug.classify import fit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "FEWEST_STEPS", 60)
        patch.setattr(fit, "MOST_STEPS", 60)
        yield
