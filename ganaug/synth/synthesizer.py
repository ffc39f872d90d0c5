"""Synthesizer: a trained generator that draws labelled images."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.config import TrainConfig
from ganaug.display.words import count
from ganaug.engine import pick_device
from ganaug.errors import CheckpointError, ConfigError, RunError
from ganaug.gan.generators import (
    AT_A_TIME,
    Generators,
    load_generators,
    map_chunks,
)
from ganaug.gan.inputs.captions import Captions, Encode
from ganaug.gan.inputs.latents import choose_source_images, draw_latents
from ganaug.gan.inputs.source_images import SourceImages
from ganaug.gan.run_folder import GENERATOR
from ganaug.spelling import suggest
from ganaug.synth.source_images import fit_source_images
from ganaug.synth.store.manifest import Source

logger = logging.getLogger(__name__)


class Synthesizer:
    """Draws labelled images from the generator of a run or of a store.

    An image is decided by the seed, its class and its index in the class, or by its
    caption and index; neither the number of requested images nor their order changes
    it.

    Attributes:
        generators: the networks that draw.

    Example:
        >>> from ganaug.gan.generators import Member
        >>> from ganaug.gan.networks.build import build_generator
        >>> from ganaug.gan.inputs.value_range import full_span
        >>> config = TrainConfig(height=8, width=8, channels=1)
        >>> network = Member(build_generator(config, 2).eval(), ("cat", "dog"))
        >>> synthesizer = Synthesizer(Generators(
        ...     config, ("cat", "dog"), (network,), (8, 8), "", torch.device("cpu"),
        ...     full_span(1),
        ... ))
        >>> synthesizer.sample(["dog", "dog", "cat"], seed=1).shape
        (3, 8, 8, 1)
    """

    def __init__(self, generators: Generators) -> None:
        self.generators = generators

    def __repr__(self) -> str:
        classes = count(len(self.classes), "class")
        return f"Synthesizer({classes}, {self.config.describe()})"

    @staticmethod
    def load(
        source: Any, device: str = "auto", *, encode: Encode | None = None
    ) -> Synthesizer:
        """Load the synthesizer of a run folder, a store, or a generator file.

        Args:
            source: any of these.
            device: `auto`, `cpu`, `cuda` or `mps`.
            encode: the encoder of captions that the run was trained with, if any.

        Raises:
            RunError: the run is not finished.
            CheckpointError: there is no generator, it is damaged, or it was trained
                with another encoder.
            ConfigError: this machine has no such device.
        """
        file, where = find_generator(source), pick_device(device)
        return Synthesizer(load_generators(file, where, encode=encode))

    @property
    def config(self) -> TrainConfig:
        return self.generators.config

    @property
    def classes(self) -> tuple[str, ...]:
        return self.generators.classes

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images drawn."""
        return self.config.height, self.config.width

    @property
    def channels(self) -> int:
        return self.config.channels

    @property
    def device(self) -> torch.device:
        return self.generators.device

    @property
    def reads_captions(self) -> bool:
        """Whether the generator draws from captions."""
        return self.generators.captions is not None

    @property
    def at_a_time(self) -> int:
        """Number of candidates to draw before progress is shown."""
        return AT_A_TIME

    @property
    def captions(self) -> Captions:
        """Training captions; raises ConfigError where the generator reads none."""
        known = self.generators.captions
        if known is None:
            raise ConfigError(
                "this generator was not trained with captions; give labels, or train "
                "one with: ganaug train TABLE.csv --set conditioning=caption"
            )
        return known

    def sample(
        self,
        labels: Sequence[str | int] | NDArray[np.int64] | None = None,
        *,
        captions: Sequence[str] | None = None,
        n: int | None = None,
        sources: NDArray[np.uint8] | None = None,
        seed: int = 0,
    ) -> NDArray[np.uint8]:
        """Draw images; the i-th of a class, or of a caption, has index i.

        Args:
            labels: (n,) class names or label numbers; None takes all classes in turn.
                Where captions are read, each image gets one of its class.
            captions: (n,) texts in place of the labels.
            n: number of images when there are no labels; one of each class by default.
            sources: (n, h, w, c) source images of any class, also a new one; without
                labels the i-th image is the i-th of the first class. By default a
                generator that needs source images takes training images of each label.
            seed: another seed draws other images.

        Returns:
            (n, h, w, c) uint8.

        Raises:
            ConfigError: a label is none of the classes, arguments exclude each other,
                or the generator reads no captions or draws from no source images.
            DataError: a caption has no known word, or the source images don't fit.
        """
        if captions is not None:
            if labels is not None or n is not None or sources is not None:
                raise ConfigError(
                    "captions stand in place of labels, n and sources; give one"
                )
            if isinstance(captions, str):
                raise ConfigError(
                    "captions must be a list of texts, one for each image"
                )
            self.warn_of_unknown(captions)
            # equal texts are numbered as equal labels are
            numbers = np.unique(np.array(captions, object), return_inverse=True)[1]
            return self._draw_captions(captions, count_occurrences(numbers), seed)
        if sources is None:
            numbers = self._choose_labels(labels, n)
            return self.sample_rows(numbers, count_occurrences(numbers), seed=seed)
        if n is not None:
            raise ConfigError("sources give the number of images; omit n")
        number = None if labels is None else len(labels)
        images = fit_source_images(sources, self.config, number)
        numbers = self._number([0] * len(images) if labels is None else labels)
        return self._draw_labels(numbers, count_occurrences(numbers), seed, images)

    def sample_rows(
        self,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        *,
        seed: int,
        captions: Sequence[str] | None = None,
    ) -> NDArray[np.uint8]:
        """Draw the images with those indices in their classes, as a manifest has them.

        Args:
            labels: (n,) indices into `classes`; of no effect beside captions.
            indices: (n,) from 0 up.
            captions: (n,) texts; by default training captions of the classes, where
                captions are read at all.

        Returns:
            (n, h, w, c) uint8.
        """
        if captions is None and self.reads_captions:
            captions = self.choose_captions(labels, indices)
        if captions is not None:
            return self._draw_captions(captions, indices, seed)
        known, images = self.generators.sources, None
        if known is not None:
            images = known.images[self._choose(known, labels, indices, seed)]
        return self._draw_labels(labels, indices, seed, images)

    def find_sources(
        self, labels: NDArray[np.int64], indices: NDArray[np.int64], *, seed: int
    ) -> list[Source]:
        """Return the source images that `sample_rows` takes, if it takes any."""
        known = self.generators.sources
        if known is None:
            return [Source()] * len(labels)
        chosen = self._choose(known, labels, indices, seed)
        return [Source(known.hashes[k]) for k in chosen]

    def _draw_labels(
        self,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        seed: int,
        sources: torch.Tensor | None,
    ) -> NDArray[np.uint8]:
        z = self._latents(labels, indices, seed, self.classes)
        y = torch.from_numpy(np.asarray(labels, np.int64))
        out = np.empty((len(z), *self.size, self.config.channels), np.uint8)
        columns = [z, y] if sources is None else [z, y, sources]
        members = self.generators.homes[0][y].numpy()
        with _steady(self.generators.device):
            for member in np.unique(members):
                rows = np.flatnonzero(members == member)
                own_columns = [column[rows] for column in columns]
                out[rows] = map_chunks(self.generators.draw, *own_columns).numpy()
        return out

    def warn_of_unknown(self, captions: Sequence[str]) -> None:
        """Log which words of the captions the generator cannot read."""
        words = self.captions.find_unknown(captions)
        if words:
            logger.warning(
                "no training caption has the word %s; captions are read without it",
                ", ".join(words),
            )

    def choose_captions(
        self, labels: NDArray[np.int64], indices: NDArray[np.int64]
    ) -> list[str]:
        """Choose (n,) training captions of the classes, in turn from their images."""
        known = self.captions
        turns = [known.by_class[k] if k < len(known.by_class) else () for k in labels]
        if not all(turns):
            raise ConfigError("a class has no training captions; give captions")
        own = zip(turns, indices.tolist(), strict=True)
        return [known.texts[numbers[i % len(numbers)]] for numbers, i in own]

    def _draw_captions(
        self, captions: Sequence[str], indices: NDArray[np.int64], seed: int
    ) -> NDArray[np.uint8]:
        """Draw one image of each caption; caption and index decide the latent."""
        known = self.captions
        texts, numbers = np.unique(np.array(captions, object), return_inverse=True)
        rows = known.read(texts.tolist())
        z = self._latents(numbers, indices, seed, texts.tolist())
        if not len(z):
            return np.empty((0, *self.size, self.config.channels), np.uint8)
        with _steady(self.generators.device):
            drawn = map_chunks(self.generators.draw_captions, z, rows[numbers])
        return drawn.numpy()

    def _choose(
        self,
        known: SourceImages,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        seed: int,
    ) -> NDArray[np.int64]:
        """Return numbers (n,) of the source images to draw from."""
        chosen = np.empty(len(labels), np.int64)
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)
            own = known.of_class(int(label)).numpy()
            name = self.classes[label]
            chosen[rows] = own[
                choose_source_images(seed, name, indices[rows], len(own))
            ]
        return chosen

    def _latents(
        self,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        seed: int,
        names: Sequence[str],
    ) -> torch.Tensor:
        z = np.empty((len(labels), self.config.latent), np.float32)
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)
            name = names[label]
            z[rows] = draw_latents(seed, name, indices[rows], self.config.latent)
        return torch.from_numpy(z)

    def _choose_labels(
        self, labels: Sequence[str | int] | NDArray[np.int64] | None, n: int | None
    ) -> NDArray[np.int64]:
        """Return numbers of the labels given, or of all classes in turn."""
        if labels is not None:
            return self._number(labels)
        return np.arange(len(self.classes) if n is None else n) % len(self.classes)

    def _number(
        self, labels: Sequence[str | int] | NDArray[np.int64]
    ) -> NDArray[np.int64]:
        names = {name: k for k, name in enumerate(self.classes)}
        numbers = [
            names.get(label, -1) if isinstance(label, str) else int(label)
            for label in labels
        ]
        for label, number in zip(labels, numbers, strict=True):
            if not 0 <= number < len(names):
                raise ConfigError(
                    f"label {label!r}{suggest(label, names)} is none of the classes "
                    f"{', '.join(names)}, nor a number from 0 to {len(names) - 1}"
                )
        return np.array(numbers, np.int64)


