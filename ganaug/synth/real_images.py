"""find_real: find the training images and held-out images of a run or store."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import digest_images
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.origin import Origin, read_origin
from ganaug.errors import DataError, RunError, StoreError
from ganaug.gan.inputs.training_set import split_images
from ganaug.gan.run_folder import SPLIT, Run, is_run, read_split
from ganaug.synth.store.meta import META_FILE
from ganaug.synth.store.store import Store
from ganaug.translate.run_folder import TranslatorRun, is_translator_run

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RealImages:
    """The real images of a run, divided into training and held-out ones.

    Attributes:
        images: all real images.
        train: indices of the training images, and of exact copies of these.
        held: indices of the held-out images; may be empty.
        note: the images of `reference` in words.
    """

    images: LabelledImages
    train: Indices
    held: Indices
    note: str

    @property
    def reference(self) -> Indices:
        """Indices of the held-out images, or of the training images without any."""
        return self.held if len(self.held) else self.train


def find_real(path: Any, data: Any = None, *, option: str = "--data") -> RealImages:
    """Find the real images that a run or store was made from.

    Args:
        path: a run, a store, or its folder.
        data: real images in any form that `load_images` takes, if they have moved or
            came from memory; by default they are read from where the run found them.
        option: option of the command that names these images, for messages.

    Raises:
        StoreError: the folder is neither a run nor a store.
        RunError, StoreError: its split.json is damaged.
        DataError: the images cannot be found, or are not those of the training.

    Example:
        >>> real = find_real("digits-synthetic")  # doctest: +SKIP
        >>> real.note  # doctest: +SKIP
        '269 held-out images of the run'
    """
    made = _open(path)
    images = _load(made, data, option)
    hashes = list(images.hash_images())
    if digest_images(images, hashes) != made.digest:
        raise DataError(
            f"{made.path} was made from other images than {_name(made, data)} has now; "
            f"give the images that it was trained on ({option})"
        )
    seen = _read_seen(made, images, hashes)
    mask = np.array([h in seen for h in hashes], bool)
    train, held = np.flatnonzero(mask), np.flatnonzero(~mask)
    return RealImages(images, train, held, _describe(len(train), len(held)))


@dataclass(frozen=True)
class _Made:
    """Facts that a run and a store both record of their data."""

    path: Path
    digest: str
    config: TrainConfig
    origin: Origin


def _open(source: Any) -> _Made:
    path = Path(getattr(source, "path", source))
    if not isinstance(source, Store) and is_translator_run(path):
        trained = TranslatorRun.load(path)
        own = trained.config
        form = TrainConfig(height=own.height, width=own.width, channels=own.channels)
        return _Made(path, trained.fingerprint.digest, form, read_origin(path))
    if not isinstance(source, Store) and is_run(path):
        run = source if isinstance(source, Run) else Run.load(path)
        return _Made(path, run.fingerprint.digest, run.config, read_origin(path))
    if not (path / META_FILE).is_file():
        what = (
            "contains neither a run nor a store" if path.exists() else "does not exist"
        )
        raise StoreError(f"{path} {what}; make one with: ganaug synth DATA")
    meta = source.meta if isinstance(source, Store) else Store.load(path).meta
    return _Made(path, meta.data_digest, meta.training_config, read_origin(path))


def _load(made: _Made, data: Any, option: str) -> LabelledImages:
    if data is None:
        try:
            return made.origin.load(_count_images(made))
        except DataError as error:
            raise DataError(
                f"{made.path}: {error}; name the real images with {option}"
            ) from error
    moved = isinstance(data, str | os.PathLike) and made.origin.source is not None
    if moved and Path(data).suffix == Path(str(made.origin.source)).suffix:
        return made.origin.load_from(data)
    if isinstance(data, LabelledImages):
        return data
    return load_images(data, pages=made.origin.pages, scale=made.origin.scale)


def _count_images(made: _Made) -> int | None:
    """Return the number of real images, as split.json has it."""
    if not (made.path / SPLIT).is_file():
        return None
    split = read_split(made.path, RunError)
    return len(split["train"]) + len(split["held_out"])


def _name(made: _Made, data: Any) -> str:
    named = data if isinstance(data, str | os.PathLike) else None
    return str(named or made.origin.source or "the set given")


def _read_seen(made: _Made, images: LabelledImages, hashes: list[str]) -> set[str]:
    """Read hashes of the training images: as recorded, or by splitting again."""
    path = made.path / SPLIT
    if not path.is_file():
        return {hashes[i] for i in split_images(images, made.config)[0]}
    error = StoreError if (made.path / META_FILE).is_file() else RunError
    return set(read_split(made.path, error)["train"])


def _describe(train: int, held: int) -> str:
    if held:
        return f"{held:,} held-out images of the run"
    return f"{train:,} images that the GAN was trained on (none were held out)"
