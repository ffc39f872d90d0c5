"""The classifiers' loss: cross-entropy with soft targets, weights, logit adjustment."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def weighted_cross_entropy(
    logits: Tensor, targets: Tensor, weights: Tensor, *, log_prior: Tensor | None = None
) -> Tensor:
    """Compute the mean over images of weight · cross-entropy.

    With `log_prior` it is the logit-adjusted loss for uneven classes: the logarithms of
    the classes' shares are added to the logits, so that the network learns what it
    would under equal shares. Menon et al., "Long-tail learning via logit adjustment"
    (2021), equation 10 with τ = 1.

    Args:
        logits: (n, k).
        targets: (n, k) probabilities of the classes.
        weights: (n,) weight of each image.
        log_prior: (k,) logarithms of the classes' shares, or (n, k) of those in each
            image's domain, so that the domain tells nothing about the class; None for
            no adjustment.

    Returns:
        Scalar.

    Example:
        >>> import torch
        >>> logits, targets = torch.zeros(1, 2), torch.tensor([[0.0, 1.0]])
        >>> shares = torch.tensor([0.75, 0.25])
        >>> loss = weighted_cross_entropy(
        ...     logits, targets, torch.ones(1), log_prior=shares.log()
        ... )
        >>> bool(loss.isclose(-shares[1].log()))
        True
    """
    if log_prior is not None:
        logits = logits + log_prior
    losses = F.cross_entropy(logits, targets, reduction="none")
    return (losses * weights).mean()
