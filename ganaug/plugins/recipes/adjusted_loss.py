"""AdjustedLoss: a recipe's cross-entropy as a torch module."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug.classify.losses import weighted_cross_entropy


class AdjustedLoss(nn.Module):
    """Cross-entropy with soft targets and weights, logit-adjusted where chosen.

    Its adjustment belongs to training alone: predict with the logits as they are.

    Args:
        shares: (k,) shares of the classes, for the logit-adjusted loss; None for the
            plain one. See `weighted_cross_entropy`.

    Example:
        >>> loss = AdjustedLoss(np.array([0.75, 0.25]))
        >>> targets = torch.tensor([[0.0, 1.0]])
        >>> round(float(loss(torch.zeros(1, 2), targets)), 3)  # −log .25
        1.386
    """

    log_prior: Tensor | None

    def __init__(self, shares: NDArray[np.floating] | None = None) -> None:
        super().__init__()
        prior = None
        if shares is not None:
            prior = torch.from_numpy(np.asarray(shares, np.float32)).clamp(1e-9).log()
        self.register_buffer("log_prior", prior)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss.

        Args:
            logits: (n, k).
            targets: (n,) classes, or (n, k) distributions over them, times the weight
                of each image.
        """
        if targets.ndim == 1:
            targets = F.one_hot(targets.long(), logits.shape[1])
        logits = logits.float()
        prior = None if self.log_prior is None else self.log_prior.to(logits)
        ones = torch.ones(len(logits)).to(logits)
        return weighted_cross_entropy(logits, targets.to(logits), ones, log_prior=prior)

    def extra_repr(self) -> str:
        return "plain" if self.log_prior is None else "logit-adjusted"
