"""A classifier of the run's images: trained once, the same by seed, with a new head."""

import numpy as np
import pytest
import torch
from pictures import draw_set

from ganaug.errors import TrainingError
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.fitting import fits
from ganaug.gain.fitting.building import SLOWER, build_network
from ganaug.gain.fitting.fits import fit_arm
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.kept import Kept
from ganaug.gain.settings import Settings
from ganaug.gain.started import pretraining
from ganaug.gain.started.inputs import HeadStart
from ganaug.gain.started.pretraining import LONGER, pretrain, pretrain_once
from ganaug.recipe import Recipe

HASTY = Settings(steps=3, grid=(12, 12))
START = HeadStart(None, draw_set(8, seed=7, classes=("round", "edged")), (True, False))
SMALL = find_classifier().build
PARENT = Recipe(start="parent")


def make_task(weights=None, build=SMALL):
    data = draw_set(4)
    return Task(data.images, data.labels, 3, steps=2, build=build, parent=weights)


def as_tensors(arrays):
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def test_a_network_begins_with_all_but_the_last_layer(hasty_classifiers):
    weights = as_tensors(pretrain(START, HASTY, SMALL))
    task = make_task(weights)
    fresh = build_network(task, Recipe(), 5).state_dict()
    begun = build_network(task, PARENT, 5).state_dict()
    assert weights["head.weight"].shape[0] == 2
    for name, value in begun.items():
        source = fresh if name.startswith("head.") else weights
        assert torch.equal(value, source[name]), name
    assert not torch.equal(begun["stage1.conv1.weight"], fresh["stage1.conv1.weight"])
    assert begun["norm.running_mean"].abs().sum() > 0


def test_what_it_learned_stays_in_a_fit(hasty_classifiers):
    """The seed is the same, so only the start differs."""
    task = make_task(as_tensors(pretrain(START, HASTY, SMALL)))
    x = draw_set(2, seed=3).images
    fits = [fit_arm(task, recipe, seed=0) for recipe in (Recipe(), PARENT, PARENT)]
    scratch, begun, again = (fitted.predict_proba(x) for fitted in fits)
    assert np.array_equal(begun, again)
    assert not np.allclose(scratch, begun, atol=1e-3)


def test_a_pretrained_network_learns_slower(monkeypatch):
    rates = []
    monkeypatch.setattr(
        fits, "teach_network", lambda *_, optimisation, **__: rates.append(optimisation)
    )
    task = make_task(SMALL((16, 16), 1, 2, 0).state_dict())
    for recipe in (Recipe(), PARENT):
        fit_arm(task, recipe, seed=0)
    assert rates[0] == task.optimisation
    assert rates[1].learning_rate == pytest.approx(SLOWER * rates[0].learning_rate)
    assert rates[1].weight_decay == rates[0].weight_decay


def test_networks_of_torchvision_begin_so_too():
    build = find_classifier("squeezenet1_1", weights="none").build
    weights = build((16, 16), 1, 2, 8).state_dict()
    task = make_task(weights, build)
    begun = build_network(task, PARENT, 5).state_dict()
    fresh = build_network(task, Recipe(), 5).state_dict()
    differ = {name for name in begun if not torch.equal(begun[name], fresh[name])}
    new = {name for name in begun if begun[name].shape != weights[name].shape}
    assert new == {"body.classifier.1.weight", "body.classifier.1.bias"}
    assert "body.features.0.weight" in differ
    assert not differ & new


def test_it_is_trained_once_and_by_seed(tmp_path, hasty_classifiers, monkeypatch):
    first = pretrain_once(START, HASTY, SMALL, Kept(tmp_path / "a", {}))
    other = pretrain_once(START, HASTY, SMALL, Kept(tmp_path / "b", {}))
    assert all(torch.equal(first[name], other[name]) for name in first)
    seeded = pretrain(START, Settings(steps=3, grid=(12, 12), seed=1), SMALL)
    assert not np.array_equal(seeded["head.weight"], first["head.weight"].numpy())
    monkeypatch.setattr(pretraining, "pretrain", None)
    again = pretrain_once(START, HASTY, SMALL, Kept(tmp_path / "a", {}))
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_it_learns_from_the_runs_images_alone(monkeypatch):
    tasks = []

    def look(task, recipe, *, seed):
        tasks.append(task)
        raise FloatingPointError

    monkeypatch.setattr(pretraining, "fit_arm", look)
    with pytest.raises(TrainingError, match="start from another run"):
        pretrain(HeadStart(Named("x/old-run"), START.images, START.flips), HASTY, SMALL)
    (task,) = tasks
    assert task.images.shape == (16, 12, 12, 1)
    assert np.array_equal(task.labels, START.images.labels)
    assert (task.hflip, task.vflip) == (True, False)
    assert task.steps == LONGER * HASTY.steps
    assert task.parent is None


class Named:
    def __init__(self, path):
        self.path = path
