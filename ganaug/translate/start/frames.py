"""Frames: where the object lies in each domain, and how much of the picture it fills.

The discriminator teaches a generator to paint long before it teaches it to enlarge: in
a domain whose objects fill the picture it paints halos around smaller ones. Position
and size of what stands out are measured instead. Light from one side also moves what
stands out, but no object: frames are used only if they make the mean images of a class
more alike in all domains.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.translate.inputs.pairs import UNKNOWN, Indices, list_cells
from ganaug.translate.networks.first_guess import find_ground, move_images
from ganaug.translate.start.domain_parts import fit_parts

LEAST_GAIN = 0.02  # of the correlation, so that chance moves nothing
FAINT = 1e-4  # variance of an image below which nothing stands out


def are_alike(x: Tensor, labels: Indices, domains: Indices, frames: Tensor) -> bool:
    """Whether mean images of a class are more alike in one frame than as they are.

    Alike means correlated over pixels, whatever the sign, with the mean of the other
    domains; classes seen in a single domain say nothing.
    """
    cells = {c: x[r].mean(dim=0) for c, r in list_cells(labels, domains).items()}
    middle, gains = frames.mean(dim=0, keepdim=True), []
    for label in sorted({k for k, _ in cells} - {UNKNOWN}):
        own = [d for k, d in cells if k == label and d != UNKNOWN]
        if len(own) > 1:
            means = torch.stack([cells[label, d] for d in own])
            framed = move_images(means, relate_frames(frames[own], middle))
            gains.append(correlate(framed) - correlate(means))
    return bool(gains) and sum(gains) / len(gains) > LEAST_GAIN


def correlate(means: Tensor) -> float:
    """Return how each image (n, c, h, w) correlates with the mean of the others."""
    flat = means.flatten(1)
    others = (flat.sum(dim=0) - flat) / (len(flat) - 1)
    mine, theirs = (part - part.mean(dim=1, keepdim=True) for part in (flat, others))
    return float(F.cosine_similarity(mine, theirs).abs().mean())


def relate_frames(source: Tensor, target: Tensor) -> Tensor:
    """Return the affine maps (n, 6) from frames (n, 4) into others, minus none.

    Example:
        >>> small, large = torch.zeros(1, 4), torch.tensor([[0.0, 0.0, 1.0, 1.0]])
        >>> relate_frames(small, large)[0, 0].item() < 0  # reads a smaller part
        True
    """
    scale = (source[:, 2:] - target[:, 2:]).exp()
    shift = source[:, :2] - scale * target[:, :2]
    zero = torch.zeros_like(scale[:, 0])
    across = torch.stack([scale[:, 1] - 1, zero, shift[:, 1]], dim=1)
    down = torch.stack([zero, scale[:, 0] - 1, shift[:, 0]], dim=1)
    return torch.cat([across, down], dim=1)


def fit_frames(x: Tensor, labels: Indices, domains: Indices) -> Tensor:
    """Return each domain's frame (d, 4): centre y, x in [-1, 1], log spread y, x."""
    return fit_parts(measure_frames(x), labels, domains)


def measure_frames(x: Tensor) -> Tensor:
    """Return centre and log spread (n, 4) of what stands out from each image's border.

    Example:
        >>> x = torch.zeros(1, 1, 16, 16)
        >>> x[:, :, 4:12, 4:12] = 1
        >>> bool(measure_frames(x)[0, :2].abs().max() < 1e-4)  # it is in the middle
        True
    """
    h, w = x.shape[2:]
    weight = (x - find_ground(x)).square().mean(dim=1) + FAINT
    weight = weight / weight.sum(dim=(1, 2), keepdim=True)
    found = []
    for dim, side in ((2, h), (1, w)):
        at = (torch.arange(side) + 0.5) * 2 / side - 1
        share = weight.sum(dim=dim)
        centre = share @ at
        spread = (share * (at - centre[:, None]).square()).sum(dim=1).sqrt()
        found += [centre, spread.log()]
    return torch.stack([found[0], found[2], found[1], found[3]], dim=1)
