"""TextAugmenter: labelled texts in, more texts of the same classes out."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ganaug import engine
from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.spelling import suggest
from ganaug.tables.draws import Labels, Lender, find_partners
from ganaug.tables.resampling import FILTERS, check_filters
from ganaug.tables.training import RowSet, draw_changes
from ganaug.text.autoencoder import write_texts
from ganaug.text.filters import TextFilter, fit_text_filter
from ganaug.text.settings import TextConfig
from ganaug.text.training import (
    Label,
    TextSet,
    TrainedTexts,
    embed_texts,
    load_texts,
    train_texts,
)
from ganaug.training.progress import Progress

ROUNDS = 8  # times that missing texts are drawn again
SPARE = 1.5  # candidates per missing text
Fault = tuple[bool, bool, bool, bool, float]  # empty, known, copy, wrong class, …
NEIGHBOURS = 5  # real texts that say the class of another one


class TextAugmenter:
    """Writes new texts of the classes of labelled ones.

    A real text's latent is moved as a GAN learned that texts of one class differ, and
    written out again. Make one with `fit` or `load`.

    Attributes:
        classes: labels, in order.

    Example:
        >>> from ganaug import TextAugmenter
        >>> from ganaug.text.settings import TextConfig
        >>> small = TextConfig(images=320, gan_images=640, hidden=16, latent=8)
        >>> texts = ["where is Rome ?", "where is Bern ?", "who was Bach ?"]
        >>> labels = ["place", "place", "person"]
        >>> writer = TextAugmenter.fit(texts, labels, config=small)
        >>> len(writer.sample("place", 4, seed=1))
        4
    """

    def __init__(self, trained: TrainedTexts) -> None:
        self._trained = trained
        self._known = frozenset(map(_strip, trained.data.texts))
        rows = trained.rows
        near = find_partners(rows.rows, rows.labels, trained.config.gan.neighbours)
        self._lender = Lender(rows.labels, torch.from_numpy(near))

    @property
    def classes(self) -> tuple[Label, ...]:
        """Labels, in the order of their numbers."""
        return self._trained.data.classes

    @staticmethod
    def fit(
        texts: Sequence[str],
        labels: Sequence[Any],
        out: str | os.PathLike[str] | None = None,
        *,
        budget: float | None = None,
        config: TextConfig | None = None,
        progress: Progress | None = None,
    ) -> TextAugmenter:
        """Train on labelled texts; with a folder, the same call resumes.

        Args:
            texts: texts of any language; of a long one, the beginning is read.
            labels: one text, whole number, number or truth value for each.
            out: folder of the training; None keeps nothing.
            budget: most seconds of training.
            config: settings; the usual ones by default.
            progress: function that is called about twice a second with a `Status`.

        Raises:
            DataError: a text is empty or no text, a label is missing, or there are
                not as many labels as texts.
            RunError: the folder belongs to something else.
        """
        folder = None if out is None else Path(out)
        data = read_texts(texts, labels)
        trained = train_texts(
            data, config or TextConfig(),
            folder=folder, budget=budget, progress=progress,
        )  # fmt: skip
        return TextAugmenter(trained)

    @staticmethod
    def load(run: str | os.PathLike[str]) -> TextAugmenter:
        """Read the folder of a finished training.

        Raises:
            RunError: it holds no finished training on texts.
            CheckpointError: a file of weights is damaged.
        """
        return TextAugmenter(load_texts(Path(run)))

    @cached_property
    def judge(self) -> TextFilter:
        """The filters, fitted on the real texts at first use."""
        trained = self._trained
        return fit_text_filter(
            trained.data.texts,
            trained.rows.labels,
            trained.vocabulary,
            trained.config.length,
        )

    def sample(
        self,
        label: Label,
        n: int,
        *,
        seed: int = 0,
        top_p: float = 0.9,
        filters: tuple[str, ...] = FILTERS,
    ) -> list[str]:
        """Write n texts of a class, each from one of its real texts in turn.

        Empty texts, repetitions and what the filters refuse are drawn again some times;
        only if the others do not suffice, the nearest to passing are in the result.

        Args:
            label: one of `classes`.
            n: number of texts.
            seed: seed of the draws.
            top_p: in (0, 1]; lower values write likelier words.
            filters: `label`, `copy`, both or none, see `TextFilter`.

        Raises:
            ConfigError: there is no such class or filter, or a number is out of range.
        """
        chosen = self._find_class(label)
        rows = self._trained.rows
        members = np.flatnonzero(rows.labels == chosen)
        return self._draw(rows, members, n, seed=seed, top_p=top_p, filters=filters)

    def augment(
        self,
        text: str,
        n: int,
        *,
        label: Label | None = None,
        seed: int = 0,
        top_p: float = 0.9,
        filters: tuple[str, ...] = FILTERS,
    ) -> list[str]:
        """Write n variants of a text, of its class.

        Args:
            text: any text.
            n: number of variants.
            label: its class; by default that of the most similar texts.
            seed: seed of the draws.
            top_p: in (0, 1]; lower values write likelier words.
            filters: `label`, `copy`, both or none.

        Raises:
            DataError: the text is empty or no text.
            ConfigError: there is no such class or filter, or a number is out of range.
        """
        _check_text(text, "the text")
        trained = self._trained
        latents = embed_texts(
            trained.model, trained.vocabulary, [text], trained.config.length
        )
        chosen = self._guess(latents) if label is None else self._find_class(label)
        real = trained.rows
        rows = RowSet(
            real.encoder,
            np.concatenate([real.rows, latents]),
            np.append(real.labels, chosen),
        )
        last = np.array([len(real.rows)])
        return self._draw(
            rows, last, n,
            seed=seed, top_p=top_p, filters=filters, known=frozenset([_strip(text)]),
        )  # fmt: skip

    def _find_class(self, label: Label) -> int:
        for k, name in enumerate(self.classes):
            if name == label and isinstance(name, str) == isinstance(label, str):
                return k
        names = [str(name) for name in self.classes]
        shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
        raise ConfigError(
            f"there is no class {label!r}{suggest(str(label), names)}; choose one of "
            f"{shown}"
        )

    def _guess(self, latents: NDArray[np.float32]) -> int:
        rows = self._trained.rows
        nearest = np.argsort(-(rows.rows @ latents[0]), kind="stable")[:NEIGHBOURS]
        return int(np.bincount(rows.labels[nearest]).argmax())

    def _draw(
        self,
        rows: RowSet,
        members: Labels,
        n: int,
        *,
        seed: int,
        top_p: float,
        filters: tuple[str, ...],
        known: frozenset[str] = frozenset(),
    ) -> list[str]:
        """Write n texts from rows `members` (m,) in turn, new ones where it can."""
        _check_numbers(n, top_p)
        check_filters(filters)
        seen = {"", *self._known, *known}
        label = int(rows.labels[members[0]])
        good: list[str] = []
        rest: list[tuple[Fault, str]] = []
        for turn in range(ROUNDS):
            if len(good) >= n:
                break
            many = math.ceil(SPARE * (n - len(good)))
            first = mix_seed("texts", seed, label, turn)
            order = np.random.default_rng(first).permutation(members)
            made = self._write(rows, np.resize(order, many), first, top_p)
            for text, fault in zip(
                made, self._judge(made, label, filters), strict=True
            ):
                same = _strip(text)
                new, passed = same not in seen, fault[:2] == (False, False)
                if new and passed:
                    good.append(text)
                else:
                    rest.append(((not same, not new, *fault), text))
                seen.add(same)
        rest.sort(key=lambda found: found[0])
        return [*good, *(text for _, text in rest)][:n]

    def _judge(
        self, texts: list[str], label: int, filters: tuple[str, ...]
    ) -> list[tuple[bool, bool, float]]:
        """Say whether each is a copy, of another class, and how unlike its class."""
        if not filters:
            return [(False, False, 0.0)] * len(texts)
        found = self.judge.judge(texts, label)
        return [
            (bool(copied) and "copy" in filters, bool(wrong) and "label" in filters, -p)
            for copied, wrong, p in zip(
                found.copied, found.wrong, found.agreement.tolist(), strict=True
            )
        ]

    def _write(
        self, rows: RowSet, anchors: Labels, seed: int, top_p: float
    ) -> list[str]:
        """Write a text from each of the rows `anchors` (n,), moved by the GAN."""
        trained = self._trained
        moved = draw_changes(trained.generator, rows, anchors, self._lender, seed)
        random = torch.Generator().manual_seed(seed)
        with engine.one_thread():
            written = write_texts(
                trained.model, F.normalize(torch.from_numpy(moved), dim=1),
                length=trained.config.length, top_p=top_p, random=random,
            )  # fmt: skip
        return [trained.vocabulary.decode(row) for row in written]


def read_texts(texts: Sequence[str], labels: Sequence[Any]) -> TextSet:
    """Check texts and labels, and number the classes.

    Raises:
        DataError: as `TextAugmenter.fit` does.

    Example:
        >>> read_texts(["a b", "c"], [7, 3]).classes
        (3, 7)
    """
    if isinstance(texts, str) or isinstance(labels, str):
        raise DataError("texts and labels are lists; give a list with one entry")
    found, named = list(texts), [_plain(x, k) for k, x in enumerate(labels)]
    if len(found) != len(named) or not found:
        raise DataError(
            f"there are {len(found)} texts and {len(named)} labels; give one label for "
            "each text, and at least one"
        )
    for k, text in enumerate(found):
        _check_text(text, f"text {k}")
    classes = sorted(set(named), key=_order)
    numbers = {name: k for k, name in enumerate(classes)}
    return TextSet(
        tuple(map(str, found)), tuple(numbers[x] for x in named), tuple(classes)
    )


def _plain(label: Any, place: int) -> Label:
    value = label.item() if isinstance(label, np.generic) else label
    missing = isinstance(value, float) and not math.isfinite(value)
    if not isinstance(value, str | int | float) or missing:
        raise DataError(
            f"label {place} is {label!r}; labels are texts, numbers or truth values"
        )
    return value


def _order(label: Label) -> tuple[bool, float, str]:
    written = isinstance(label, str)
    return (True, 0.0, label) if isinstance(label, str) else (written, label, "")


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str):
        raise DataError(f"{name} is {text!r}; give texts, and leave others out")
    if not text.strip():
        raise DataError(f"{name} is empty; leave it out, with its label")


def _check_numbers(n: int, top_p: float) -> None:
    if n < 0:
        raise ConfigError(f"n={n} is not allowed: give a number of texts from 0")
    if not 0 < top_p <= 1:
        raise ConfigError(f"top_p={top_p} is not allowed: it must lie in (0, 1]")


def _strip(text: str) -> str:
    """Return what makes two texts the same: case and white space do not count."""
    return " ".join(text.casefold().split())
