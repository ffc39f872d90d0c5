"""Losses of style transfer beside references that are written out."""

import pytest
import torch

from ganaug.translate.objective.style import (
    content_loss,
    gram_matrix,
    style_loss,
    total_variation,
)


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def refer_gram(x):
    c, h, w = x.shape
    made = torch.zeros(c, c)
    for i in range(c):
        for j in range(c):
            made[i, j] = sum(
                x[i, y, z] * x[j, y, z] for y in range(h) for z in range(w)
            )
    return made / (c * h * w)


def test_gram_matrices_are_those_written_out():
    x = draw(2, 3, 4, 5)
    expected = torch.stack([refer_gram(image) for image in x])
    torch.testing.assert_close(gram_matrix(x), expected)


def test_style_losses_are_those_written_out():
    x, y = draw(1, 3, 4, 4), draw(1, 3, 6, 6, seed=1)
    deep, other = draw(1, 2, 2, 2, seed=2), draw(1, 2, 3, 3, seed=3)
    grams = {"a": gram_matrix(y), "b": gram_matrix(other)}
    own = [refer_gram(x[0]), refer_gram(deep[0])]
    aims = [refer_gram(y[0]), refer_gram(other[0])]
    first, second = (
        ((a - b) ** 2).sum() / a.numel() for a, b in zip(own, aims, strict=True)
    )
    made = style_loss({"a": x, "b": deep, "unused": x}, grams, {"b": 0.5})
    torch.testing.assert_close(made, first + 0.5 * second)


def test_content_loss_and_variation_are_those_written_out():
    x, y = draw(1, 2, 3, 3), draw(1, 2, 3, 3, seed=1)
    torch.testing.assert_close(content_loss(x, y), ((x - y) ** 2).sum() / 18)
    down = [abs(x[0, c, i + 1, j] - x[0, c, i, j]) for c in range(2) for i in range(2)
            for j in range(3)]  # fmt: skip
    across = [abs(x[0, c, i, j + 1] - x[0, c, i, j]) for c in range(2) for i in range(3)
              for j in range(2)]  # fmt: skip
    expected = sum(down) / 12 + sum(across) / 12
    torch.testing.assert_close(total_variation(x), expected)


@pytest.mark.parametrize("images", [1, 2])
def test_an_image_has_its_own_style(images):
    x = {"a": draw(images, 3, 4, 4)}
    assert style_loss(x, {"a": gram_matrix(x["a"])}) == 0


def test_a_batch_of_two_is_two_batches_of_one():
    x, y = draw(2, 3, 4, 4), draw(2, 3, 4, 4, seed=1)

    def measure(rows):
        grams = {"a": gram_matrix(y[rows])}
        return torch.stack([
            style_loss({"a": x[rows]}, grams), content_loss(x[rows], y[rows]),
            total_variation(x[rows]),
        ])  # fmt: skip

    halves = (measure(slice(0, 1)) + measure(slice(1, 2))) / 2
    torch.testing.assert_close(measure(slice(0, 2)), halves)


def test_each_images_loss_is_that_of_the_image_alone():
    x, y = draw(2, 3, 4, 4), draw(2, 3, 4, 4, seed=1)
    grams = {"a": gram_matrix(y)}
    each = [
        style_loss({"a": x}, grams, each=True), content_loss(x, y, each=True),
        total_variation(x, each=True),
    ]  # fmt: skip
    for k, one in enumerate(slice(k, k + 1) for k in range(2)):
        alone = [
            style_loss({"a": x[one]}, {"a": grams["a"][one]}),
            content_loss(x[one], y[one]), total_variation(x[one]),
        ]  # fmt: skip
        torch.testing.assert_close(torch.stack([t[k] for t in each]),
                                   torch.stack(alone))  # fmt: skip


def test_a_row_of_pixels_varies_along_itself_only():
    row = torch.tensor([0.0, 1.0, 0.0]).view(1, 1, 1, 3)
    assert total_variation(row) == 1
