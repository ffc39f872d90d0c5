"""Fitting: weights of one network made those of another, of other classes or size."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.networks.stages import Size

LISTED = re.compile(r"^(\w+)\.(\d+)\.(.+)$")  # a stage's weight: list, number, name
TABLE = re.compile(r"(^|\.)embed\.weight$")
GROWN, READ = re.compile(r"(^|\.)grow\."), re.compile(r"(^|\.)head\.read\.weight$")


class Side(NamedTuple):
    """What a network's weights are about.

    Attributes:
        classes: names of its classes.
        size: (h, w) of its smallest grid.
    """

    classes: Sequence[str]
    size: Size


@torch.no_grad()
def fit_weights(
    network: nn.Module,
    weights: Mapping[str, Tensor],
    own: Side,
    other: Side,
    *,
    from_image: bool,
) -> list[str]:
    """Give a network the weights of another one, as far as these fit.

    Classes are matched by name; a class that the other network does not know begins as
    the mean of those that it knows. Where there are more or fewer stages, those with
    the same distance from the image are matched, and the smallest grid is resampled.

    Args:
        network: network to change.
        weights: the other network's.
        own, other: classes and smallest grid of each.
        from_image: whether stages are numbered from the image on, as a discriminator's.

    Returns:
        Names of the weights that found no match and stay as they are.
    """
    state = network.state_dict()
    left = []
    for name, mine in state.items():
        found = weights.get(_match(name, state, weights, from_image=from_image))
        fitted = None if found is None else _fit(name, found, mine, own, other)
        if fitted is None:
            left.append(name)
        else:
            mine.copy_(fitted)
    return left


def _match(
    name: str,
    own: Mapping[str, Tensor],
    other: Mapping[str, Tensor],
    *,
    from_image: bool,
) -> str:
    """Name the other network's weight at the same distance from the image."""
    parts = LISTED.match(name)
    if from_image or parts is None:
        return name
    stages = parts[1]
    shift = _count(stages, other) - _count(stages, own)
    return f"{stages}.{int(parts[2]) + shift}.{parts[3]}"


def _count(stages: str, names: Mapping[str, Tensor]) -> int:
    found = (LISTED.match(name) for name in names)
    return len({parts[2] for parts in found if parts and parts[1] == stages})


def _fit(
    name: str, weight: Tensor, mine: Tensor, own: Side, other: Side
) -> Tensor | None:
    """Return a weight in the shape of mine; None where it cannot have it."""
    if TABLE.search(name):
        return _fit_classes(weight, mine, own.classes, other.classes)
    if weight.shape == mine.shape and own.size == other.size:
        return weight
    if GROWN.search(name):
        return _fit_rows(weight, mine, own.size, other.size)
    if READ.search(name):
        fitted = _fit_rows(weight.T, mine.T, own.size, other.size)
        if fitted is None:
            return None
        # a sum over more places shall be no larger
        return fitted.T * (other.size[0] * other.size[1] / (own.size[0] * own.size[1]))
    return weight if weight.shape == mine.shape else None


def _fit_classes(
    table: Tensor, mine: Tensor, own: Sequence[str], other: Sequence[str]
) -> Tensor | None:
    """Return the vectors of classes (n, d) by name, the mean for those not known."""
    if table.shape[1:] != mine.shape[1:] or len(table) != len(other):
        return None
    place = {name: k for k, name in enumerate(other)}
    mean = table.mean(dim=0)
    return torch.stack([table[place[n]] if n in place else mean for n in own])


def _fit_rows(rows: Tensor, mine: Tensor, own: Size, other: Size) -> Tensor | None:
    """Resample rows that belong to the places and channels of a grid.

    Args:
        rows: (h·w·c, …), the places of a grid in order, each with its channels.
        mine: (h'·w'·c, …), of which only the shape counts.
        own, other: (h', w') and (h, w).
    """
    channels, rest = len(rows) // (other[0] * other[1]), rows.shape[1:]
    if len(mine) != own[0] * own[1] * channels or mine.shape[1:] != rest:
        return None
    grid = rows.reshape(*other, -1).permute(2, 0, 1)[None]
    grid = F.interpolate(grid, size=own, mode="bilinear", align_corners=False)
    return grid[0].permute(1, 2, 0).reshape(mine.shape)
