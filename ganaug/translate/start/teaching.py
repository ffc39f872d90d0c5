"""Teaching a new generator's first guess what was measured of the domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.translate.inputs.pairs import UNKNOWN, Indices
from ganaug.translate.networks.first_guess import MAP, FirstGuess, move_images
from ganaug.translate.networks.generator import DomainGenerator
from ganaug.translate.start.frames import are_alike, fit_frames, relate_frames
from ganaug.translate.start.lights import (
    are_nearer,
    fit_lights,
    fit_spreads,
    list_means,
    relate_lights,
)

STEPS, BATCH, RATE = 600, 128, 3e-3
VARIETY = 0.7  # share of a domain's variation of light that z adds to the image's own


def teach_first_guess(
    generator: DomainGenerator,
    x: Tensor,
    labels: Indices,
    domains: Indices,
    *,
    seed: int,
) -> None:
    """Teach a generator the way from each domain into each other one.

    The network is not told where an image is from: it learns to see that. With z = 0
    the light of an image differs from that of its domain as before; other z vary it as
    light varies in the target domain, within classes.

    Args:
        generator: new generator; its first guess is changed in place.
        x: (n, c, h, w) images in [-1, 1].
        labels, domains: (n,) classes and domains, −1 where unknown.
        seed: seed of the order of images.
    """
    guess = generator.first
    if not isinstance(guess, FirstGuess):
        return
    ways = measure_ways(x, labels, domains)
    known = torch.from_numpy(domains != UNKNOWN).nonzero().squeeze(1)
    if not ways.found or not len(known):
        return
    random = torch.Generator().manual_seed(seed)
    latent = generator.z.in_features
    home = torch.from_numpy(domains)
    optimiser = torch.optim.Adam(guess.parameters(), RATE)
    for _ in range(STEPS):
        rows = known[torch.randint(len(known), (BATCH,), generator=random)]
        goal = home[known[torch.randint(len(known), (BATCH,), generator=random)]]
        z = torch.randn(BATCH, latent, generator=random)
        z[: BATCH // 2] = 0
        with torch.no_grad():
            style = generator.style(goal, z)
        wanted = ways.relate(home[rows], goal, z)
        limits = 0.95 * guess.reach  # which tanh reaches
        found = guess.choose_change(x[rows], style)
        optimiser.zero_grad()
        loss = F.l1_loss(found, wanted.clamp(-limits, limits))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


@dataclass(frozen=True, eq=False)
class Ways:
    """What was measured of domains; None for what would not help.

    Attributes:
        frames: (d, 4) frames.
        lights, spreads: (d, 3c) lights, and how they vary, (d, 2c, 2c).
        channels: c.
    """

    frames: Tensor | None
    lights: Tensor | None
    spreads: Tensor
    channels: int

    @property
    def found(self) -> bool:
        """Whether anything would help."""
        return self.frames is not None or self.lights is not None

    def relate(self, source: Tensor, target: Tensor, z: Tensor) -> Tensor:
        """Return the changes (n, MAP + 2c) between domains (n,), varied by z."""
        n, c = len(source), self.channels
        frame, light = torch.zeros(n, MAP), torch.zeros(n, 2 * c)
        if self.frames is not None:
            frame = relate_frames(self.frames[source], self.frames[target])
        if self.lights is not None:
            goal = self.lights[target].clone()
            used = F.pad(z, (0, max(0, 2 * c - z.shape[1])))[:, : 2 * c, None]
            goal[:, : 2 * c] += VARIETY * (self.spreads[target] @ used).squeeze(2)
            light = relate_lights(self.lights[source], goal)
        return torch.cat([frame, light], dim=1)


def measure_ways(x: Tensor, labels: Indices, domains: Indices) -> Ways:
    """Measure frames and lights, and keep what brings images of a class together.

    Where no two domains show the same class, unlabelled images of a domain are taken to
    be of the same classes as all others.
    """
    if (labels == UNKNOWN).any() and not list_means(x, labels, domains):
        labels = np.zeros_like(labels)
    frames = fit_frames(x, labels, domains)
    framed = are_alike(x, labels, domains, frames)
    if framed:  # light is compared in one frame
        middle = frames.mean(dim=0, keepdim=True)
        x = move_images(x, relate_frames(frames[domains], middle))
    lights = fit_lights(x, labels, domains)
    return Ways(
        frames if framed else None,
        lights if are_nearer(x, labels, domains, lights) else None,
        fit_spreads(x, labels, domains),
        x.shape[1],
    )
