"""Autoencoder: from the tokens of a text to one latent, and back word by word."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from ganaug.text.settings import TextConfig
from ganaug.text.vocabulary import END, PAD, START, UNKNOWN

UNWRITTEN = [PAD, START, UNKNOWN]


class Autoencoder(nn.Module):
    """Two gated recurrent networks with one latent of length 1 between them.

    The decoder gets the latent at every token, beside the token before it.
    Zhao et al., "Adversarially Regularized Autoencoders" (2018), draw from such
    latents; Vincent et al. (2008) is the source of learning from damaged input.

    Args:
        tokens: size of the vocabulary.
        config: sizes of the layers.

    Example:
        >>> model = Autoencoder(9, TextConfig(embedding=4, hidden=6, latent=3))
        >>> latents = model.encode(pad_rows([[4, 5, END], [6, END]]))
        >>> latents.shape, model(latents, torch.zeros(2, 5, dtype=torch.int64)).shape
        (torch.Size([2, 3]), torch.Size([2, 5, 9]))
    """

    def __init__(self, tokens: int, config: TextConfig) -> None:
        super().__init__()
        size, state = config.embedding, config.hidden
        self.embedding = nn.Embedding(tokens, size)
        self.reader = nn.GRU(size, state, batch_first=True, bidirectional=True)
        self.to_latent = nn.Linear(2 * state, config.latent)
        self.to_state = nn.Linear(config.latent, state)
        self.writer = nn.GRU(size + config.latent, state, batch_first=True)
        self.to_embedding = nn.Linear(state, size)
        self.bias = nn.Parameter(torch.zeros(tokens))

    def encode(self, rows: Tensor) -> Tensor:
        """Return the latents (n, latent) of padded rows (n, t), each of length 1."""
        lengths = (rows != PAD).sum(dim=1).clamp(min=1).cpu()
        packed = pack_padded_sequence(
            self.embedding(rows), lengths, batch_first=True, enforce_sorted=False
        )
        state = self.reader(packed)[1]
        return F.normalize(self.to_latent(torch.cat([*state], dim=1)), dim=1)

    def forward(self, latents: Tensor, before: Tensor) -> Tensor:
        """Return logits (n, t, tokens) of what follows the tokens `before` (n, t)."""
        return self.write(latents, before, self.start(latents))[0]

    def start(self, latents: Tensor) -> Tensor:
        """Return the decoder's first state (1, n, hidden)."""
        return torch.tanh(self.to_state(latents))[None]

    def write(
        self, latents: Tensor, before: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return logits (n, t, tokens) after tokens (n, t), and the new state."""
        beside = latents[:, None].expand(-1, before.shape[1], -1)
        inputs = torch.cat([self.embedding(before), beside], dim=2)
        seen, state = self.writer(inputs, state)
        # the output shares the table of the input, which small sets of texts need
        return F.linear(
            self.to_embedding(seen), self.embedding.weight, self.bias
        ), state


def pad_rows(rows: Sequence[Sequence[int]]) -> Tensor:
    """Return rows of numbers as one array (n, longest), filled with PAD."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


def shift_rows(rows: Tensor) -> Tensor:
    """Return rows (n, t) with START before them and without their last token.

    Example:
        >>> shift_rows(torch.tensor([[4, 5, END]])).tolist() == [[START, 4, 5]]
        True
    """
    return F.pad(rows[:, :-1], (1, 0), value=START)


@torch.inference_mode()
def write_texts(
    model: Autoencoder,
    latents: Tensor,
    *,
    length: int,
    top_p: float,
    random: torch.Generator,
) -> list[list[int]]:
    """Decode latents (n, latent) token by token, from the likeliest ones.

    Each token is drawn from the fewest tokens whose probabilities sum to `top_p`:
    Holtzman et al., "The Curious Case of Neural Text Degeneration" (2020).

    Args:
        model: trained autoencoder.
        latents: latents of length 1.
        length: most tokens of a text.
        top_p: in (0, 1]; near 0 always takes the likeliest token.
        random: source of the draws.
    """
    state = model.start(latents)
    token = torch.full((len(latents), 1), START)
    written, done = [], torch.zeros(len(latents), dtype=torch.bool)
    for _ in range(length):
        logits, state = model.write(latents, token, state)
        logits = logits[:, 0].index_fill(1, torch.tensor(UNWRITTEN), -torch.inf)
        token = draw_top(logits.softmax(dim=1), top_p, random)[:, None]
        written.append(torch.where(done[:, None], END, token))
        done |= token[:, 0] == END
        if done.all():
            break
    rows: list[list[int]] = torch.cat(written, dim=1).tolist()
    return rows


def draw_top(p: Tensor, top_p: float, random: torch.Generator) -> Tensor:
    """Draw a column of each row of probabilities (n, k) from its likeliest ones.

    Example:
        >>> p = torch.tensor([[0.1, 0.6, 0.3]])
        >>> draw_top(p, 0.5, torch.Generator()).tolist()
        [1]
    """
    ordered, places = p.sort(dim=1, descending=True, stable=True)
    before = ordered.cumsum(dim=1) - ordered
    kept = ordered.masked_fill(before >= top_p, 0.0)
    return places.gather(1, torch.multinomial(kept, 1, generator=random))[:, 0]
