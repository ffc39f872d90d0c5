"""Whether flips are label-safe."""

import numpy as np
import pytest

from ganaug.classify import flips
from ganaug.classify.flips import check_flips, judge_flip, with_flips
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages

LABELS = np.arange(200) % 2


def bars(sideways):
    """Draw 200 images: a bar at the left or right, or dark and light noise alone."""
    generator = np.random.default_rng(0)
    x = generator.integers(0, 120, (200, 12, 12, 1))
    if sideways:
        x[LABELS == 0, :, :4] += 120
        x[LABELS == 1, :, 8:] += 120
    else:
        x[LABELS == 1] += 100
    return x.astype(np.uint8)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(flips, "STEPS", 40)
    monkeypatch.setattr(flips, "WIDTH", 8)


def test_a_class_told_by_its_side_forbids_one_flip_only(quick):
    data = LabelledImages(bars(sideways=True), LABELS, ("left", "right"))
    across, down = check_flips(data)
    assert not across.safe
    assert across.change < -50
    assert across.reason.startswith("unsafe")
    assert down.safe
    assert down.n == 200


def test_a_class_told_by_its_brightness_allows_both(quick):
    data = LabelledImages(bars(sideways=False), LABELS, ("dark", "light"))
    fingerprint = with_flips(take_fingerprint(data), data)
    assert fingerprint.hflip.safe
    assert fingerprint.vflip.safe
    assert (fingerprint.hflip, fingerprint.vflip) == check_flips(data)


def test_labels_that_nobody_can_see_leave_flips_undecided(quick):
    x = np.random.default_rng(1).integers(0, 256, (200, 8, 8, 1), dtype=np.uint8)
    across, _ = check_flips(LabelledImages(x, LABELS, ("a", "b")))
    assert not across.safe
    assert across.reason.startswith("undecided")


@pytest.mark.parametrize(
    ("labels", "groups", "reason"),
    [
        (np.zeros(30, np.int64), None, "one class only"),
        (np.arange(10) % 2, None, "too few to decide"),
        (np.arange(30) % 2, np.arange(30) // 10, "too few groups"),
    ],
)
def test_what_cannot_be_decided_is_off(labels, groups, reason):
    pixels = np.zeros((len(labels), 8, 8, 1), np.uint8)
    data = LabelledImages(pixels, labels, ("a", "b"), groups)
    for check in check_flips(data):
        assert not check.safe
        assert reason in check.reason


def test_few_images_without_a_difference_prove_nothing():
    hits = np.ones(40, bool)
    assert not judge_flip(hits, hits, LABELS[:40]).safe
    assert judge_flip(np.ones(200, bool), np.ones(200, bool), LABELS).safe


def test_the_limit_is_near_that_of_a_bootstrap():
    generator = np.random.default_rng(0)
    plain = generator.random(200) < 0.9
    mirrored = np.where(generator.random(200) < 0.1, ~plain, plain)
    d = mirrored.astype(float) - plain
    means = 100 * generator.choice(d, (4000, 200)).mean(axis=1)
    check = judge_flip(plain, mirrored, LABELS)
    assert check.change == pytest.approx(100 * d.mean(), abs=0.01)
    assert check.low == pytest.approx(np.percentile(means, 5), abs=0.6)


def test_whole_groups_that_change_widen_the_interval():
    plain = np.ones(200, bool)
    mirrored = plain.copy()
    mirrored[:10] = False
    groups = np.arange(200) // 10
    alone = judge_flip(plain, mirrored, LABELS)
    grouped = judge_flip(plain, mirrored, LABELS, groups)
    assert grouped.low < alone.low - 1


def test_large_classes_are_thinned_first():
    labels = np.repeat([0, 1], [100, 10])
    chosen = flips._thin_classes(labels, 40, 0)
    assert np.bincount(labels[chosen]).tolist() == [30, 10]
