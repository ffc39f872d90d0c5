"""Drawer: what fills a store with candidates, from a generator or from a translator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Numbers = NDArray[np.int64]  # (n,)


class Source(NamedTuple):
    """What a candidate was drawn from; empty where it is nothing of that kind.

    Attributes:
        source_id: hash of the source image.
        domain: domain of the candidate.
        source_domain: domain of the source image.
    """

    source_id: str = ""
    domain: str = ""
    source_domain: str = ""


class Drawer(Protocol):
    """Draws candidates, each decided by the seed, its class and its index in that.

    Attributes:
        size: (height, width) of the candidates.
        channels: their number of channels.
        device: where they are drawn.
        reads_captions: whether each is drawn from a caption.
    """

    @property
    def size(self) -> tuple[int, int]: ...

    @property
    def channels(self) -> int: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def reads_captions(self) -> bool: ...

    def sample_rows(
        self,
        labels: Numbers,
        indices: Numbers,
        *,
        seed: int,
        captions: Sequence[str] | None = None,
    ) -> NDArray[np.uint8]:
        """Draw candidates (n, h, w, c) of classes (n,) with indices (n,) in these."""

    def choose_captions(self, labels: Numbers, indices: Numbers) -> list[str]:
        """Choose (n,) captions, where it reads any."""

    def find_sources(
        self, labels: Numbers, indices: Numbers, *, seed: int
    ) -> list[Source]:
        """Return (n,) what each candidate is drawn from."""
