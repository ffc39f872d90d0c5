"""Language models and fluency: probabilities, draws, and the least likelihood."""

import math

import numpy as np
import pytest

from ganaug.text.fluency import fit_fluency
from ganaug.text.language_model import count_tokens
from ganaug.text.vocabulary import END, START

ROWS = [[4, 5, 6, END], [4, 5, 7, END], [8, 5, 6, END]]


def test_probabilities_are_witten_and_bells():
    model = count_tokens(ROWS, 9)
    # after nothing: 12 tokens of 6 kinds, the others shared by 9
    one = (2 + 6 / 9) / (12 + 6)
    # after 5: 3 tokens of 2 kinds; after 4 and 5: 2 tokens of 2 kinds
    two = (2 + 2 * one) / (3 + 2)
    assert model.estimate((4, 5), 6) == pytest.approx((1 + 2 * two) / (2 + 2))
    for history in [(), (5,), (4, 5), (1, 1)]:
        assert sum(model.estimate(history, k) for k in range(9)) == pytest.approx(1)


def test_the_likelihood_of_a_text_is_the_mean_over_its_tokens():
    model = count_tokens(ROWS, 9)
    logs = [
        math.log(model.estimate(history, token))
        for history, token in [((START, START), 8), ((START, 8), END)]
    ]
    assert model.measure([8, END]) == pytest.approx(sum(logs) / 2)


def test_tokens_are_drawn_as_often_as_estimated():
    model = count_tokens(ROWS, 9)
    random = np.random.default_rng(0)
    first = [model.write(8, random)[0] for _ in range(3000)]
    shares = np.bincount(first, minlength=9) / 3000
    expected = np.array([model.estimate((START, START), k) for k in range(9)])
    assert np.abs(shares - expected).max() < 0.04  # all tokens but unseen ones
    assert all(model.write(3, random)[-1] == END for _ in range(20))


def test_fluent_texts_are_likelier_than_mixed_up_ones():
    rows = [[4, 5, 6 + k % 3, 9, END] for k in range(40)]
    fluent = fit_fluency(rows, 12)
    good, bad = fluent.measure([rows[0], [9, 6, 5, 4, END]])
    assert good >= fluent.least > bad
    assert len(fluent.own) == 40
    assert fit_fluency(rows[:1], 12).measure(rows[:1]).tolist() == [0]
