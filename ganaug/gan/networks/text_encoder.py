"""Encoders of captions: from the number of a caption to features, in G and in D."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.captions import Captions

WIDTH = 64  # numbers per word
SLOPE = 0.2
SMALL = 1e-6  # keeps the length of an empty row finite


class WordEncoder(nn.Module):
    """Numbers of captions (…) → (…, features), through their words.

    Each word has a vector, to which a convolution over it and its two neighbours adds
    what their order says; the sum over words, brought to a mean square of 1, passes a
    linear layer. The convolution starts at zero, so that a caption begins as the sum of
    its words, which captions never seen have too: combinations can then be put together
    that no training caption has. After Joulin et al., "Bag of Tricks for Efficient Text
    Classification" (2017), and Kim, "Convolutional Neural Networks for Sentence
    Classification" (2014).

    Args:
        captions: what the numbers stand for; another table may take its place.
        features: size of the result, whose numbers begin with unit variance.
    """

    table: Tensor

    def __init__(self, captions: Captions, features: int) -> None:
        super().__init__()
        rows = captions.read(captions.texts)
        used = int((rows > 0).sum(dim=1).max())
        # no part of the state: it follows from the captions
        self.register_buffer("table", rows[:, :used].clone(), persistent=False)
        self.words = nn.Embedding(len(captions.words) + 1, WIDTH)
        self.order = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.out = _start_linear(WIDTH, features)
        nn.init.zeros_(self.order.weight)
        nn.init.zeros_(self.order.bias)  # type: ignore[arg-type]

    def forward(self, y: Tensor) -> Tensor:
        rows = self.table[y.reshape(-1)]
        known = (rows > 0)[:, :, None]
        vectors = self.words(rows) * known
        among = F.leaky_relu(self.order(vectors.transpose(1, 2)), SLOPE)
        total = ((vectors + among.transpose(1, 2)) * known).sum(dim=1)
        encoded: Tensor = self.out(_scale(total))
        return encoded.view(*y.shape, -1)


class VectorEncoder(nn.Module):
    """Numbers of captions (…) → (…, features), from a user's vectors of them.

    The vectors are centred and brought to a mean square of 1, by the training captions,
    and pass a linear layer.

    Args:
        captions, features: as `WordEncoder`'s.
    """

    table: Tensor
    middle: Tensor

    def __init__(self, captions: Captions, features: int) -> None:
        super().__init__()
        rows = captions.read(captions.texts)
        self.register_buffer("table", rows, persistent=False)
        self.register_buffer("middle", rows.mean(dim=0))
        self.out = _start_linear(rows.shape[1], features)

    def forward(self, y: Tensor) -> Tensor:
        encoded: Tensor = self.out(_scale(self.table[y] - self.middle))
        return encoded


def build_encoder(captions: Captions, features: int) -> nn.Module:
    """The encoder for captions: the user's own vectors, or words.

    Example:
        >>> from ganaug.gan.inputs.captions import gather_captions
        >>> captions = gather_captions(["a red three", "a blue four"], [0, 0])
        >>> build_encoder(captions, 16)(torch.tensor([[0, 1], [1, 1]])).shape
        torch.Size([2, 2, 16])
    """
    kind = WordEncoder if captions.encode is None else VectorEncoder
    return kind(captions, features)


def _scale(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + SMALL)


def _start_linear(before: int, after: int) -> nn.Linear:
    layer = nn.Linear(before, after)
    with torch.no_grad():
        layer.weight.normal_().mul_(1 / math.sqrt(before))
        layer.bias.zero_()
    return layer
