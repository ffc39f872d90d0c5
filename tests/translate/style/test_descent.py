"""Gradient descent on the image: the style comes, the content stays."""

import pytest
import torch

from ganaug.errors import ConfigError
from ganaug.translate.objective.style import gram_matrix, style_loss
from ganaug.translate.style.descent import optimise
from ganaug.translate.style.features import STYLE_LAYERS, StyleFeatures


@pytest.fixture(scope="module")
def scene():
    """Make a disc, stripes, and a narrow network that knows their scale."""
    y, x = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    disc = ((y - 8) ** 2 + (x - 8) ** 2 < 25).float() * 1.6 - 0.8
    stripes = (y % 4 < 2).float() * 1.2 - 0.6
    content, style = disc.expand(1, 3, -1, -1), stripes.expand(1, 3, -1, -1)
    look = StyleFeatures(width=8)
    look.level(torch.cat([content, style]))
    return content, style, look


def measure_style(image, style, look):
    grams = {k: gram_matrix(x) for k, x in look(style, STYLE_LAYERS).items()}
    return float(style_loss(look(image), grams))


def test_the_style_comes_and_the_content_stays(scene):
    content, style, look = scene
    made = optimise(content, style, look, steps=20)
    before = measure_style(content, style, look)
    assert measure_style(made, style, look) < before / 3
    both = torch.stack([made.flatten(), content.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.5
    assert made.abs().max() <= 1


def test_more_alpha_is_more_style(scene):
    content, style, look = scene
    left = [
        measure_style(
            optimise(content, style, look, alpha=a, steps=15),
            style, look,
        )
        for a in (0.0, 0.5, 1.0)
    ]  # fmt: skip
    assert left[0] > left[1] > left[2]


def test_without_alpha_the_content_is_returned(scene):
    content, style, look = scene
    assert torch.equal(optimise(content, style, look, alpha=0), content)
    with pytest.raises(ConfigError, match=r"alpha=1\.5 must lie in"):
        optimise(content, style, look, alpha=1.5)


def test_images_of_a_batch_do_not_see_each_other(scene):
    content, style, _ = scene
    both, style = torch.cat([content, -content]).double(), style.double()
    exact = StyleFeatures(width=8).double()  # steps enlarge the smallest difference
    shares = torch.tensor([1.0, 0.5])
    made = optimise(both, style, exact, alpha=shares, steps=3)
    alone = [
        optimise(one[None], [style], exact, alpha=float(share), steps=3)
        for one, share in zip(both, shares, strict=True)
    ]
    torch.testing.assert_close(made, torch.cat(alone), atol=1e-6, rtol=0)
