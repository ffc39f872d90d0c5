"""Invariances: ways to make a classifier care less about the domain of an image."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from ganaug import engine

# layers after which MixStyle mixes: of the small network, of torchvision's ResNets
STYLE_LAYERS = ("stage1", "stage2", "layer1", "layer2")
STYLE_SHARE, STYLE_ALPHA = 0.5, 0.1  # share of batches mixed, of the beta distribution
HIDDEN = 64  # width of the domain head
RAMP = 10.0  # how fast the reversed gradient grows (Ganin et al., equation 14)


class Invariance(Protocol):
    """Something attached to a network while it learns."""

    def parameters(self) -> Iterable[nn.Parameter]:
        """Return further parameters to learn."""
        ...

    def penalise(self, domains: Tensor, progress: float) -> Tensor | float:
        """Return the term to add to the loss of the batch that was just seen.

        Args:
            domains: (n,) domains of its images; −1 for unknown ones.
            progress: share of the steps done, 0 to 1.
        """
        ...

    def release(self) -> None:
        """Leave the network as it was."""
        ...


class MixStyle:
    """Mixes channel statistics of the images in a batch, after early layers.

    Zhou et al., "Domain Generalization with MixStyle" (2021): in half of the batches,
    each image's mean and standard deviation per channel become a random mixture of its
    own and another image's.

    Args:
        network: network with layers of the names in `STYLE_LAYERS`; others stay as
            they are.
        n_domains: not used; the images are paired by chance.
        seed: seed of the pairs and mixtures.

    Example:
        >>> from ganaug.classify.network import build_classifier
        >>> network = build_classifier((8, 8), 1, 2)
        >>> MixStyle(network, 2, seed=0).layers
        2
    """

    def __init__(self, network: nn.Module, n_domains: int, *, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._handles = [
            layer.register_forward_hook(self._mix)
            for name, layer in network.named_children()
            if name in STYLE_LAYERS
        ]
        self.layers = len(self._handles)

    def parameters(self) -> Iterable[nn.Parameter]:
        return ()

    def penalise(self, domains: Tensor, progress: float) -> float:
        return 0.0

    def release(self) -> None:
        for handle in self._handles:
            handle.remove()

    def _mix(self, layer: nn.Module, inputs: Any, x: Tensor) -> Tensor:
        if not layer.training or self._rng.random() > STYLE_SHARE:
            return x
        n = len(x)
        pair = torch.from_numpy(self._rng.permutation(n)).to(x.device)
        drawn = self._rng.beta(STYLE_ALPHA, STYLE_ALPHA, (n, 1, 1, 1))
        part = torch.from_numpy(drawn).to(x.device, x.dtype)
        mean = x.mean(dim=(2, 3), keepdim=True).detach()
        spread = (x.var(dim=(2, 3), keepdim=True) + 1e-6).sqrt().detach()
        plain = (x - mean) / spread
        return plain * torch.lerp(spread[pair], spread, part) + torch.lerp(
            mean[pair], mean, part
        )


class DomainAdversary:
    """A head that guesses the domain, whose gradient reaches the network reversed.

    Ganin et al., "Domain-Adversarial Training of Neural Networks" (2016). It sees what
    the network's last linear layer sees.

    Args:
        network: network with a linear layer; the last one counts.
        n_domains: number of domains.
        seed: seed of the head's weights.
    """

    def __init__(self, network: nn.Module, n_domains: int, *, seed: int) -> None:
        last = [m for m in network.modules() if isinstance(m, nn.Linear)][-1]
        with engine.seeded(seed):
            self._head = nn.Sequential(
                nn.Linear(last.in_features, HIDDEN),
                nn.ReLU(),
                nn.Linear(HIDDEN, n_domains),
            ).to(last.weight.device)
        self._seen: Tensor | None = None
        self._handle: RemovableHandle = last.register_forward_pre_hook(self._look)

    def parameters(self) -> Iterable[nn.Parameter]:
        return self._head.parameters()

    def penalise(self, domains: Tensor, progress: float) -> Tensor | float:
        known = domains >= 0
        if self._seen is None or not bool(known.any()):
            return 0.0
        strength = 2 / (1 + math.exp(-RAMP * progress)) - 1
        x = _reverse(self._seen[known].float(), strength)
        return F.cross_entropy(self._head(x), domains[known])

    def release(self) -> None:
        self._handle.remove()

    def _look(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._seen = inputs[0]


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None


def _reverse(x: Tensor, strength: float) -> Tensor:
    """Return x itself; its gradient is multiplied by −strength."""
    found: Tensor = _Reversal.apply(x, strength)
    return found


INVARIANCES: dict[str, Callable[..., Invariance]] = {
    "mixstyle": MixStyle,
    "adversary": DomainAdversary,
}
