"""Whether flips are label-safe."""

import numpy as np
import pytest
import torch

from ganaug.classify import flips
from ganaug.classify.flips import check_flips, is_settled, judge_flip, with_flips
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
    assert down.n == 150, "the fourth fold would change neither decision"


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


@pytest.fixture
def fitted(monkeypatch):
    """Count the classifiers that are trained, on one thread."""
    count, fit = [], flips.fit_classifier

    def fit_counted(*args, **options):
        count.append(1)
        return fit(*args, **options)

    monkeypatch.setattr(flips, "fit_classifier", fit_counted)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield count
    torch.set_num_threads(threads)


def test_further_folds_are_omitted_where_both_flips_are_settled(quick, fitted):
    x = bars(sideways=False) // 2
    labels = np.arange(200) % 4  # told apart by side, and by what is up
    x[labels % 2 == 0, :, :4] += 80
    x[labels % 2 == 1, :, 8:] += 80
    x[labels < 2, :4] += 80
    x[labels >= 2, 8:] += 80
    data = LabelledImages(x, labels, ("a", "b", "c", "d"))
    across, down = check_flips(data)
    assert len(fitted) == 1
    assert (across.n, down.n) == (50, 50)
    assert not across.safe
    assert not down.safe
    both = check_flips(data)
    torch.set_num_threads(3)
    assert check_flips(data) == both, "folds trained side by side change nothing"


def test_every_fold_is_used_where_a_flip_may_be_safe(quick, fitted):
    data = LabelledImages(bars(sideways=False)[:60], LABELS[:60], ("dark", "light"))
    assert [check.n for check in check_flips(data)] == [60, 60]
    assert len(fitted) == 4


def test_what_is_settled_by_a_part_is_decided_so_by_all():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 4
    wrong = settled = 0
    for loss in np.linspace(0, 0.3, 300):
        plain = rng.random(400) < 0.9
        flipped = plain & (rng.random(400) > loss)
        flipped |= rng.random(400) < 0.05
        part = slice(0, 100)
        if is_settled(plain[part], flipped[part], labels[part], None, 0.25):
            settled += 1
            early = judge_flip(plain[part], flipped[part], labels[part])
            wrong += early.safe != judge_flip(plain, flipped, labels).safe
    assert settled > 50
    assert wrong == 0


def test_a_classifier_that_sees_nothing_is_settled_early():
    rng = np.random.default_rng(0)
    labels = np.arange(2000) % 2
    plain, flipped = rng.random((2, 2000)) < 0.5
    assert is_settled(plain, flipped, labels, None, 0.25)
    assert not is_settled(plain[:20], flipped[:20], labels[:20], None, 0.25)
