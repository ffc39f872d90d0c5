"""Teaching a new generator's first guess what was measured of the domains."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.translate.inputs.pairs import UNKNOWN, Indices
from ganaug.translate.networks.first_guess import MAP, FirstGuess
from ganaug.translate.networks.generator import DomainGenerator
from ganaug.translate.start.frames import are_alike, fit_frames, relate_frames
from ganaug.translate.start.lights import are_nearer, fit_lights, relate_lights

STEPS, BATCH, RATE = 400, 128, 3e-3


def teach_first_guess(
    generator: DomainGenerator,
    x: Tensor,
    labels: Indices,
    domains: Indices,
    *,
    seed: int,
) -> None:
    """Teach a generator the way from each domain into each other one.

    The network is not told where an image is from: it learns to see that.

    Args:
        generator: new generator; its first guess is changed in place.
        x: (n, c, h, w) images in [-1, 1].
        labels, domains: (n,) classes and domains, −1 where unknown.
        seed: seed of the order of images.
    """
    guess = generator.first
    if not isinstance(guess, FirstGuess):
        return
    wanted = relate_domains(x, labels, domains, guess)
    known = torch.from_numpy(domains != UNKNOWN).nonzero().squeeze(1)
    if wanted is None or not len(known):
        return
    random = torch.Generator().manual_seed(seed)
    home = torch.from_numpy(domains)
    optimiser = torch.optim.Adam(guess.parameters(), RATE)
    for _ in range(STEPS):
        rows = known[torch.randint(len(known), (BATCH,), generator=random)]
        goal = home[known[torch.randint(len(known), (BATCH,), generator=random)]]
        with torch.no_grad():
            style = generator.domain(goal)
        found = guess.choose_change(x[rows], style)
        optimiser.zero_grad()
        F.l1_loss(found, wanted[home[rows], goal]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def relate_domains(
    x: Tensor, labels: Indices, domains: Indices, guess: FirstGuess
) -> Tensor | None:
    """Return the changes (d, d, MAP + 2c) from domain to domain; None for no change."""
    frames, lights = (fit(x, labels, domains) for fit in (fit_frames, fit_lights))
    d, c = len(frames), x.shape[1]
    changes = torch.zeros(d, d, MAP + 2 * c)
    source = torch.arange(d).repeat_interleave(d)
    target = torch.arange(d).repeat(d)
    framed = are_alike(x, labels, domains, frames)
    if framed:
        maps = relate_frames(frames[source], frames[target])
        changes[:, :, :MAP] = maps.view(d, d, MAP)
    lit = are_nearer(x, labels, domains, lights)
    if lit:
        light = relate_lights(lights[source], lights[target])
        changes[:, :, MAP:] = light.view(d, d, 2 * c)
    limits = 0.95 * guess.reach  # which tanh reaches
    return changes.clamp(-limits, limits) if framed or lit else None
