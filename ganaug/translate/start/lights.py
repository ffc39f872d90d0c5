"""Lights: mean and contrast of each channel in each domain, and whether it is inverted.

An inverted image is far from where the generator begins. So mean and logarithm of the
standard deviation per channel are measured; and where the mean images of classes are
negatives of those of other domains, the sign is turned. Lights are used only if they
bring the mean images of a class nearer to each other in all domains.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganaug.translate.inputs.pairs import UNKNOWN, Indices, list_cells
from ganaug.translate.networks.first_guess import relight_images
from ganaug.translate.start.domain_parts import fit_parts

COMPARED = 12  # domains that all others are compared with, at most
LEAST_GAIN = 0.1  # share of the distance, so that chance changes nothing
FAINT = 1e-4  # variance that every light has, so that the root exists
FLAT = 0.02  # standard deviation below which a channel counts as flat


def measure_lights(x: Tensor) -> Tensor:
    """Return mean and log contrast (n, 2c) of each channel of images (n, c, h, w)."""
    contrast = x.std(dim=(2, 3)).clamp(min=FLAT).log()
    return torch.cat([x.mean(dim=(2, 3)), contrast], dim=1)


def fit_spreads(x: Tensor, labels: Indices, domains: Indices) -> Tensor:
    """Return how lights vary within the cells of each domain, (d, 2c, 2c).

    They are square roots of covariances: times standard normal numbers, they give what
    lights of a domain's images differ by.
    """
    measured, count = measure_lights(x), int(domains.max()) + 1
    side = measured.shape[1]
    squares, seen = torch.zeros(count, side, side), torch.zeros(count)
    for (_, domain), rows in list_cells(labels, domains).items():
        if domain != UNKNOWN:
            apart = measured[rows] - measured[rows].mean(dim=0)
            squares[domain] += apart.T @ apart
            seen[domain] += len(rows)
    squares /= seen.clamp(min=1)[:, None, None]
    roots: Tensor = torch.linalg.cholesky(squares + FAINT * torch.eye(side))
    return roots


def fit_lights(x: Tensor, labels: Indices, domains: Indices) -> Tensor:
    """Return the light (d, 3c) of each domain: mean, log contrast and sign by channel.

    Args:
        x: (n, c, h, w) images in [-1, 1].
        labels, domains: (n,) classes and domains, −1 where unknown.
    """
    parts = fit_parts(measure_lights(x), labels, domains)
    signs = find_signs(x, labels, domains)[:, None].expand(len(parts), x.shape[1])
    return torch.cat([parts, signs], dim=1)


def find_signs(x: Tensor, labels: Indices, domains: Indices) -> Tensor:
    """Return 1 or −1 (d,) for each domain: −1 where images are negatives.

    Domains are compared by the mean images of the classes that both show, and split so
    that as many as possible agree: by the signs of the largest eigenvector.
    """
    count = int(domains.max()) + 1
    together = torch.zeros(count, count)
    for own, means in list_means(x, labels, domains).values():
        flat = means.mean(dim=1).flatten(1)
        flat = flat - flat.mean(dim=1, keepdim=True)
        unit = flat / flat.norm(dim=1, keepdim=True).clamp(min=1e-6)
        together[torch.tensor(own)[:, None], torch.tensor(own)] += unit @ unit.T
    together.fill_diagonal_(together.abs().sum(dim=1).max().item() + 1.0)
    largest = torch.linalg.eigh(together).eigenvectors[:, -1]
    signs = torch.where(largest < 0, -1.0, 1.0)
    return signs if signs.sum() >= 0 else -signs


def relate_lights(source: Tensor, target: Tensor) -> Tensor:
    """Return factors and offsets (n, 2c) from lights (n, 3c) to others, minus none.

    Example:
        >>> dark = torch.tensor([[-0.5, 0.0, 1.0]])
        >>> light = torch.tensor([[0.5, 0.0, 1.0]])
        >>> relate_lights(dark, light).tolist()  # the same contrast, and 1 brighter
        [[0.0, 1.0]]
    """
    mean, contrast, sign = source.chunk(3, dim=1)
    new_mean, new_contrast, new_sign = target.chunk(3, dim=1)
    factor = sign * new_sign * (new_contrast - contrast).exp()
    return torch.cat([factor - 1, new_mean - factor * mean], dim=1)


def are_nearer(x: Tensor, labels: Indices, domains: Indices, lights: Tensor) -> bool:
    """Whether mean images of a class differ less in one light than as they are."""
    before, after = 0.0, 0.0
    for own, means in list_means(x, labels, domains).values():
        for k in range(0, len(own), -(-len(own) // COMPARED)):
            goal = lights[own[k]].expand(len(own), -1)
            lit = relight_images(means, relate_lights(lights[own], goal))
            before += float((means - means[k]).abs().mean())
            after += float((lit - means[k]).abs().mean())
    return after < (1 - LEAST_GAIN) * before


def list_means(
    x: Tensor, labels: Indices, domains: Indices
) -> dict[int, tuple[list[int], Tensor]]:
    """Return for each class that several domains show: these, and its mean images."""
    cells = list_cells(labels, domains)
    places = {
        k: [d for j, d in cells if j == k and d != UNKNOWN]
        for k in sorted({k for k, _ in cells} - {UNKNOWN})
    }
    return {
        k: (own, torch.stack([x[cells[k, d]].mean(dim=0) for d in own]))
        for k, own in places.items()
        if len(own) > 1
    }
