"""Fits that know of domains: even sampling of cells, shares in each domain."""

from dataclasses import replace

import numpy as np
import pytest

from ganaug.gain.fitting.batches import Batches
from ganaug.gain.fitting.fits import fit_arm
from ganaug.gain.fitting.priors import find_prior
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool
from ganaug.recipe import Recipe

LABELS = np.repeat([0, 0, 1, 1], [40, 8, 30, 2])
DOMAINS = np.repeat([0, 1, 0, 1], [40, 8, 30, 2])
PLAIN = Recipe(policy="none", flips=False)


def make_task(domains=DOMAINS):
    images = np.zeros((len(LABELS), 8, 8, 1), np.uint8)
    images[:, :4] = (80 * LABELS)[:, None, None, None]
    images[:, 4:] = (80 * DOMAINS)[:, None, None, None]
    return Task(images, LABELS, 2, steps=4, domains=domains, n_domains=2)


def test_cells_come_equally_often():
    recipe = replace(PLAIN, sampling="cells")
    batches = list(Batches(replace(make_task(), steps=40), recipe, None, seed=0))
    cells = np.concatenate(
        [2 * b.targets.argmax(1).numpy() + b.domains.numpy() for b in batches]
    )
    assert np.allclose(np.bincount(cells) / len(cells), 0.25, atol=0.03)


def test_images_keep_their_domains_beside_those_of_the_pool():
    task = make_task()
    pool = Pool(
        task.images, LABELS, np.eye(2, dtype=np.float32)[LABELS], domains=1 - DOMAINS
    )
    recipe = replace(PLAIN, share=0.5)
    batch = next(iter(Batches(task, recipe, pool, seed=0)))
    shown = (batch.images[:, 0, -1, 0] > -1).numpy()
    n = len(shown) // 2
    assert (batch.domains.numpy()[:n] == shown[:n]).all()
    assert (batch.domains.numpy()[n:] != shown[n:]).all()


def test_shares_in_each_domain_are_those_that_are_drawn():
    task, recipe = make_task(), replace(PLAIN, adjusted_in_domains=True)
    found = find_prior(task, recipe, None)
    wanted = [[40 / 70, 30 / 70], [8 / 10, 2 / 10], [48 / 80, 32 / 80]]
    assert np.allclose(found, wanted)
    even = find_prior(task, replace(recipe, sampling="cells"), None)
    assert np.allclose(even, 0.5)
    alone = task.domains * 0 - 1
    unknown = find_prior(replace(task, domains=alone), recipe, None)
    assert np.allclose(unknown, wanted[2])


def test_filled_cells_count_for_shares_in_domains():
    labels, domains = np.array([0, 1]), np.array([0, 1])
    task = Task(
        np.zeros((2, 8, 8, 1), np.uint8), labels, 2, domains=domains, n_domains=2
    )
    pool = Pool(task.images, labels, np.eye(2, dtype=np.float32), domains=domains[::-1])
    recipe = replace(PLAIN, adjusted_in_domains=True, share=0.5, draw="cells")
    assert np.allclose(find_prior(task, recipe, pool), 0.5)


@pytest.mark.parametrize("invariance", ["mixstyle", "adversary"])
def test_recipes_for_domains_can_be_fitted(invariance):
    recipe = replace(
        PLAIN, mix="lisa", sampling="cells", adjusted_in_domains=True,
        invariance=invariance,
    )  # fmt: skip
    fitted = fit_arm(make_task(), recipe, seed=0)
    again = fit_arm(make_task(), recipe, seed=0)
    x = make_task().images
    assert (fitted.predict_proba(x) == again.predict_proba(x)).all()
