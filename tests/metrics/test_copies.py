"""Copies are found whatever was done to them, and new images are left alone."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

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


def test_larger_images_are_compared_at_half_shifts_too():
    images = np.random.default_rng(2).normal(size=(12, 64, 64))
    images = gaussian_filter(images, (0, 2, 2))
    images = np.clip(128 + images * 40 / images.std(), 0, 255).astype(np.uint8)
    images, labels = images[..., None], np.zeros(12, np.int64)
    odd = np.pad(images, ((0, 0), (5, 0), (0, 7), (0, 0)), mode="edge")[:, :-5, 7:]
    scores = CopySearch(images, labels).score(odd, labels)
    assert scores.nearest.tolist() == list(range(12))
    assert scores.ratio.max() < 0.1


def test_an_image_of_noise_is_a_copy_of_none():
    search = CopySearch(IMAGES[:80], np.zeros(80, np.int64))
    noise = np.random.default_rng(3).integers(0, 256, (20, 24, 24, 1), np.uint8)
    assert np.median(search.score(noise, np.zeros(20, np.int64)).ratio) > 0.5


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