def holds_generator(source: Any) -> bool:
    """Whether this is a run or a store, or its folder or weights, and not images."""
    path = getattr(source, "path", source)
    if not isinstance(path, str | os.PathLike):
        return False
    files = (GENERATOR, "config.json", "meta.json")
    return any((Path(path) / name).is_file() for name in files) or (
        Path(path).suffix == ".safetensors"
    )


def find_generator(source: Any) -> Path:
    """Find the generator file of a run, a store (object or folder) or a file's path.

    Raises:
        RunError: the run is not finished.
        CheckpointError: there is none.
    """
    path = Path(getattr(source, "path", source))
    if path.is_file():
        return path
    if (path / GENERATOR).is_file():
        return path / GENERATOR
    if (path / "config.json").is_file():
        raise RunError(f"{path} is not finished; run ganaug train again to resume")
    what = "holds neither a run nor a store" if path.exists() else "does not exist"
    raise CheckpointError(f"{path} {what}; train a run with: ganaug train DATA")


def count_occurrences(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count how many times each label came before, in place.

    Example:
        >>> count_occurrences(np.array([3, 1, 3, 3])).tolist()
        [0, 0, 1, 2]
    """
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    counts = np.empty(len(labels), np.int64)
    counts[order] = np.arange(len(labels)) - np.searchsorted(ordered, ordered)
    return counts


@contextmanager
def _steady(device: torch.device) -> Iterator[None]:
    """Use the same GPU kernels whatever the process did before."""
    if device.type != "cuda":
        yield
        return
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=False
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)
