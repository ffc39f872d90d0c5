"""The network of an export: labels and latents → images, all in one module."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn

from ganaug.errors import ConfigError
from ganaug.gan.generators import Generators, Member
from ganaug.gan.networks.embedding import Generator


class ExportedGenerator(nn.Module):
    """Labels (n,) int64 and latents (n, latent) float32 → images (n, h, w, c) uint8.

    It draws what `Generators.draw` draws. With one GAN per class, every network draws
    and the label picks.

    Args:
        generators: the networks, which must be given a class or nothing.

    Raises:
        ConfigError: they draw from captions or source images.
    """

    places: Tensor
    level_middle: Tensor
    level_half: Tensor

    def __init__(self, generators: Generators) -> None:
        super().__init__()
        refuse_others(generators)
        self.networks = nn.ModuleList(
            copy.deepcopy(member.network).cpu().eval() for member in generators.members
        )
        # label → label among a network's own classes, -1 for the others
        places = [_place(generators, member) for member in generators.members]
        self.register_buffer("places", torch.tensor(places))
        self.register_buffer("level_middle", generators.span.middle.cpu().clone())
        self.register_buffer("level_half", generators.span.half.cpu().clone())

    def forward(self, labels: Tensor, latents: Tensor) -> Tensor:
        drawn: Tensor | None = None
        for k, module in enumerate(self.networks):
            network, own = cast(Generator, module), self.places[k][labels]
            x = network(latents, network.embed(own.clamp(min=0)))
            drawn = x if drawn is None else torch.where(_spread(own >= 0), x, drawn)
        assert drawn is not None, "a generator has a network"
        return self._to_pixels(drawn)

    def _to_pixels(self, x: Tensor) -> Tensor:
        """Do what `Span.to_pixels` does, not in place."""
        x = x.permute(0, 2, 3, 1).clamp(-1, 1) * self.level_half
        return (x + (self.level_middle + 0.5)).clamp(0, 255).to(torch.uint8)


def refuse_others(generators: Generators) -> None:
    """Raise ConfigError for generators that do not draw from a class alone."""
    if generators.captions is not None or generators.sources is not None:
        asked = "captions" if generators.captions is not None else "real images"
        raise ConfigError(
            f"this generator draws from {asked}; only those that draw from a class can "
            "be exported (conditioning class, concat, separate or none)"
        )


def _place(generators: Generators, member: Member) -> list[int]:
    numbers = {name: k for k, name in enumerate(member.classes)}
    return [numbers.get(name, -1) for name in generators.classes]


def _spread(mask: Tensor) -> Tensor:
    return mask[:, None, None, None]
