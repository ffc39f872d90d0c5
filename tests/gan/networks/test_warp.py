"""Warps against plain references: no field, whole pixels, and no folds."""

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

from ganaug.gan.networks.warp import (
    largest_shift,
    light_images,
    spline_matrix,
    spread_smoothly,
    warp_images,
)


def draw_images(n=3, channels=2, size=(9, 12), seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, channels, *size, generator=generator) * 2 - 1


@pytest.mark.parametrize(("n", "cells"), [(2, 1), (9, 4), (28, 4), (31, 7)])
def test_spline_matrix_is_the_uniform_cubic_b_spline(n, cells):
    knots = np.arange(-3, cells + 4)
    places = np.linspace(0, cells, n)
    for k, column in enumerate(spline_matrix(n, cells).T):
        unit = np.eye(cells + 3)[k]
        want = BSpline(knots, unit, 3)(np.minimum(places, cells - 1e-9))
        np.testing.assert_allclose(column.numpy(), want, atol=1e-6)


def test_equal_coefficients_spread_to_the_same_number_everywhere():
    coarse = torch.full((2, 3, 7, 7), 0.25)
    field = spread_smoothly(coarse, spline_matrix(9, 4), spline_matrix(12, 4))
    assert field.shape == (2, 3, 9, 12)
    torch.testing.assert_close(field, torch.full_like(field, 0.25))


def test_no_displacement_is_the_identity():
    x = draw_images()
    none = torch.zeros(3, 2, 9, 12)
    torch.testing.assert_close(warp_images(x, none), x, atol=1e-5, rtol=0)
    frame = torch.zeros(3, 2, 3)
    torch.testing.assert_close(warp_images(x, none, frame), x, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 2), (-2, 1)])
def test_a_shift_by_whole_pixels_is_a_roll_inside(down, right):
    x = draw_images()
    shift = torch.tensor([down, right]).float()[None, :, None, None].expand(3, 2, 9, 12)
    want = torch.roll(x, (-down, -right), dims=(2, 3))
    inside = (slice(None), slice(None), slice(2, -2), slice(2, -2))
    got = warp_images(x, shift)[inside]
    torch.testing.assert_close(got, want[inside], atol=1e-5, rtol=0)


def test_a_frame_is_an_affine_map_about_the_middle():
    x = draw_images(size=(9, 9))
    # (row, column) → (column, row): what a transposition reads
    frame = torch.tensor([[-1.0, 1.0, 0.0], [1.0, -1.0, 0.0]]).expand(3, 2, 3)
    got = warp_images(x, torch.zeros(3, 2, 9, 9), frame)
    torch.testing.assert_close(got, x.transpose(2, 3), atol=1e-5, rtol=0)


def test_the_largest_displacement_does_not_fold():
    rows, columns = spline_matrix(29, 4).double(), spline_matrix(41, 4).double()
    down, right = largest_shift((29, 41), 4)
    generator = torch.Generator().manual_seed(0)
    for _ in range(200):
        signs = torch.randint(0, 2, (1, 2, 7, 7), generator=generator).double() * 2 - 1
        field = spread_smoothly(signs, rows, columns)[0]
        i = torch.arange(29.0)[:, None] + field[0] * down
        j = torch.arange(41.0)[None, :] + field[1] * right
        area = (
            i.diff(dim=0)[:, 1:] * j.diff(dim=1)[1:]
            - i.diff(dim=1)[1:] * j.diff(dim=0)[:, 1:]
        )
        assert float(area.min()) > 0


def test_light_moves_log_odds_and_leaves_black_and_white():
    x = torch.linspace(-1, 1, 9)
    got = light_images(x, torch.full((9,), 0.7)).double()
    assert got[[0, -1]].tolist() == [-1, 1]
    odds, want = (torch.special.logit((t[1:-1] + 1) / 2) for t in (got, x.double()))
    torch.testing.assert_close(odds, want + 0.7, atol=1e-5, rtol=1e-5)
    beyond = light_images(torch.tensor([-1.2, 1.1]), torch.tensor(1.0))
    assert beyond.tolist() == [-1, 1]
