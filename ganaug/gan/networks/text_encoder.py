"""Encoders of captions in G and D: from a caption's words or vector to features."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.captions import Captions

WORD_WIDTH = 64  # numbers per word
WORD_SLOPE = 0.2  # slope of the leaky ReLU below 0
TINY_SQUARE = 1e-6  # keeps the scale of an empty row finite


class WordEncoder(nn.Module):
    """Words of captions (…, longest) → (…, features); 0 is no word.

    Each word has a vector, to which a convolution over it and its two neighbours adds
    what depends on their order. The sum over words is scaled to a mean square of 1 and
    passes a linear layer. The convolution starts at zero, so that a caption is at first
    just the sum of its words. This lets G draw new combinations of words, which no
    training caption has. After Joulin et al., "Bag of Tricks for Efficient Text
    Classification" (2017), and Kim, "Convolutional Neural Networks for Sentence
    Classification" (2014).

    Args:
        captions: the captions whose words get vectors.
        features: size of the result, whose numbers start with unit variance.
    """

    def __init__(self, captions: Captions, features: int) -> None:
        super().__init__()
        self.words = nn.Embedding(len(captions.words) + 1, WORD_WIDTH)
        self.order = nn.Conv1d(WORD_WIDTH, WORD_WIDTH, 3, padding=1)
        self.out = _start_linear(WORD_WIDTH, features)
        nn.init.zeros_(self.order.weight)
        nn.init.zeros_(self.order.bias)  # type: ignore[arg-type]

    def forward(self, rows: Tensor) -> Tensor:
        flat = rows.reshape(-1, rows.shape[-1])
        known = (flat > 0)[:, :, None]
        vectors = self.words(flat) * known
        among = F.leaky_relu(self.order(vectors.transpose(1, 2)), WORD_SLOPE)
        total = ((vectors + among.transpose(1, 2)) * known).sum(dim=1)
        encoded: Tensor = self.out(_scale(total))
        return encoded.view(*rows.shape[:-1], -1)


class VectorEncoder(nn.Module):
    """A user's vectors of captions (…, d) → (…, features).

    The mean of the training captions' vectors is subtracted, the rest is scaled to a
    mean square of 1, and passes a linear layer.

    Args:
        captions, features: the arguments of `WordEncoder`.
    """

    middle: Tensor

    def __init__(self, captions: Captions, features: int) -> None:
        super().__init__()
        self.register_buffer("middle", captions.rows.mean(dim=0))
        self.out = _start_linear(captions.rows.shape[1], features)

    def forward(self, rows: Tensor) -> Tensor:
        encoded: Tensor = self.out(_scale(rows - self.middle))
        return encoded


def build_encoder(captions: Captions, features: int) -> nn.Module:
    """Build the encoder for captions: for the user's own vectors, or for words.

    Example:
        >>> from ganaug.gan.inputs.captions import gather_captions
        >>> captions = gather_captions(["a red three", "a blue four"], [0, 0])
        >>> build_encoder(captions, 16)(captions.rows).shape
        torch.Size([2, 16])
    """
    kind = WordEncoder if captions.encode is None else VectorEncoder
    return kind(captions, features)


def _scale(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + TINY_SQUARE)


def _start_linear(before: int, after: int) -> nn.Linear:
    layer = nn.Linear(before, after)
    with torch.no_grad():
        layer.weight.normal_().mul_(1 / math.sqrt(before))
        layer.bias.zero_()
    return layer
