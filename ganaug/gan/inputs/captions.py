"""Captions: the texts that a GAN is trained on, as numbers for its networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.gan.inputs.words import split_words
from ganaug.records import Types, conform_fields

MOST_WORDS = 64  # words of a caption that are read
# share of a vector's length by which an encoder may differ between two machines
ENCODER_TOLERANCE = 1e-2

Encode = Callable[[list[str]], NDArray[Any]]  # n captions → (n, d)


@dataclass(frozen=True, eq=False)
class Captions:
    """The different captions of a training set, each with a number.

    Captions with the same words share a number.

    Attributes:
        texts: text of each number.
        words: all words in the texts; word k has the number k + 1. Empty with `encode`.
        by_class: for each class, the numbers of its images' captions, shuffled once.
        encode: the user's own encoder, or None for the one trained with the GAN.
        probe: vector that `encode` gave for the first text, to recognise the encoder.

    Example:
        >>> captions = gather_captions(["a red 3", "A red 3!", "red 4"], [0, 0, 1])
        >>> captions.texts, captions.words, captions.number(["a RED 3"]).tolist()
        (('a red 3', 'red 4'), ('3', '4', 'a', 'red'), [0])
    """

    texts: tuple[str, ...]
    words: tuple[str, ...]
    by_class: tuple[tuple[int, ...], ...]
    encode: Encode | None = None
    probe: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def width(self) -> int:
        """Length of the rows that `read` gives."""
        return len(self.probe) or MOST_WORDS

    @cached_property
    def rows(self) -> Tensor:
        """Rows that `read` gives for `texts`, cut to the longest text's words."""
        rows = self.read(self.texts)
        if self.encode is not None:
            return rows
        return rows[:, : int((rows > 0).sum(dim=1).max())].clone()

    def number(self, captions: Sequence[str]) -> NDArray[np.int64]:
        """Return the number (n,) of each caption, -1 where no text has its words."""
        known = {self._key(text): k for k, text in enumerate(self.texts)}
        return np.array([known.get(self._key(c), -1) for c in captions], np.int64)

    def find_class(self, caption: str) -> int | None:
        """Return the class with this caption; None where none or several have it."""
        (number,) = self.number([caption])
        found = [k for k, own in enumerate(self.by_class) if number in own]
        return found[0] if len(found) == 1 else None

    def read(self, captions: Sequence[str]) -> Tensor:
        """Return the captions as networks take them: numbers of words, or vectors.

        Words that no training caption has are omitted.

        Returns:
            (n, MOST_WORDS) int64, 0 for no word; with `encode`, (n, d) float32.

        Raises:
            DataError: a caption has no words of training captions, or `encode` does
                not give (n, d) finite numbers.
        """
        if self.encode is not None:
            return torch.from_numpy(_call(self.encode, captions, len(self.probe)))
        numbers = {word: k + 1 for k, word in enumerate(self.words)}
        rows = torch.zeros(len(captions), MOST_WORDS, dtype=torch.int64)
        for row, caption in zip(rows, captions, strict=True):
            words = (word for word in split_words(caption) if word in numbers)
            known = [numbers[word] for word in words][:MOST_WORDS]
            if not known:
                raise DataError(
                    f"the caption {caption!r} has no word of the training captions; "
                    f"write one like {self.texts[0]!r}"
                )
            row[: len(known)] = torch.tensor(known)
        return rows

    def find_unknown(self, captions: Sequence[str]) -> list[str]:
        """Return the words that no training caption has, sorted."""
        if self.encode is not None:
            return []
        words = {word for caption in captions for word in split_words(caption)}
        return sorted(words - set(self.words))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file; a user's encoder leaves only its probe."""
        return {
            "texts": list(self.texts),
            "words": list(self.words),
            "by_class": [list(own) for own in self.by_class],
            "probe": list(self.probe),
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any], encode: Encode | None = None) -> Captions:
        """Return the captions that `to_dict` described.

        Raises:
            ConfigError: the encoder is missing, is another one, or is not needed.
        """
        captions = Captions(
            tuple(values["texts"]),
            tuple(values["words"]),
            tuple(map(tuple, values["by_class"])),
            probe=tuple(values["probe"]),
        )
        _check_encoder(captions, encode)
        return replace(captions, encode=encode)

    def _key(self, caption: str) -> tuple[str, ...]:
        """Return a key that is equal for captions which networks cannot tell apart."""
        return tuple(caption.split()) if self.probe else split_words(caption)


