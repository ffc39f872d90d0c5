"""The exact and slow way: gradient descent on the image itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ganaug.errors import ConfigError
from ganaug.translate.networks.style_generator import measure, restyle
from ganaug.translate.objective.style import (
    content_loss,
    gram_matrix,
    style_loss,
    total_variation,
)
from ganaug.translate.style.features import Look
from ganaug.translate.style.lbfgs import minimise

STEPS = 30  # by default


@dataclass(frozen=True)
class StyleWeights:
    """What a styled image shall have, as factors of the losses.

    Attributes:
        content: of the content's features.
        style: of the style's Gram matrices.
        variation: of the differences between neighbouring pixels; as alpha says, so
            that with little of a style the content stays as it is.
    """

    content: float = 1.0
    style: float = 100.0
    variation: float = 0.1


def optimise(
    content: Tensor,
    style: Tensor | Sequence[Tensor],
    look: Look,
    *,
    alpha: float | Tensor = 1.0,
    weights: StyleWeights = StyleWeights(),
    steps: int = STEPS,
) -> Tensor:
    """Draw each content in the look of its style, by L-BFGS.

    Gatys et al. (2016), equation 7. It begins with the content in the style's mean
    colour and contrast. The images of a batch do not see each other.

    Args:
        content: (n, c, h, w) in [-1, 1].
        style: (n, c, h', w') in [-1, 1], one for each content, or (1, c, h', w'); or a
            list of (1, c, h', w') of different sizes.
        look: network whose features count.
        alpha: from 0, the content as it is, to 1, the whole style: the Gram matrices to
            reach lie so far between those of the two images. One for all, or (n,).
        weights: of the losses.
        steps: evaluations of the losses and their gradient.

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
    share = torch.as_tensor(alpha, dtype=content.dtype, device=content.device)
    if not bool(((share >= 0) & (share <= 1)).all()):
        raise ConfigError(f"alpha={alpha} must lie in [0, 1]")
    share = share.expand(len(content))
    several = [style] if isinstance(style, Tensor) else style
    content = content.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        own = look(content)
        grams = _mix_grams(own, several, look, share)
        wanted = torch.cat([torch.cat(measure(x), dim=1) for x in several])
        start = restyle(content, wanted).clamp(-1, 1)
        start = torch.lerp(content, start, share[:, None, None, None])

    def weigh(drawn: Tensor) -> Tensor:
        """Return the loss of each image."""
        seen, place = look(drawn), look.content_layer
        return (
            weights.content * content_loss(seen[place], own[place], each=True)
            + weights.style * style_loss(seen, grams, each=True)
            + weights.variation * share * total_variation(drawn, each=True)
        )

    made = minimise(weigh, start, steps)
    return torch.where(share[:, None, None, None] > 0, made, content)


def _mix_grams(
    own: dict[str, Tensor], styles: Sequence[Tensor], look: Look, share: Tensor
) -> dict[str, Tensor]:
    """Return the Gram matrices to reach, by layer."""
    seen = [look(style, look.style_layers) for style in styles]
    return {
        name: torch.lerp(
            gram_matrix(own[name]),
            torch.cat([gram_matrix(other[name]) for other in seen]),
            share[:, None, None],
        )
        for name in look.style_layers
    }
