"""Copies are found whatever was done to them, and new images are left alone."""

import io

import numpy as np
import pytest
from pictures import draw_set
from PIL import Image

from ganaug.data.load import load_images
from ganaug.metrics.copies import CopySearch, copy_threshold

DIGITS = load_images("digits")


def enlarge(images, side=24):
    return np.stack(
        [np.array(Image.fromarray(x[:, :, 0]).resize((side, side))) for x in images]
    )[..., None]


SEEN, HELD = np.arange(0, 600), np.arange(600, 900)
IMAGES, LABELS = enlarge(DIGITS.images[:900]), DIGITS.labels[:900]
RNG = np.random.default_rng(0)


def recompress(images):
    out = []
    for x in images:
        buffer = io.BytesIO()
        Image.fromarray(x[:, :, 0]).save(buffer, "JPEG", quality=75)
        out.append(np.array(Image.open(buffer))[..., None])
    return np.stack(out)


CHANGES = {
    "same": lambda x: x,
    "noise": lambda x: np.clip(x + RNG.normal(0, 12, x.shape), 0, 255).astype(np.uint8),
    "shift": lambda x: np.pad(x, ((0, 0), (2, 0), (0, 3), (0, 0)))[:, :-2, 3:],
    "mirror": lambda x: x[:, :, ::-1],
    "brighter": lambda x: np.clip(x * 1.1, 0, 255).astype(np.uint8),
    "jpeg": recompress,
}


@pytest.fixture(scope="module")
def search():
    return CopySearch(IMAGES[SEEN], LABELS[SEEN], hflip=True)


@pytest.fixture(scope="module")
def threshold(search):
    return copy_threshold(
        search.score(IMAGES[HELD][::2], LABELS[HELD][::2]).ratio, 0.05
    )


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_caught(search, threshold, change):
    copied = CHANGES[change](IMAGES[SEEN][:150])
    scores = search.score(copied, LABELS[SEEN][:150])
    assert (scores.ratio < threshold).mean() >= 0.95
    assert (scores.nearest == np.arange(150)).mean() >= 0.9


def test_new_images_are_left_alone(search, threshold):
    scores = search.score(IMAGES[HELD][1::2], LABELS[HELD][1::2])
    assert (scores.ratio < threshold).mean() <= 0.08


def test_scores_do_not_depend_on_the_batch(search):
    images, labels = IMAGES[HELD][:50], LABELS[HELD][:50]
    whole = search.score(images, labels)
    single = [search.score(images[i : i + 1], labels[i : i + 1]) for i in range(50)]
    np.testing.assert_allclose(
        np.concatenate([s.ratio for s in single]), whole.ratio, rtol=1e-3
    )
    assert [s.nearest.item() for s in single] == whole.nearest.tolist()


def test_distance_is_the_best_correlation_over_all_shifts():
    images = draw_set(4, seed=1, size=16, classes=("disc",)).images
    search = CopySearch(images[:3], np.zeros(3, np.int64))
    candidate = images[3, :, :, 0].astype(float)
    pool = lambda x: x.reshape(len(x) // 2, 2, -1, 2).mean(axis=(1, 3))  # noqa: E731
    best = []
    for real in images[:3, :, :, 0].astype(float):
        b = pool(real[2:14, 2:14]).ravel()
        places = [(y, x) for y in range(5) for x in range(5)]
        cs = [pool(candidate[y : y + 12, x : x + 12]).ravel() for y, x in places]
        best.append(max(np.corrcoef(b, c)[0, 1] for c in cs))
    distances = np.sqrt(1 - np.array(best))
    search._rough[0][:] = 1e6  # nothing is taken for noise
    got = search._measure(images[3:], 0)[0]
    np.testing.assert_allclose(got, distances, rtol=0.01, atol=1e-3)


@pytest.mark.parametrize(
    "shape", [(28, 28, 1), (64, 48, 3), (100, 30, 3), (8, 8, 1), (33, 70, 4)]
)
def test_any_size_and_channels(shape):
    images = np.random.default_rng(1).integers(0, 256, (8, *shape)).astype(np.uint8)
    labels = np.repeat([0, 1], 4)
    search = CopySearch(images, labels, hflip=True, vflip=True)
    scores = search.score(images, labels)
    assert scores.nearest.tolist() == list(range(8))
    assert scores.ratio.max() < 0.3
    assert len(search.score(images[:0], labels[:0]).ratio) == 0


def test_odd_sets():
    images = IMAGES[:6]
    single = CopySearch(images[:1], np.zeros(1, np.int64))
    assert single.score(images[:2], np.zeros(2, np.int64)).ratio[0] < 0.05
    same = CopySearch(np.repeat(images[:1], 5, axis=0), np.zeros(5, np.int64))
    ratio = same.score(images[:2], np.zeros(2, np.int64)).ratio
    assert ratio[0] < 0.25
    assert ratio[1] > 4 * ratio[0]
    flat = CopySearch(np.full((4, 16, 16, 1), 7, np.uint8), np.zeros(4, np.int64))
    assert np.isfinite(
        flat.score(images[:2, :16, :16], np.zeros(2, np.int64)).ratio
    ).all()
    other = single.score(images[:1], np.ones(1, np.int64))
    assert other.nearest.item() == -1
    assert np.isinf(other.ratio.item())


def test_thresholds_keep_their_promise():
    rng = np.random.default_rng(0)
    alarms = []
    for _ in range(400):
        a, b = rng.normal(size=(2, 60))
        alarms.append((b < copy_threshold(a, 0.05)).mean())
    assert np.mean(alarms) < 0.06
    assert copy_threshold(np.empty(0)) == 0
