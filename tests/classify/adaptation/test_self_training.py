"""Self-training: guesses about unlabelled images, and what they rest on."""

import numpy as np
import pytest

from ganaug.classify.adaptation import reversing
from ganaug.classify.adaptation.self_training import self_train, settle_on
from ganaug.classify.fit import fit_classifier


def draw_bars(n, *, light, seed):
    """Draw upright and lying bars on a background of some grey."""
    rng = np.random.default_rng(seed)
    images = rng.normal(light, 8, (n, 12, 12, 1))
    labels = np.arange(n) % 2
    for image, label in zip(images, labels, strict=True):
        row, column = rng.integers(1, 4, 2)
        height, width = ((8, 2), (2, 8))[label]
        image[row : row + height, column : column + width] += 70
    return images.clip(0, 255).astype(np.uint8), labels


def test_another_light_is_learnt_without_labels():
    images, labels = draw_bars(40, light=20, seed=0)
    others, truth = draw_bars(60, light=150, seed=1)
    found = self_train(images, labels, 2, others, rounds=2, policy="shift", steps=40)
    assert (found.guesses == truth).mean() > 0.9
    assert len(found.changed) == 2
    assert found.chosen.sum() >= 36
    same = found.classifier.predict_proba(others)
    np.testing.assert_array_equal(same, found.probabilities)


def test_the_augmentation_is_chosen_by_learning_back(monkeypatch):
    monkeypatch.setattr(reversing, "POLICIES", ("none", "shift"))
    chosen = []

    def choose(guesses, labels, learn_back):
        chosen.append({name: len(own) for name, own in guesses.items()})
        back = learn_back(guesses["none"].argmax(axis=1))
        assert back.shape == (20, 2)
        return "shift"

    monkeypatch.setattr(reversing, "choose_policy", choose)
    images, labels = draw_bars(20, light=20, seed=0)
    others, _ = draw_bars(16, light=150, seed=1)
    found = self_train(images, labels, 2, others, rounds=0, steps=3)
    named = self_train(images, labels, 2, others, rounds=0, steps=3, policy="shift")
    assert chosen == [{"none": 16, "shift": 16}]
    assert found.policy == "shift"
    np.testing.assert_array_equal(found.probabilities, named.probabilities)


def test_norms_settle_on_the_images_given():
    images, labels = draw_bars(30, light=20, seed=0)
    classifier = fit_classifier(images, labels, 2, steps=10)
    bright, _ = draw_bars(5, light=200, seed=1)
    before = classifier.predict_proba(bright)
    settle_on(classifier, bright)
    after = classifier.predict_proba(bright)
    assert np.abs(before - after).max() > 0.01
    assert after.sum(axis=1) == pytest.approx(1, abs=1e-5)
