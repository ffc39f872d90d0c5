"""Training steps of a classifier, over batches of images, targets and weights."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.invariances import Invariance
from ganaug.classify.losses import weighted_cross_entropy

LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 3e-3, 0.05, 0.15


class Batch(NamedTuple):
    """Input of one training step.

    Attributes:
        images: (n, c, h, w) float in [−1, 1].
        targets: (n, k) probabilities of the classes.
        weights: (n,) weight of each image's loss.
        domains: (n,) domains, −1 for unknown ones; None where nothing asks for them.
    """

    images: Tensor
    targets: Tensor
    weights: Tensor
    domains: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """Return the same on a device."""
        return Batch(*(None if x is None else x.to(device) for x in self))  # type: ignore[arg-type]


class Optimisation(NamedTuple):
    """Settings of AdamW (Loshchilov and Hutter, 2019)."""

    learning_rate: float = LEARNING_RATE
    weight_decay: float = WEIGHT_DECAY


def teach_network(
    network: nn.Module,
    batches: Iterable[Batch],
    steps: int,
    *,
    optimisation: Optimisation = Optimisation(),  # noqa: B008
    prior: Tensor | None = None,
    invariance: Invariance | None = None,
) -> None:
    """Train by AdamW over one cycle of the learning rate; ends in evaluation mode.

    Convolutions multiply bfloat16 numbers where the device does so itself.

    Args:
        network: (n, c, h, w) → (n, k) logits; changed.
        batches: iterable of `steps` batches.
        steps: number of steps that the cycle is planned for.
        optimisation: its top learning rate and weight decay.
        prior: (k,) shares of the classes, for the logit-adjusted loss, or (d + 1, k)
            shares in each domain, the last row for unknown ones; None for the plain
            loss.
        invariance: what makes the network care less about domains, already attached.

    Example:
        >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        >>> x = torch.ones(3, 1, 2, 2)
        >>> y = torch.tensor([[0.0, 1.0]] * 3)
        >>> batches = [Batch(x, y, torch.ones(3))] * 50
        >>> teach_network(network, batches, 50, optimisation=Optimisation(0.1))
        >>> network(x).argmax(dim=1).tolist()
        [1, 1, 1]
    """
    log_prior = None if prior is None else prior.clamp(min=1e-9).log()
    further = () if invariance is None else invariance.parameters()
    optimiser = torch.optim.AdamW(
        [*(p for p in network.parameters() if p.requires_grad), *further],
        optimisation.learning_rate,
        weight_decay=optimisation.weight_decay,
        fused=True,
    )
    device = next(network.parameters()).device
    precision = engine.fast_precision(device)
    network.train()
    with engine.one_thread():
        for step, batch in enumerate(batches, 1):
            images, targets, weights, domains = batch
            with engine.autocast(device, precision):
                logits = network(images).float()
            loss = weighted_cross_entropy(
                logits, targets, weights, log_prior=_find_prior(log_prior, domains)
            )
            if invariance is not None and domains is not None:
                loss = loss + invariance.penalise(domains, step / (steps + 1))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            rate = optimisation.learning_rate * one_cycle(step / (steps + 1))
            optimiser.param_groups[0]["lr"] = rate
            optimiser.step()
    network.eval()


def _find_prior(log_prior: Tensor | None, domains: Tensor | None) -> Tensor | None:
    """Return the logarithms for each image (n, k) where there are some per domain."""
    if log_prior is None or log_prior.ndim == 1:
        return log_prior
    assert domains is not None, "shares in each domain need the images' domains"
    return log_prior[domains]


def one_cycle(progress: float) -> float:
    """Return the share of the top rate: a linear rise, then half a cosine to zero.

    Example:
        >>> one_cycle(0.0), one_cycle(WARM_UP)
        (0.0, 1.0)
    """
    if progress < WARM_UP:
        return progress / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))


def iterate_indices(
    n: int, batch: int, steps: int, generator: torch.Generator
) -> tuple[Tensor, ...]:
    """Yield indices for each step: passes through shuffled images, without gaps.

    Example:
        >>> steps = iterate_indices(3, 2, 3, torch.Generator().manual_seed(0))
        >>> [len(step) for step in steps], sorted(torch.cat(steps).tolist())
        ([2, 2, 2], [0, 0, 1, 1, 2, 2])
    """
    passes = math.ceil(steps * batch / n)
    order = [torch.randperm(n, generator=generator) for _ in range(passes)]
    return torch.split(torch.cat(order)[: steps * batch], batch)


def normalise(images: NDArray[np.uint8]) -> Tensor:
    """Turn (n, h, w, c) into (n, c, h, w) in [−1, 1], channels last in memory."""
    x = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2)
    return x.float().div(127.5).sub(1)


def settle_norms(network: nn.Module, batches: Iterable[Batch]) -> None:
    """Estimate batch normalisation's means and variances anew, on these batches.

    Needed after training on images of another kind, as the averages are still theirs.

    Example:
        >>> network = nn.Sequential(nn.BatchNorm2d(1))
        >>> x = torch.full((4, 1, 2, 2), 3.0)
        >>> settle_norms(network, [Batch(x, torch.ones(4, 1), torch.ones(4))])
        >>> network[0].running_mean.item()
        3.0
    """
    network.train()
    # a frozen part stays in evaluation mode, and keeps its statistics
    found = (m for m in network.modules() if isinstance(m, nn.BatchNorm2d))
    norms = [norm for norm in found if norm.training]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
    with torch.no_grad():
        for batch in batches:
            network(batch.images)
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
