"""Reverse validation: better guesses are learned back better."""

import numpy as np

from ganaug.classify.adaptation.reversing import choose_policy


def test_the_better_guesses_are_chosen_though_they_are_less_sure():
    truth, labels = np.arange(30) % 3, np.arange(12) % 3
    right = 0.4 * np.eye(3)[truth] + 0.2
    wrong = np.eye(3)[np.where(truth == 2, 1, truth)]

    def learn_back(classes):
        """Recognise a class as often as its images were called by its name."""
        share = [(classes[truth == k] == k).mean() for k in range(3)]
        return np.eye(3)[[k if share[k] > 0.5 else (k + 1) % 3 for k in labels]]

    guesses = {"sure": wrong, "unsure": right}
    assert choose_policy(guesses, labels, learn_back) == "unsure"
    same = {"first": right, "second": right}
    assert choose_policy(same, labels, learn_back) == "first"


def test_failed_fits_are_never_chosen_before_others():
    failed, fine = np.full((4, 2), np.nan), np.eye(2)[[0, 1, 0, 1]]
    labels = np.array([0, 1])
    learned = np.eye(2)[[1, 0]]
    for guesses in ({"a": failed, "b": fine}, {"b": fine, "a": failed}):
        assert choose_policy(guesses, labels, lambda classes: learned) == "b"
    assert choose_policy({"a": failed}, labels, lambda classes: learned) == "a"
