import pytest
import torch

from ganaug.errors import ConfigError
from ganaug.gan.objective.diffaugment import (
    OPERATIONS,
    UNIFORMS,
    augment,
    parse_operations,
)


def numbers(n, **columns):
    u = torch.full((n, UNIFORMS), 0.5)
    for column, value in columns.items():
        u[:, int(column[1:])] = value
    return u


def test_probability_zero_changes_nothing():
    x = torch.rand(4, 3, 9, 7)
    u = torch.rand(4, UNIFORMS)
    for name in ("colour", "translation", "cutout"):
        torch.testing.assert_close(augment(x, u, (name,), 0.0), x)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", OPERATIONS)
def test_shapes_and_gradients(name, channels):
    x = torch.rand(5, channels, 9, 7, requires_grad=True)
    out = augment(x, torch.rand(5, UNIFORMS), (name,), 1.0)
    assert out.shape == x.shape
    out.sum().backward()
    assert x.grad.isfinite().all()


def test_translation_is_a_shift_by_whole_pixels():
    x = torch.arange(64.0).reshape(1, 1, 8, 8) + 1
    # u 0.99 → +1 row, u 0.0 → −1 column at reach 1
    out = augment(x, numbers(1, _6=0.0, _7=0.99, _8=0.0), ("translation",), 1.0)
    want = torch.zeros_like(x)
    want[:, :, 1:, :-1] = x[:, :, :-1, 1:]
    assert torch.equal(out, want)


def test_translation_reaches_an_eighth_both_ways():
    x = torch.zeros(1000, 1, 16, 16)
    x[:, :, 8, 8] = 1
    u = torch.rand(1000, UNIFORMS, generator=torch.Generator().manual_seed(0))
    rows = augment(x, u, ("translation",), 1.0).sum(dim=(1, 3)).argmax(dim=1) - 8
    assert set(rows.tolist()) == {-2, -1, 0, 1, 2}


def test_flips_mirror_half_of_the_images():
    x = torch.rand(2, 1, 4, 6)
    u = numbers(2)
    u[0, 4], u[1, 4] = 0.1, 0.9
    out = augment(x, u, ("hflip",), 1.0)
    assert torch.equal(out[0], x[0].flip(2))
    assert torch.equal(out[1], x[1])


def test_cutout_covers_at_most_half_of_each_side():
    x = torch.ones(500, 1, 12, 10)
    u = torch.rand(500, UNIFORMS, generator=torch.Generator().manual_seed(0))
    holes = (augment(x, u, ("cutout",), 1.0) == 0).sum(dim=(1, 2, 3))
    assert int(holes.max()) == 6 * 5
    assert int(holes.min()) >= 3 * 2


def test_colour_leaves_grey_images_grey_and_alpha_scaled_alike():
    grey = torch.rand(6, 1, 5, 5).expand(6, 3, 5, 5)
    out = augment(grey, torch.rand(6, UNIFORMS), ("colour",), 1.0)
    torch.testing.assert_close(out[:, 0], out[:, 2])


def test_parse_operations():
    assert parse_operations("colour, cutout") == ("colour", "cutout")
    assert parse_operations(None) == ()
    with pytest.raises(ConfigError, match="no operation 'hue'"):
        parse_operations("hue")
