"""A plain loop with a loaded recipe reaches the accuracy of the gain's own arm."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from recipes import save_gain
from scipy.stats import t as student
from sklearn.metrics import balanced_accuracy_score

from ganaug import load_images, load_recipe
from ganaug.classify.learning import normalise
from ganaug.classify.network import build_classifier
from ganaug.gain.fitting.fits import fit_arm
from ganaug.gain.fitting.tasks import Task
from ganaug.recipe import Recipe


def train_arm(train, test, recipe, steps, seed):
    """Train as a gain does, and return balanced accuracy."""
    task = Task(train.images, train.labels, len(train.classes), steps=steps)
    p = fit_arm(task, recipe, seed=seed).predict_proba(test.images)
    return balanced_accuracy_score(test.labels, p.argmax(1))


def train_loop(train, test, recipe, seed):
    """Train as a user does, and return balanced accuracy."""
    loader, criterion = recipe.loader(train), recipe.loss(train)
    model = build_classifier(train.size, train.channels, len(train.classes), seed=seed)
    epochs = recipe.count_epochs(train)
    optimiser, schedule = recipe.optimise(model, epochs * len(loader))
    for _ in range(epochs):
        for images, targets in loader:
            loss = criterion(model(images), targets)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    model.eval()
    with torch.inference_mode():
        answers = model(normalise(test.images)).argmax(1).numpy()
    return balanced_accuracy_score(test.labels, answers)


def compare(data, folder, recipe, *, each, splits, steps):
    """Return the accuracies of both, one per split.

    Args:
        data: images of which some train and the others test.
        folder: of the gain, which is made.
        recipe: to train by.
        each: training images of each class, in turn.
        splits: number of splits.
        steps: of each fit.
    """
    arms, loops = [], []
    for seed in range(splits):
        rng = np.random.default_rng(seed)
        rows = [
            rng.permutation(np.flatnonzero(data.labels == k))[: each[k % len(each)]]
            for k in range(len(data.classes))
        ]
        train = data.subset(np.sort(np.concatenate(rows)))
        rest = np.setdiff1d(np.arange(len(data)), np.concatenate(rows))
        test = data.subset(rng.permutation(rest)[:600])
        counts = dict(zip(train.classes, train.counts.tolist(), strict=True))
        save_gain(
            folder, counts, word="no difference", size=train.size, **recipe.to_dict()
        )
        found = load_recipe(folder, channels=train.channels, seed=seed)
        settings = {**found.measured.settings, "steps": steps}
        found = replace(found, measured=replace(found.measured, settings=settings))
        arms.append(train_arm(train, test, recipe, steps, seed))
        loops.append(train_loop(train, test, found, seed))
    return np.array(arms), np.array(loops)


def find_interval(values):
    """Return Student's 95 % interval of the mean."""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return values.mean() - half, values.mean() + half


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "each"),
    [
        (Recipe("rand", mix="mixup"), (20,)),
        (Recipe("light", mix="cutmix", sampling="balanced"), (30, 6)),
    ],
)
def test_a_plain_loop_reaches_the_arms_accuracy(tmp_path, recipe, each):
    data = load_images("digits")
    arms, loops = compare(
        data, tmp_path / "gain", recipe, each=each, splits=3, steps=100
    )
    low, high = find_interval(arms)
    assert arms.mean() > 0.6
    assert low <= loops.mean() <= high
