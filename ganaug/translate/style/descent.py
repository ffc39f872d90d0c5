"""The exact and slow way: gradient descent on the image itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganaug.errors import ConfigError
from ganaug.translate.objective.style import (
    content_loss,
    gram_matrix,
    style_loss,
    total_variation,
)
from ganaug.translate.style.features import Look


@dataclass(frozen=True)
class StyleWeights:
    """What a styled image shall have, as factors of the losses.

    Attributes:
        content: of the content's features.
        style: of the style's Gram matrices.
        variation: of the differences between neighbouring pixels.
    """

    content: float = 1.0
    style: float = 100.0
    variation: float = 0.01


def optimise(
    content: Tensor,
    style: Tensor,
    look: Look,
    *,
    alpha: float = 1.0,
    weights: StyleWeights = StyleWeights(),
    steps: int = 200,
    learning_rate: float = 0.05,
) -> Tensor:
    """Draw each content in the look of its style, by Adam from the content on.

    Gatys et al. (2016), equation 7. The images of a batch do not see each other.

    Args:
        content: (n, c, h, w) in [-1, 1].
        style: (n, c, h', w') in [-1, 1], one for each content, or (1, c, h', w').
        look: network whose features count.
        alpha: from 0, the content as it is, to 1, the whole style: the Gram matrices to
            reach lie so far between those of the two images.
        weights: of the losses.
        steps: of Adam.
        learning_rate: of Adam, in units of half the range of pixels.

    Returns:
        (n, c, h, w) in [-1, 1].

    Raises:
        ConfigError: alpha lies outside [0, 1].

    Example:
        >>> from ganaug.translate.style.features import StyleFeatures
        >>> content, style = torch.zeros(1, 1, 8, 8), torch.rand(1, 1, 8, 8)
        >>> optimise(content, style, StyleFeatures(width=8), steps=2).shape
        torch.Size([1, 1, 8, 8])
    """
    if not 0 <= alpha <= 1:
        raise ConfigError(f"alpha={alpha} must lie in [0, 1]")
    if alpha == 0:
        return content.clone()
    place = look.content_layer
    with torch.no_grad():
        own = look(content)
        other = look(style, look.style_layers)
        grams = {
            name: torch.lerp(gram_matrix(own[name]), gram_matrix(other[name]), alpha)
            for name in look.style_layers
        }
    drawn = content.clone().requires_grad_()
    adam = torch.optim.Adam([drawn], lr=learning_rate)
    for _ in range(steps):
        seen = look(drawn)
        loss = (
            weights.content * content_loss(seen[place], own[place])
            + weights.style * style_loss(seen, grams)
            + weights.variation * total_variation(drawn)
        )
        (drawn.grad,) = torch.autograd.grad(loss * len(content), drawn)
        adam.step()
        with torch.no_grad():
            drawn.clamp_(-1, 1)
    return drawn.detach()
