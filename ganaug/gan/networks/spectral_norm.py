"""Spectral normalisation: no layer can make the vectors that pass through it longer."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

FIRST_ITERATIONS = 10  # power iterations before the first use
# not the convolution over a caption's words: it starts at zero, where σ is 0 too
NORMALISED_LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.Embedding)


def normalise_spectrally(network: nn.Module) -> None:
    """Divide the weight of each of NORMALISED_LAYERS by its largest singular value.

    The network keeps its layers; their `weight` is computed at each use. An embedding
    of d features keeps √d as its largest singular value: G joins its rows to a z of
    that length, and D's projection divides by √d, so that ⟨e_y, φ⟩/√d equals the
    ⟨e_y, φ⟩ of Miyato and Koyama (2018) with an embedding normalised to 1.

    Example:
        >>> layer = nn.Sequential(nn.Linear(6, 4))
        >>> normalise_spectrally(layer)
        >>> bool(torch.linalg.matrix_norm(layer[0].weight, 2) < 1.1)
        True
    """
    for layer in [m for m in network.modules() if isinstance(m, NORMALISED_LAYERS)]:
        crosswise = isinstance(layer, nn.ConvTranspose2d)  # stored as (in, out, …)
        largest = 1.0
        if isinstance(layer, nn.Embedding):
            largest = math.sqrt(layer.embedding_dim)
        norm = SpectralNorm(layer.weight, crosswise=crosswise, largest=largest)
        parametrize.register_parametrization(layer, "weight", norm)


class SpectralNorm(nn.Module):
    """W → W · largest / σ(W), where one power iteration from the last u estimates σ.

    Miyato et al., "Spectral Normalization for Generative Adversarial Networks" (2018),
    equations 8 and 9 and algorithm 1. u changes in training only; it may have any
    length, so that a moving average of it works too.

    Args:
        weight: (out, …), or (in, out, …) where `crosswise`.
        crosswise: whether the output's dimension is the second one.
        largest: largest singular value of the result.
    """

    u: Tensor

    def __init__(
        self, weight: Tensor, *, crosswise: bool = False, largest: float = 1.0
    ) -> None:
        super().__init__()
        self.crosswise, self.largest = crosswise, largest
        matrix = self._flatten(weight.detach())
        u = torch.empty(len(matrix), device=weight.device).normal_()
        for _ in range(FIRST_ITERATIONS):
            u, _ = _iterate(matrix, u)
        self.register_buffer("u", u)

    def forward(self, weight: Tensor) -> Tensor:
        # `meta`, where networks are only measured, knows no autocast
        kind = "cpu" if weight.is_meta else weight.device.type
        with torch.autocast(kind, enabled=False):
            matrix = self._flatten(weight)
            with torch.no_grad():
                u, v = _iterate(matrix, self.u)
                if self.training:
                    self.u.copy_(u)
            normalised: Tensor = weight * (self.largest / torch.dot(u, matrix @ v))
            return normalised

    def _flatten(self, weight: Tensor) -> Tensor:
        rows = weight.transpose(0, 1) if self.crosswise else weight
        return rows.flatten(1)


def _iterate(matrix: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next left and right singular vectors, both of unit length."""
    v = F.normalize(matrix.T @ u, dim=0)
    return F.normalize(matrix @ v, dim=0), v
