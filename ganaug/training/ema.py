"""The moving average of a generator's weights, with which images are drawn."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)


def start_average(model: Model) -> Model:
    """Return a frozen copy of the model, which `update_average` changes."""
    return copy.deepcopy(model).eval().requires_grad_(False)


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the average towards the model: decay·average + (1 − decay)·model.

    Batch-norm statistics are averaged too: those of the model itself would not suit the
    averaged weights. Counters are copied.

    Args:
        average: copy that `start_average` made; changed in place.
        model: the network in training.
        decay: weight of the average, in [0, 1].
    """
    mine, theirs = _tensors(average), _tensors(model)
    floats = [k for k, tensor in enumerate(mine) if tensor.is_floating_point()]
    torch._foreach_lerp_(
        [mine[k] for k in floats], [theirs[k] for k in floats], 1 - decay
    )
    for k in set(range(len(mine))) - set(floats):
        mine[k].copy_(theirs[k])


def _tensors(model: nn.Module) -> list[Tensor]:
    return [*model.parameters(), *model.buffers()]


def decay_of(half_life: float, seen: int, batch: int) -> float:
    """Return the decay of one step of `batch` images: 0.5^(batch / half-life).

    In the beginning the half-life is at most a tenth of the images seen, so that the
    first weights are forgotten. The code of Karras et al., "Training Generative
    Adversarial Networks with Limited Data" (2020), does the same with a twentieth.
    """
    half_life = min(half_life, 0.1 * seen)
    return float(0.5 ** (batch / half_life)) if half_life > 0 else 0.0
