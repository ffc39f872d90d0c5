"""L-BFGS on many images at once, each with a history and steps of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

FIRST = 0.02  # largest change of a pixel in the first step
LONGEST = 0.2  # and in any step
KEPT = 6  # steps that are remembered
SHORTER = 0.25  # factor on the step of an image whose loss rose

Loss = Callable[[Tensor], Tensor]  # images (n, c, h, w) → the loss of each (n,)


class _Pair(NamedTuple):
    """A step, the change of the gradient along it, and 1 / their product."""

    step: Tensor
    change: Tensor
    weight: Tensor


def minimise(loss: Loss, start: Tensor, steps: int) -> Tensor:
    """Lower each image's loss inside [-1, 1], without its seeing the others.

    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization"
    (1989), algorithm 2.1, with steps of length 1. A step that raises an image's loss is
    not taken, and its next one is shorter.

    Args:
        loss: function of images that returns the loss of each, from that image alone.
        start: (n, c, h, w) in [-1, 1].
        steps: evaluations of the loss and its gradient.

    Example:
        >>> start = torch.zeros(2, 1, 1, 2)
        >>> goal = torch.tensor([[0.5, -0.5], [0.1, 1.0]]).view(2, 1, 1, 2)
        >>> end = minimise(lambda x: (x - goal).square().sum((1, 2, 3)), start, 20)
        >>> bool((end - goal).abs().max() < 1e-3)
        True
    """
    x, (value, gradient) = start, _measure(loss, start)
    history: list[_Pair] = []
    length = torch.ones_like(value)
    for _ in range(steps - 1):
        move = length * _find_direction(gradient, history)
        largest = move.abs().amax(dim=(1, 2, 3), keepdim=True)
        move = move * (LONGEST / largest.clamp(min=LONGEST))
        tried = (x + move).clamp(-1, 1)
        new_value, new_gradient = _measure(loss, tried)
        better = new_value <= value
        history = [*history, _remember(tried - x, new_gradient - gradient, better)]
        history = history[-KEPT:]
        x = torch.where(better, tried, x)
        gradient = torch.where(better, new_gradient, gradient)
        value = torch.where(better, new_value, value)
        length = torch.where(better, 1.0, length * SHORTER)
    return x


def _measure(loss: Loss, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return each image's loss (n, 1, 1, 1) and its gradient (n, c, h, w)."""
    x = x.detach().requires_grad_()
    values = loss(x)
    (gradient,) = torch.autograd.grad(values.sum(), x)
    return values.detach()[:, None, None, None], gradient


def _remember(step: Tensor, change: Tensor, better: Tensor) -> _Pair:
    """Return what was learned of the curvature; weight 0 where that is nothing."""
    curvature = _multiply(step, change)
    known = better & (curvature > 1e-10)
    return _Pair(step, change, known / curvature.clamp(min=1e-10))


def _find_direction(gradient: Tensor, history: list[_Pair]) -> Tensor:
    """Return the way down: two passes through the history."""
    way, shares = gradient, []
    for pair in reversed(history):
        shares.append(pair.weight * _multiply(pair.step, way))
        way = way - shares[-1] * pair.change
    way = way * _scale(gradient, history)
    for pair, share in zip(history, reversed(shares), strict=True):
        way = way + (share - pair.weight * _multiply(pair.change, way)) * pair.step
    return -way


def _scale(gradient: Tensor, history: list[_Pair]) -> Tensor:
    """Return the size of a step: by the last curvature, where one is known."""
    steepest = gradient.abs().amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-30)
    first = FIRST / steepest
    if not history:
        return first
    step, change, weight = history[-1]
    last = _multiply(step, change) / _multiply(change, change).clamp(min=1e-30)
    return torch.where(weight > 0, last, first)


def _multiply(a: Tensor, b: Tensor) -> Tensor:
    """Return the scalar product of each image, (n, 1, 1, 1)."""
    return (a * b).sum(dim=(1, 2, 3), keepdim=True)
