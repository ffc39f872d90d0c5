"""Domain parts: what of a measurement is the domain's, and not the class's.

Classes differ too, and not every class is seen in every domain. So the medians of cells
are fitted by a sum of the class's part and the domain's, as in an analysis of variance.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganaug.translate.inputs.pairs import UNKNOWN, Indices, list_cells

RIDGE = 1e-3  # so that a domain without a shared class keeps the mean


def fit_parts(measured: Tensor, labels: Indices, domains: Indices) -> Tensor:
    """Return what is measured in each domain of the average class (d, m).

    Args:
        measured: (n, m) measurements of images.
        labels, domains: (n,) classes and domains, −1 where unknown.

    Example:
        >>> import numpy as np
        >>> labels, domains = np.array([0, 0, 1]), np.array([0, 1, 1])
        >>> values = torch.tensor([[0.0], [2.0], [7.0]])  # class 1 has 5 more
        >>> parts = fit_parts(values, labels, domains)
        >>> round(float(parts[1] - parts[0]), 1)
        2.0
    """
    cells = list_cells(labels, domains)
    known = {cell: rows for cell, rows in cells.items() if cell[1] != UNKNOWN}
    count, classes = int(domains.max()) + 1, sorted({k for k, _ in known})
    medians = [measured[rows].median(dim=0).values for rows in known.values()]
    design = torch.zeros(len(known), count + len(classes))
    for row, (label, domain) in enumerate(known):
        design[row, domain] = design[row, count + classes.index(label)] = 1
    wanted = torch.stack(medians)
    middle = wanted.mean(dim=0)
    square = design.T @ design + RIDGE * torch.eye(design.shape[1])
    parts: Tensor = torch.linalg.solve(square, design.T @ (wanted - middle))
    return middle + parts[:count] + parts[count:].mean(dim=0)
