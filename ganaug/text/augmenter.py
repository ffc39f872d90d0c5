"""TextAugmenter: labelled texts in, more texts of the same classes out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ganaug import engine
from ganaug.errors import ConfigError
from ganaug.spelling import suggest
from ganaug.tables.draws import Labels, Lender, find_partners
from ganaug.tables.resampling import check_filters
from ganaug.tables.training import RowSet, draw_changes
from ganaug.text.autoencoder import write_texts
from ganaug.text.drawing import (
    REWRITE,
    TOP_P,
    DrawnTexts,
    TextSource,
    check_shares,
    draw_texts,
)
from ganaug.text.editing import ClassWords, count_classes, edit_texts
from ganaug.text.filters import FILTERS, Embed, TextFilter, fit_text_filter
from ganaug.text.settings import TextConfig
from ganaug.text.text_set import Label, check_text, read_texts, strip_text
from ganaug.text.training import TrainedTexts, embed_texts, load_texts, train_texts
from ganaug.training.progress import Progress

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

    def __init__(self, trained: TrainedTexts, encoder: Embed | None = None) -> None:
        self._trained, self._encoder = trained, encoder
        self._known = frozenset(map(strip_text, trained.data.every))
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
        unlabelled: Sequence[str] = (),
        encoder: Embed | None = None,
        budget: float | None = None,
        config: TextConfig | None = None,
        progress: Progress | None = None,
    ) -> TextAugmenter:
        """Train on labelled texts; with a folder, the same call resumes.

        Args:
            texts: texts of any language; of a long one, the beginning is read.
            labels: one text, whole number, number or truth value for each.
            out: folder of the training; None keeps nothing.
            unlabelled: further texts of the same kind, whose class is not known.
            encoder: your own sentence encoder: a function from a list of texts to an
                array (n, d). The filters then judge by it which class a text is of, and
                what is a copy.
            budget: most seconds of training.
            config: settings; the usual ones by default.
            progress: function that is called about twice a second with a `Status`.

        Raises:
            DataError: a text is empty or no text, a label is missing, or there are
                not as many labels as texts.
            RunError: the folder belongs to something else.
        """
        folder = None if out is None else Path(out)
        data = read_texts(texts, labels, unlabelled)
        trained = train_texts(
            data, config or TextConfig(),
            folder=folder, budget=budget, progress=progress,
        )  # fmt: skip
        return TextAugmenter(trained, encoder)

    @staticmethod
    def load(
        run: str | os.PathLike[str], *, encoder: Embed | None = None
    ) -> TextAugmenter:
        """Read the folder of a finished training; `encoder` as for `fit`.

        Raises:
            RunError: it holds no finished training on texts.
            CheckpointError: a file of weights is damaged.
        """
        return TextAugmenter(load_texts(Path(run)), encoder)

    @cached_property
    def judge(self) -> TextFilter:
        """The filters, fitted on the real texts at first use."""
        trained = self._trained
        return fit_text_filter(
            trained.data.texts,
            trained.rows.labels,
            trained.vocabulary,
            trained.config.length,
            encoder=self._encoder,
        )

    @cached_property
    def _tokens(self) -> list[list[int]]:
        """Numbers of the tokens of each real text."""
        trained = self._trained
        length = trained.config.length
        return [trained.vocabulary.encode(text, length) for text in trained.data.texts]

    @cached_property
    def _words(self) -> list[ClassWords]:
        """The words of each class."""
        trained = self._trained
        return count_classes(self._tokens, trained.rows.labels, trained.vocabulary)

    def sample(
        self,
        label: Label,
        n: int,
        *,
        seed: int = 0,
        top_p: float = TOP_P,
        rewrite: float | None = REWRITE,
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
            rewrite: share, in (0, 1], of the words that do not tell the class that are
                written anew; None writes the whole text from its latent.
            filters: some of `label`, `copy` and `fluency`, or none, see `TextFilter`.

        Raises:
            ConfigError: there is no such class or filter, or a number is out of range.
        """
        found = self.draw(
            label, n, seed=seed, top_p=top_p, rewrite=rewrite, filters=filters
        )
        return [drawn.text for drawn in found.texts]

    def draw(
        self,
        label: Label,
        n: int,
        *,
        seed: int = 0,
        top_p: float = TOP_P,
        rewrite: float | None = REWRITE,
        filters: tuple[str, ...] = FILTERS,
    ) -> DrawnTexts:
        """Write texts as `sample` does, with their origin and their scores."""
        chosen = self._find_class(label)
        rows = self._trained.rows
        members = np.flatnonzero(rows.labels == chosen)
        return self._draw(
            _Origins(rows, self._tokens, members), n, seed=seed, top_p=top_p,
            rewrite=rewrite, filters=filters,
        )  # fmt: skip

    def augment(
        self,
        text: str,
        n: int,
        *,
        label: Label | None = None,
        seed: int = 0,
        top_p: float = TOP_P,
        rewrite: float | None = REWRITE,
        filters: tuple[str, ...] = FILTERS,
    ) -> list[str]:
        """Write n variants of a text, of its class.

        Args:
            text: any text.
            n: number of variants.
            label: its class; by default that of the most similar texts.
            seed: seed of the draws.
            top_p: in (0, 1]; lower values write likelier words.
            rewrite: share, in (0, 1], of the words that do not tell the class that are
                written anew; None writes the whole text from its latent.
            filters: some of `label`, `copy` and `fluency`, or none.

        Raises:
            DataError: the text is empty or no text.
            ConfigError: there is no such class or filter, or a number is out of range.
        """
        check_text(text, "the text")
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
        own = trained.vocabulary.encode(text, trained.config.length)
        last = np.array([len(real.rows)])
        found = self._draw(
            _Origins(rows, [*self._tokens, own], last), n, seed=seed, top_p=top_p,
            rewrite=rewrite, filters=filters, known=frozenset([strip_text(text)]),
        )  # fmt: skip
        return [drawn.text for drawn in found.texts]

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
        origins: _Origins,
        n: int,
        *,
        seed: int,
        top_p: float,
        rewrite: float | None,
        filters: tuple[str, ...],
        known: frozenset[str] = frozenset(),
    ) -> DrawnTexts:
        """Write n texts from the origins in turn, new ones where it can."""
        if n < 0:
            raise ConfigError(f"n={n} is not allowed: give a number of texts from 0")
        check_shares(top_p, rewrite)
        check_filters(filters, FILTERS, "texts")
        label = int(origins.rows.labels[origins.members[0]])
        source = TextSource(
            write=lambda anchors, seed, turn: self._write(
                origins,
                anchors,
                seed,
                top_p,
                # where little can change, more of it does from round to round
                None if rewrite is None else min(1.0, rewrite * (1 + turn / 2)),
            ),
            judge=lambda texts: self.judge.judge(texts, label),
            filters=filters,
            members=origins.members,
            known=self._known | known,
        )
        return draw_texts(source, n, seed=seed, label=label)

    def _write(
        self,
        origins: _Origins,
        anchors: Labels,
        seed: int,
        top_p: float,
        rewrite: float | None,
    ) -> list[str]:
        """Write a text from each of the origins `anchors` (n,), moved by the GAN."""
        trained = self._trained
        rows = origins.rows
        moved = draw_changes(trained.generator, rows, anchors, self._lender, seed)
        latents = F.normalize(torch.from_numpy(moved), dim=1)
        with engine.one_thread():
            if rewrite is None:
                written = write_texts(
                    trained.model, latents, length=trained.config.length, top_p=top_p,
                    random=torch.Generator().manual_seed(seed),
                )  # fmt: skip
            else:
                written = edit_texts(
                    trained.model, latents, [origins.tokens[k] for k in anchors],
                    self._words[int(rows.labels[anchors[0]])], share=rewrite,
                    top_p=top_p, random=np.random.default_rng(seed),
                )  # fmt: skip
        return [trained.vocabulary.decode(row) for row in written]


class _Origins(NamedTuple):
    """Latents with classes, their tokens, and those that texts begin as, in turn."""

    rows: RowSet
    tokens: Sequence[Sequence[int]]
    members: Labels
