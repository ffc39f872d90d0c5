"""Rounds of self-training: what is chosen, and where they begin."""

import numpy as np
import pytest

from ganaug.classify.adaptation.rounds import choose_surest, train_in_rounds


class Fixed:
    """A classifier that says always the same."""

    def __init__(self, probabilities):
        self.probabilities = probabilities

    def predict_proba(self, images):
        return self.probabilities


def test_the_surest_of_each_class_are_chosen_evenly():
    rng = np.random.default_rng(0)
    p = rng.dirichlet([6, 1, 1], 90).astype(np.float32)
    guesses, sure = p.argmax(axis=1), p.max(axis=1)
    rows = choose_surest(p, 0.3)
    counts = np.bincount(guesses[rows], minlength=3)
    assert counts.max() == 9
    for label in range(3):
        own = np.flatnonzero(guesses == label)
        inside, outside = np.intersect1d(own, rows), np.setdiff1d(own, rows)
        if len(outside) and len(inside):
            assert sure[inside].min() >= sure[outside].max()
    assert len(choose_surest(p, 1.0)) <= 90


def test_rounds_learn_from_more_and_more_guesses():
    p = np.eye(2, dtype=np.float32)[np.arange(20) % 2]
    sizes = []

    def fit(rows, guesses):
        sizes.append(len(rows))
        assert not len(rows) or len(guesses) == 20
        return Fixed(p)

    found = train_in_rounds(fit, np.zeros((20, 2, 2, 1), np.uint8), rounds=3)
    assert sizes == [0, 8, 12, 16]
    assert found.changed == (0, 0, 0)
    assert found.chosen.sum() == 16


@pytest.mark.parametrize(("done", "sizes"), [(0, [8, 12, 16]), (2, [16])])
def test_earlier_guesses_take_the_place_of_rounds(done, sizes):
    p, seen = np.eye(2, dtype=np.float32)[np.arange(20) % 2], []

    def fit(rows, guesses):
        seen.append(len(rows))
        return Fixed(p)

    images = np.zeros((20, 2, 2, 1), np.uint8)
    train_in_rounds(fit, images, rounds=3, start=p, done=done)
    assert seen == sizes
