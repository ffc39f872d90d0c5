"""SmallCNN: a classifier of texts by convolutions over their words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug import engine
from ganaug.text.autoencoder import pad_rows
from ganaug.text.vocabulary import PAD, Vocabulary, fit_vocabulary

LENGTH = 48  # tokens
WORDS = 8_000
WIDTHS = (2, 3, 4)  # tokens that a filter sees
FEATURES = 48  # filters of each width
EMBEDDING = 48
STEPS = 300
BATCH = 64
DROPOUT = 0.5


class SmallCNN:
    """Kim, "Convolutional Neural Networks for Sentence Classification" (2014).

    Every training has the same number of steps, whatever number of texts it has.

    Args:
        weighted: whether rare classes weigh more.
        seed: seed of weights and batches.

    Example:
        >>> texts = ["a b c", "b a d"] * 8
        >>> SmallCNN(steps=20).fit(texts, np.arange(16) % 2).predict(["a b c"]).tolist()
        [0]
    """

    def __init__(
        self, *, weighted: bool = False, seed: int = 0, steps: int = STEPS
    ) -> None:
        self.weighted, self.seed, self.steps = weighted, seed, steps

    def fit(self, texts: Sequence[str], y: NDArray[np.int64]) -> SmallCNN:
        """Train on texts of classes (n,) from 0."""
        self.vocabulary = fit_vocabulary(list(texts), WORDS)
        rows = [self.vocabulary.encode(text, LENGTH) for text in texts]
        counts = np.bincount(y)
        weights = len(y) / (len(counts) * np.maximum(counts, 1))
        weight = torch.tensor(weights, dtype=torch.float32) if self.weighted else None
        with engine.one_thread(), engine.seeded(self.seed):
            self.network = _Network(self.vocabulary, len(counts))
            optimiser = torch.optim.Adam(self.network.parameters(), 2e-3)
            for k in range(self.steps):
                picked = _pick(len(rows), k, self.seed)
                x = pad_rows([rows[i] for i in picked])
                loss = F.cross_entropy(
                    self.network(x), torch.from_numpy(y[picked]), weight
                )
                optimiser.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        self.network.eval()
        return self

    @torch.inference_mode()
    def predict(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the classes (n,) of texts."""
        rows = [self.vocabulary.encode(text, LENGTH) for text in texts]
        with engine.one_thread():
            parts = [
                self.network(pad_rows(rows[k : k + 256])).argmax(dim=1).numpy()
                for k in range(0, len(rows), 256)
            ]
        return np.concatenate(parts)


class _Network(nn.Module):
    """Embeddings, filters of several widths, the largest answer of each, classes."""

    def __init__(self, vocabulary: Vocabulary, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(vocabulary), EMBEDDING, padding_idx=PAD)
        self.filters = nn.ModuleList(
            nn.Conv1d(EMBEDDING, FEATURES, width, padding=width - 1) for width in WIDTHS
        )
        self.classes = nn.Linear(FEATURES * len(WIDTHS), classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (n, classes) of padded rows (n, t)."""
        x = self.embedding(rows).transpose(1, 2)
        seen = torch.cat([F.relu(f(x)).amax(dim=2) for f in self.filters], dim=1)
        logits: Tensor = self.classes(F.dropout(seen, DROPOUT, self.training))
        return logits


def _pick(n: int, step: int, seed: int) -> NDArray[np.int64]:
    """Choose the texts of a step: all of them in turn, in a new order each time."""
    places = np.arange(step * BATCH, (step + 1) * BATCH)
    rounds = {
        k: np.random.default_rng((seed, k)).permutation(n)
        for k in np.unique(places // n).tolist()
    }
    return np.array([rounds[p // n][p % n] for p in places.tolist()], np.int64)
