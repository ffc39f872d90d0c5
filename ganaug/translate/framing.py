"""How much of the picture objects fill in each domain, and a start that knows it.

The discriminator teaches a generator to paint long before it teaches it to enlarge: in
a domain whose objects fill the picture it paints halos around smaller ones. So position
and size of what stands out are measured per domain, and the generator's framing begins
with the affine map between them. Classes differ in size too, and not every class is
seen in every domain; so class and domain are fitted together, as in an analysis of
variance. Light from one side also moves what stands out, but no object: the maps are
used only if they make the mean images of a class more alike in all domains.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.translate.inputs.pairs import UNKNOWN, Indices, list_cells
from ganaug.translate.networks.generator import (
    DomainGenerator,
    find_ground,
    move_images,
)

STEPS, BATCH, RATE = 300, 128, 3e-3
LEAST_GAIN = 0.02  # of the correlation, so that chance moves nothing
FAINT = 1e-4  # variance of an image below which nothing stands out
RIDGE = 1e-3  # so that a domain without a shared class keeps the others' frame


def start_framing(
    generator: DomainGenerator,
    x: Tensor,
    labels: Indices,
    domains: Indices,
    *,
    seed: int,
) -> None:
    """Teach the generator's framing the map from each domain into each other one.

    Args:
        generator: new generator; its framing is changed in place.
        x: (n, c, h, w) images in [-1, 1].
        labels, domains: (n,) classes and domains, −1 where unknown.
        seed: seed of the order of images.
    """
    framing, frames = generator.framing, fit_frames(x, labels, domains)
    known = torch.from_numpy(domains != UNKNOWN).nonzero().squeeze(1)
    if framing is None or not are_alike(x, labels, domains, frames):
        return
    random = torch.Generator().manual_seed(seed)
    home = torch.from_numpy(domains)
    optimiser = torch.optim.Adam(framing.parameters(), RATE)
    for _ in range(STEPS):
        rows = known[torch.randint(len(known), (BATCH,), generator=random)]
        goal = home[known[torch.randint(len(known), (BATCH,), generator=random)]]
        wanted = relate_frames(frames[home[rows]], frames[goal])
        with torch.no_grad():
            style = generator.domain(goal)
        found = framing.choose_map(x[rows], style)
        optimiser.zero_grad()
        F.mse_loss(found, wanted).backward()  # type: ignore[no-untyped-call]
        optimiser.step()


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
    """Return the affine maps (n, 2, 3) from frames (n, 4) into others, minus none.

    Example:
        >>> small, large = torch.zeros(1, 4), torch.tensor([[0.0, 0.0, 1.0, 1.0]])
        >>> relate_frames(small, large)[0, 0, 0].item() < 0  # reads a smaller part
        True
    """
    scale = (source[:, 2:] - target[:, 2:]).exp()
    shift = source[:, :2] - scale * target[:, :2]
    zero = torch.zeros_like(scale[:, 0])
    across = torch.stack([scale[:, 1] - 1, zero, shift[:, 1]], dim=1)
    down = torch.stack([zero, scale[:, 0] - 1, shift[:, 0]], dim=1)
    return torch.stack([across, down], dim=1)


def fit_frames(x: Tensor, labels: Indices, domains: Indices) -> Tensor:
    """Return the frame (d, 4) of each domain: centre y, x in [-1, 1], log spread y, x.

    Medians of cells are fitted by a sum of the class's part and the domain's.
    """
    count = int(domains.max()) + 1
    cells = {
        (k, d): rows for (k, d), rows in list_cells(labels, domains).items() if d >= 0
    }
    classes = sorted({k for k, _ in cells})
    measured = measure_frames(x)
    medians = [measured[rows].median(dim=0).values for rows in cells.values()]
    wanted = torch.stack(medians)
    design = torch.zeros(len(cells), count + len(classes))
    for row, (label, domain) in enumerate(cells):
        design[row, domain] = design[row, count + classes.index(label)] = 1
    middle = wanted.mean(dim=0)
    square = design.T @ design + RIDGE * torch.eye(design.shape[1])
    parts: Tensor = torch.linalg.solve(square, design.T @ (wanted - middle))
    return middle + parts[:count]


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
