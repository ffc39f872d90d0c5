"""The small classifier, its augmentation and cross-fitting."""

import numpy as np
import pytest
import torch

from ganaug.classify.fit import fit_classifier
from ganaug.classify.network import build_classifier
from ganaug.classify.teacher import fit_teacher
from ganaug.data.load import load_images
from ganaug.data.split import hold_out
from ganaug.errors import DataError

DIGITS = load_images("digits")


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_held_out_digits_are_recognised():
    train, held = hold_out(DIGITS.labels, fraction=0.3)
    fitted = fit_classifier(
        DIGITS.images[train], DIGITS.labels[train], 10, steps=200, width=16
    )
    p = fitted.predict_proba(DIGITS.images[held])
    assert (p.argmax(axis=1) == DIGITS.labels[held]).mean() >= 0.96
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)
    assert (p.dtype, p.shape) == (np.float32, (len(held), 10))


@pytest.mark.parametrize(
    "size", [(1, 1), (8, 8), (7, 33), (64, 48), (100, 30), (96, 200)]
)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_size_and_channels(size, channels):
    x = noise(3, *size, channels)
    fitted = fit_classifier(x, np.array([0, 1, 0]), 2, steps=2, width=8)
    assert fitted.predict_proba(x).shape == (3, 2)
    assert fitted.features(x).shape == (3, 64)


def test_a_seed_gives_the_same_classifier_and_leaves_the_global_state():
    x, y = noise(20, 8, 8, 1), np.arange(20) % 2
    torch.manual_seed(5)
    before = torch.get_rng_state()
    a, b, c = (
        fit_classifier(x, y, 2, steps=3, policy="rand", hflip=True, seed=seed)
        for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(a.features(x), b.features(x))
    assert not np.array_equal(a.features(x), c.features(x))


def test_predictions_do_not_depend_on_the_others():
    x, y = noise(70, 8, 8, 3), np.arange(70) % 2
    fitted = fit_classifier(x, y, 2, steps=5)
    each = [fitted.predict_proba(part) for part in (x[:3], x[3:68], x[68:])]
    assert np.array_equal(fitted.predict_proba(x), np.concatenate(each))
    assert fitted.predict_proba(x[:0]).shape == (0, 2)


def test_read_only_images_are_taken():
    x = noise(4, 8, 8, 1)
    x.flags.writeable = False
    fit_classifier(x, np.array([0, 1, 0, 1]), 2, steps=1).predict_proba(x)


def test_the_network_is_small_at_every_size():
    for side in (8, 32, 64, 256):
        network = build_classifier((side, side), 3, 10)
        assert sum(p.numel() for p in network.parameters()) < 400_000


def test_cross_fitting_judges_every_image_by_another_fold():
    keep = np.flatnonzero(DIGITS.labels < 2)
    x, y = DIGITS.images[keep], DIGITS.labels[keep]
    p = fit_teacher(x, y, 2, folds=2, steps=40).probabilities
    assert (p.argmax(axis=1) == y).mean() > 0.97
    groups = np.zeros(len(y), np.int64)
    with pytest.raises(DataError, match="two groups"):
        fit_teacher(x, y, 2, groups, folds=2, steps=1)


def test_what_only_the_group_tells_is_unknown_out_of_fold():
    groups = np.arange(80) // 4
    y = np.random.default_rng(1).permutation(20)[groups] % 2
    x = noise(20, 8, 8, 1)[groups]
    leaking = fit_teacher(x, y, 2, folds=2, steps=60).recall.mean()
    honest = fit_teacher(x, y, 2, groups, folds=2, steps=60).recall.mean()
    assert leaking.mean() > 0.9
    assert honest.mean() < 0.8
