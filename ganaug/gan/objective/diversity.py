"""Diversity terms of the generator's loss, which make the fakes of a class differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.errors import ConfigError
from ganaug.gan.field_names import parse_names

RATIO_FLOOR = 1e-5  # keeps the reciprocal of a ratio finite
SHARPNESS = 2.0  # t of Wang and Isola


class Fakes(NamedTuple):
    """Fakes that a term compares; those of one class lie side by side.

    Attributes:
        images: (n, c, h, w) images that G drew.
        z: (n, latent) noise that they were drawn from.
        y: (n,) classes of the images.
        features: (k, f) features of D's last layer; k is n, or n/m for packs of m.
        labels: (k,) classes of the features.
    """

    images: Tensor
    z: Tensor
    y: Tensor
    features: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Term:
    """A diversity term, and its weight in G's loss.

    Attributes:
        measure: function of fakes that returns a scalar, lower where they vary more.
        weight: factor of the term, unless the config gives another.
    """

    measure: Callable[[Fakes], Tensor]
    weight: float


def mode_seeking(fakes: Fakes) -> Tensor:
    """Compute a term that is low where different latents give different images.

    It is 1 / (E[mean |x₁ − x₂| / mean |z₁ − z₂|] + 1e-5) over neighbours of one class:
    Mao et al., "Mode Seeking Generative Adversarial Networks for Diverse Image
    Synthesis" (2019). Their code minimises the same reciprocal, but of a ratio of two
    means over the batch; here it is the mean of the pairs' ratios.
    """
    x, z, y = fakes.images.float(), fakes.z, fakes.y
    same = (y[1:] == y[:-1]).to(x)
    far = (x[1:] - x[:-1]).abs().flatten(1).mean(dim=1)
    apart = (z[1:] - z[:-1]).abs().mean(dim=1)
    ratio = (same * far / apart).sum() / same.sum()
    return 1 / (ratio + RATIO_FLOOR)


def negative_entropy(fakes: Fakes) -> Tensor:
    """Compute a term in [−8, 0] that is low where D's features of a class differ.

    It is the log of the mean of exp(−2 ‖f₁ − f₂‖²) over pairs of one class, where f are
    D's features at unit length. It is lowest where they lie evenly on the sphere. Up to
    a constant it is minus the quadratic Rényi entropy of the features' density within
    classes, with Gaussian windows: Principe et al., "Information-Theoretic Learning"
    (2000), and Wang and Isola, "Understanding Contrastive Representation Learning
    through Alignment and Uniformity on the Hypersphere" (2020), section 4.1.
    """
    f, y = F.normalize(fakes.features.float(), dim=1), fakes.labels
    squares = 2 - 2 * f @ f.T
    pairs = (y[:, None] == y[None, :]).to(f)
    pairs = pairs * (1 - torch.eye(len(f), device=f.device))
    mean = (pairs * torch.exp(-SHARPNESS * squares)).sum() / pairs.sum()
    return mean.log()


def parse_terms(text: str | None) -> tuple[Term, ...]:
    """Read the terms in a text such as `mode-seeking:0.5,entropy`, with their weights.

    Raises:
        ConfigError: a name is unknown, or a weight is not a number above 0.

    Example:
        >>> [term.weight for term in parse_terms("entropy:0.25")]
        [0.25]
    """
    pairs = [word.partition(":") for word in (text or "").split(",") if word.strip()]
    names = parse_names("diversity", ",".join(name for name, _, _ in pairs), TERMS)
    weights = {name.strip(): weight for name, _, weight in pairs}
    return tuple(
        Term(TERMS[name].measure, _read_weight(text, weights[name], TERMS[name].weight))
        for name in names
    )


def _read_weight(text: str | None, weight: str, usual: float) -> float:
    try:
        value = float(weight) if weight else usual
    except ValueError:
        value = float("nan")
    if not 0 < value < float("inf"):
        raise ConfigError(
            f"diversity={text} is not allowed: a weight is a number above 0, as in "
            "mode-seeking:0.1"
        )
    return value


TERMS: dict[str, Term] = {
    "mode-seeking": Term(mode_seeking, weight=0.01),
    "entropy": Term(negative_entropy, weight=0.1),
}