def gather_captions(
    captions: Sequence[str],
    labels: Sequence[int] | NDArray[np.int64],
    *,
    encode: Encode | None = None,
    seed: int = 0,
) -> Captions:
    """Collect the captions of a training set.

    Args:
        captions: (n,) captions of the training images.
        labels: (n,) classes of the training images.
        encode: captions → (n, d) numbers, in place of the encoder trained with the GAN.
        seed: seed of the order in which a class's captions are drawn.

    Raises:
        DataError: a caption has no words, or `encode` does not give (n, d) numbers.
    """
    first = [" ".join(captions[0].split())]
    probe = () if encode is None else tuple(_call(encode, first)[0].tolist())
    blank = Captions((), (), (), encode, probe)
    texts: dict[tuple[str, ...], str] = {}
    for caption in captions:
        key = blank._key(caption)
        if not key:
            raise DataError(
                f"the caption {caption!r} has no words; write what its image shows"
            )
        texts.setdefault(key, " ".join(caption.split()))
    words = sorted({word for key in texts for word in key}) if encode is None else []
    made = Captions(tuple(texts.values()), tuple(words), (), encode, probe)
    numbers, classes = made.number(captions), np.asarray(labels)
    order = np.random.default_rng(mix_seed("captions", seed)).permutation(len(numbers))
    by_class = tuple(
        tuple(numbers[order[classes[order] == k]].tolist())
        for k in range(int(classes.max()) + 1)
    )
    return replace(made, by_class=by_class)


CAPTION_TYPES: Types = {
    "texts": tuple[str, ...],
    "words": tuple[str, ...],
    "by_class": tuple[tuple[int, ...], ...],
    "probe": tuple[float, ...],
}


def check_captions(values: Any, classes: int) -> dict[str, Any]:
    """Return the values of `Captions.to_dict` in a file, checked.

    Raises:
        ValueError: they have other types, or numbers that no caption has.
    """
    found = conform_fields(values, CAPTION_TYPES)
    numbers = [number for own in found["by_class"] for number in own]
    known = range(len(found["texts"]))
    if not known or any(number not in known for number in numbers):
        raise ValueError("by_class has numbers of captions that are not there")
    if len(found["by_class"]) > classes:
        raise ValueError("by_class has more classes than there are")
    return found


def _call(encode: Encode, captions: Sequence[str], width: int = 0) -> NDArray[Any]:
    """Call the user's encoder; raise DataError unless it gives finite (n, width)."""
    vectors = np.asarray(encode(list(captions)), np.float32)
    fits = vectors.ndim == 2 and len(vectors) == len(captions)
    if not fits or (width and vectors.shape[1] != width):
        raise DataError(
            f"encode gives {vectors.shape} for {len(captions)} captions; it must be "
            f"({len(captions)}, {width or 'd'})"
        )
    if not np.isfinite(vectors).all():
        raise DataError(
            "encode gives numbers that are not finite; make it return finite ones"
        )
    return vectors


def _check_encoder(captions: Captions, encode: Encode | None) -> None:
    """Raise ConfigError unless the encoder is the one of the training."""
    own = bool(captions.probe)
    if own and encode is None:
        raise ConfigError(
            "this run read its captions with your own encoder, which no file contains; "
            "give it again, from Python: encode="
        )
    if not own and encode is not None:
        raise ConfigError("this run learned its caption encoder; omit encode=")
    if encode is None:
        return
    (found,) = _call(encode, captions.texts[:1], len(captions.probe))
    wanted = np.array(captions.probe, np.float32)
    length = max(1e-6, float(np.linalg.norm(wanted)))
    if np.linalg.norm(found - wanted) > ENCODER_TOLERANCE * length:
        raise ConfigError(
            "encode= is not the encoder of the training: it gives other numbers for "
            f"{captions.texts[0]!r}; give the same encoder"
        )
