"""Threads that sleep while they wait, one per worker: tests share their machine."""

import os

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def hasty_classifiers():
    """Classifiers see 60 batches, enough for small pictures of simple things."""
    from ganaug.classify import fit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "FEWEST_STEPS", 60)
        patch.setattr(fit, "MOST_STEPS", 60)
        yield
