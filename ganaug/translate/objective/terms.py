"""Terms that keep the object of an image, as records: what they read, their weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.errors import ConfigError
from ganaug.gan.field_names import parse_names

Pass = Literal["identity", "return", "again"]
PATCH = 3  # side of the patches that `layout` compares, on a grid of half the size
FAINT = 0.1  # contrast below which a patch counts as flat


@dataclass(frozen=True)
class Translated:
    """What the generator made in a step; tensors are (·, c, h, w) in [-1, 1].

    Attributes:
        source, fake: images, and the same in their target domains.
        own, same: real images, and what became of them in their own domain.
        left, back: sources, and what became of them there and back.
        first, again: translations of the same images with one z and with another.
        real, domain: real images of the target domains (n,) of `source`.
        filters: (k, c, side, side) random filters, for the distributions of patches.
    """

    source: Tensor
    fake: Tensor
    own: Tensor
    same: Tensor
    left: Tensor
    back: Tensor
    first: Tensor
    again: Tensor
    real: Tensor
    domain: Tensor
    filters: Tensor


@dataclass(frozen=True)
class Term:
    """A term of the generator's loss.

    Attributes:
        measure: function of what was translated that returns a scalar.
        weight: factor of the term, unless the config gives another.
        needs: the further pass through the generator whose images it reads, if any.
    """

    measure: Callable[[Translated], Tensor]
    weight: float
    needs: Pass | None = None


def measure_identity(seen: Translated) -> Tensor:
    """Compare images with their translations into their own domain, by L1.

    Taigman et al., "Unsupervised Cross-Domain Image Generation" (2017), equation 6.
    """
    return F.l1_loss(seen.same, seen.own)


def measure_return(seen: Translated) -> Tensor:
    """Compare images with their translations there and back, by L1.

    Zhu et al., "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
    Networks" (2017), equation 2.
    """
    return F.l1_loss(seen.back, seen.left)


def measure_layout(seen: Translated) -> Tensor:
    """Compare which places of an image look alike, before and after.

    An image in other light or inverted has other pixels, but the same places in it look
    alike: Zheng, Cham and Cai, "The Spatially-Correlative Loss for Various Image
    Translation Tasks" (2021), with pixels in place of a network's features.
    """
    return F.l1_loss(relate_places(seen.fake), relate_places(seen.source))


def relate_places(x: Tensor) -> Tensor:
    """Correlate the patches of each image: (n, c, h, w) → (n, p, p).

    Example:
        >>> x = torch.rand(2, 1, 8, 8)
        >>> bool((relate_places(x) - relate_places(-x)).abs().max() < 1e-5)
        True
    """
    small = F.avg_pool2d(x.float(), 2, ceil_mode=True, count_include_pad=False)
    patches = F.unfold(F.pad(small, [PATCH // 2] * 4, mode="replicate"), PATCH)
    patches = patches - patches.mean(dim=1, keepdim=True)
    unit = F.normalize(patches, dim=1, eps=FAINT)
    return unit.transpose(1, 2) @ unit


def measure_patches(seen: Translated) -> Tensor:
    """Compare the patches of translations with those of real images of their domain.

    It is the sliced Wasserstein distance: the answers of random filters, sorted, are
    compared by L1, at full and at half resolution. Patches know no class, so this asks
    for the look alone, and it has a slope from the first step. Elnekave and Weiss,
    "Generating natural images with direct patch distributions matching" (2022).
    """
    both, n = torch.cat([seen.fake, seen.real]), len(seen.fake)
    filters = F.normalize(seen.filters.flatten(1), dim=1).view_as(seen.filters)
    found = sorted(set(seen.domain.tolist()))
    places = [(seen.domain == d).nonzero().squeeze(1) for d in found]
    total = both.new_zeros(())
    for x in (both, F.avg_pool2d(both, 2, ceil_mode=True, count_include_pad=False)):
        padded = F.pad(x, [filters.shape[-1] // 2] * 4, mode="replicate")
        answers = F.conv2d(padded, filters, stride=2).transpose(0, 1)
        for rows in places:
            made, wanted = (
                answers[:, part].flatten(1).sort(dim=1).values
                for part in (rows, rows + n)
            )
            total = total + len(rows) / n * F.l1_loss(made, wanted)
    return total


def reward_variety(seen: Translated) -> Tensor:
    """Return minus the mean distance between an image's translations with two z.

    Choi et al., "StarGAN v2: Diverse Image Synthesis for Multiple Domains" (2020),
    equation 3.
    """
    return -F.l1_loss(seen.again, seen.first)


TERMS: dict[str, Term] = {
    "identity": Term(measure_identity, weight=1.0, needs="identity"),
    "round-trip": Term(measure_return, weight=2.0, needs="return"),
    "layout": Term(measure_layout, weight=3.0),
    "patches": Term(measure_patches, weight=10.0),
    "variety": Term(reward_variety, weight=0.5, needs="again"),
}


def parse_terms(text: str | None) -> dict[str, Term]:
    """Read terms in a text such as `identity:5,round-trip`, each with its weight.

    Raises:
        ConfigError: a name is unknown, or a weight is not a number above 0.

    Example:
        >>> [term.weight for term in parse_terms("identity:2.5").values()]
        [2.5]
    """
    pairs = [word.partition(":") for word in (text or "").split(",") if word.strip()]
    names = parse_names("terms", ",".join(name for name, _, _ in pairs), TERMS)
    weights = {name.strip(): weight for name, _, weight in pairs}
    return {name: _weigh(TERMS[name], text, weights[name]) for name in names}


def _weigh(term: Term, text: str | None, weight: str) -> Term:
    try:
        value = float(weight) if weight else term.weight
    except ValueError:
        value = float("nan")
    if not 0 < value < float("inf"):
        raise ConfigError(
            f"terms={text} is not allowed: a weight is a number above 0, as in "
            "identity:5"
        )
    return Term(term.measure, value, term.needs)
