"""Captioning: which caption each image of a store has, or gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import CAPTION
from ganaug.errors import StoreError
from ganaug.synth.counts import MOST
from ganaug.synth.store import manifest
from ganaug.synth.synthesizer import Synthesizer


class Captioning:
    """Captions of a store's rows; new rows get the one in turn, or one of their class.

    Args:
        path: of the store.
        synthesizer: reads captions.
        classes: of the store, in label order.

    Attributes:
        asked: the caption that new rows get, None for training captions of their class.
        kept, drawn: rows of each caption when the store was opened, rejected candidates
            being among the drawn ones alone.
    """

    def __init__(
        self, path: Path, synthesizer: Synthesizer, classes: Sequence[str]
    ) -> None:
        self.synthesizer, self.classes = synthesizer, tuple(classes)
        self.asked: str | None = None
        self.kept: Counter[str] = Counter()
        self.drawn: Counter[str] = Counter()
        self._known: dict[tuple[str, int], str] = {}
        for row in manifest.read_rows(path / manifest.NAME):
            self._known[row.class_name, row.place] = row.caption
            self.kept[row.caption] += row.kept
            self.drawn[row.caption] += 1

    def find(self, labels: NDArray[np.int64], indices: NDArray[np.int64]) -> list[str]:
        """(n,) captions of these rows."""
        if self.asked is None:
            usual = self.synthesizer.choose_captions(labels, indices)
        else:
            usual = [self.asked] * len(labels)
        names = (self.classes[k] for k in labels.tolist())
        rows = zip(names, indices.tolist(), usual, strict=True)
        return [self._known.get((name, i), caption) for name, i, caption in rows]


def place_captions(
    synthesizer: Synthesizer, captions: Mapping[str, int]
) -> dict[str, str]:
    """The class under which each caption's images go.

    It is the one whose training images have the caption; where that is not so for every
    caption asked for, all go under `caption`.

    Args:
        synthesizer: of a run.
        captions: images wanted of each.

    Raises:
        StoreError: a number is not allowed, or the total.
        DataError: the generator reads no captions, or no word of one.
    """
    _check_numbers(captions)
    known = synthesizer.captions
    known.read(list(captions))
    synthesizer.warn_of_unknown(list(captions))
    labels = [known.find_class(caption) for caption in captions]
    names = [None if k is None else synthesizer.classes[k] for k in labels]
    if None in names:
        return dict.fromkeys(captions, CAPTION)
    return {text: str(name) for text, name in zip(captions, names, strict=True)}


def _check_numbers(captions: Mapping[str, int]) -> None:
    for caption, n in captions.items():
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise StoreError(
                f"{n!r} images of the caption {caption!r} are asked for; it must be a "
                f"whole number from 1 to {MOST:,}"
            )
    if not captions or sum(captions.values()) > MOST:
        raise StoreError(
            f"{sum(captions.values()):,} images are asked for; a store holds from 1 to "
            f"{MOST:,}"
        )
