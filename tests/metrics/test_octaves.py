"""Octaves against scipy's cosine transform, and what they tell apart."""

import numpy as np
import pytest
import torch
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from ganaug.metrics.octaves import compare


def draw_clouds(n, side=32, seed=0, blur=2):
    noise = np.random.default_rng(seed).normal(size=(n, side, side))
    clouds = gaussian_filter(noise, (0, blur, blur))
    return 128 + clouds * 40 / clouds.std()


def compare_whole(candidate, real):
    candidate, real = (torch.tensor(x, dtype=torch.float32) for x in (candidate, real))
    sides = [torch.full((len(real),), n) for n in real.shape[1:]]
    return compare(candidate, real, *sides)


def collect_octaves(height, width, whole):
    """List the coefficients of each octave, and whether it is fine."""
    cells = {}
    for row in range(whole[0]):
        for column in range(whole[1]):
            a, b = row.bit_length(), column.bit_length()
            cells.setdefault((a + b, a, b), []).append((row, column))
    finest = max(n - 1 for n in whole).bit_length() - 1
    octaves, waiting, fine = [], [], True
    for key in sorted(cells)[1:]:
        waiting += cells[key]
        fine = fine and max(key[1:]) >= finest
        if len(waiting) >= 8:
            octaves.append((waiting, fine))
            waiting, fine = [], True
    assert not waiting
    return [
        ([(i, j) for i, j in places if i < height and j < width], fine)
        for places, fine in octaves
    ]


def reference(candidate, real, whole):
    x, y = (dctn(image, norm="ortho") for image in (candidate, real))
    octaves = collect_octaves(*real.shape, whole)
    pick = [tuple(np.transpose(places)) for places, _ in octaves]
    n = np.array([len(places) for places, _ in octaves])
    total = lambda a: np.array([a[p].sum() for p in pick])  # noqa: E731
    weight = n / (total((x - y) ** 2) + 4 * n)
    gain = np.clip((total(x * y) @ weight) / (total(y**2) @ weight), 0.85, 1.18)
    left, energy = total((x - gain * y) ** 2) / n + 4, total(x**2) / n + 4
    evidence = (n * -np.minimum(np.log(left / energy), 0.7)).sum() / 2
    q = np.maximum(1, left / np.quantile(left[[fine for _, fine in octaves]], 0.75))
    return evidence, (n * np.minimum(q - 1 - np.log(q), 3)).sum() / 2


@pytest.mark.parametrize("size", [(24, 16), (22, 16), (21, 14)])
def test_as_by_scipy(size):
    height, width = size
    real = draw_clouds(3, 24)[:, :, :16].astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 9, real.shape)
    candidate = (0.95 * real + noise + 9).astype(np.float32)
    candidate[2] = real[1] - 20
    sides = torch.tensor([height] * 3), torch.tensor([width] * 3)
    got = compare(torch.from_numpy(candidate), torch.from_numpy(real), *sides)
    for i in range(3):
        corner = np.s_[i, :height, :width]
        evidence, structure = reference(candidate[corner], real[corner], (24, 16))
        assert got.evidence[i].item() == pytest.approx(evidence, rel=1e-3, abs=0.05)
        assert got.structure[i].item() == pytest.approx(structure, rel=1e-3, abs=0.05)


def test_a_noisy_copy_leaves_noise_and_another_image_leaves_structure():
    real, other = draw_clouds(20), draw_clouds(20, seed=2)
    noise = np.random.default_rng(3).normal(0, 12, real.shape)
    copied = compare_whole(1.1 * real + noise, real)
    strange = compare_whole(other + noise, real)
    assert copied.evidence.min() > strange.evidence.max() + 20
    assert copied.structure.median() < 10
    assert strange.structure.min() > 30


def test_smoothing_speaks_against_no_copy():
    real = draw_clouds(8, blur=1)
    smooth = gaussian_filter(real, (0, 0.8, 0.8))
    assert compare_whole(smooth, real).evidence.min() > 30


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (8, 8), (33, 10), (4, 40)])
def test_any_size(size):
    x = torch.rand(2, *size) * 255
    sides = [torch.full((2,), n) for n in size]
    same, other = compare(x, x, *sides), compare(x, x.flip(0), *sides)
    assert (same.evidence >= other.evidence).all()
    assert torch.isfinite(torch.cat([*same, *other])).all()
    flat = compare(torch.zeros_like(x), torch.zeros_like(x), *sides)
    assert flat.evidence.tolist() == flat.structure.tolist() == [0, 0]
