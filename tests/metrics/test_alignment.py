"""Real images are found at any shift and mirroring."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from ganaug.metrics.alignment import Gallery

VIEWS = ((), (2,), (1,), (1, 2))


def draw_clouds(n, size=(32, 24), seed=0):
    noise = np.random.default_rng(seed).normal(size=(n, *size))
    clouds = gaussian_filter(noise, (0, 1, 1))
    return torch.tensor(128 + clouds * 40 / clouds.std(), dtype=torch.float32)


def move(images, down, right):
    """Move images down and right; edges repeat."""
    h, w = images.shape[1:]
    rows = (torch.arange(h) - down).clamp(0, h - 1)
    return images[:, rows][:, :, (torch.arange(w) - right).clamp(0, w - 1)]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("shift", [(0, 0), (4, -3), (-1, 2), (-4, 3), (1, 1)])
def test_a_moved_and_mirrored_image_is_found(view, shift):
    images = draw_clouds(9)
    moved = move(images.flip(view) if view else images, *shift)
    pairs = Gallery(images, VIEWS).nominate(moved[:, None], 3)
    assert pairs.real[:, 0].tolist() == list(range(9))
    h, w = 32 - abs(shift[0]), 24 - abs(shift[1])
    assert pairs.heights[::3].tolist() == [h] * 9
    assert pairs.widths[::3].tolist() == [w] * 9
    overlap = np.s_[::3, :h, :w]
    assert torch.equal(pairs.candidates[overlap], pairs.images[overlap])


def test_noise_does_not_hide_it():
    images = draw_clouds(40)
    noise = torch.randn(images.shape, generator=torch.manual_seed(1)) * 40
    moved = move(images, 3, -2) + noise
    pairs = Gallery(images, ((),)).nominate(moved[:, None], 2)
    assert pairs.real[:, 0].tolist() == list(range(40))
    assert set(pairs.heights[::2].tolist()) == {29}


def test_the_shift_correlates_best_of_all():
    images = draw_clouds(2, (8, 8))  # single pixels are compared
    real, candidate = (
        x - 0.7 * np.stack([blur(row) for row in x])
        for x in (images[:1].double().numpy(), images[1:].double().numpy())
    )
    real, candidate = real[0] - real.mean(), candidate[0] - candidate.mean()
    fits = {}
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            a = candidate[max(down, 0) : 8 + min(down, 0)]
            a = a[:, max(right, 0) : 8 + min(right, 0)]
            b = real[max(-down, 0) : 8 + min(-down, 0)]
            b = b[:, max(-right, 0) : 8 + min(-right, 0)]
            cosine = (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())
            fits[down, right] = cosine
    best = max(fits, key=fits.get)
    pairs = Gallery(images[:1], ((),)).nominate(images[1:, None], 1)
    assert (pairs.heights.item(), pairs.widths.item()) == tuple(
        8 - abs(s) for s in best
    )
    top, left = max(best[0], 0), max(best[1], 0)
    assert pairs.candidates[0, 0, 0] == images[1, top, left]


def blur(image):
    padded = np.pad(image, 4, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (9, 9))
    return windows.mean(axis=(2, 3))


def test_one_can_be_left_out():
    images = draw_clouds(5)
    gallery = Gallery(images, ((),))
    pairs = gallery.nominate(images[:, None], 4, without=torch.arange(5))
    for i, named in enumerate(pairs.real.tolist()):
        assert sorted([i, *named]) == list(range(5))
