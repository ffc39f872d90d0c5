"""StyleSet: the images whose look others take on, and which image takes which."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.parts.train import enter_train
from ganaug.data.readers.assemble import assemble_images
from ganaug.data.readers.folder import (
    find_files,
    is_image_name,
    list_files,
    relative_name,
)
from ganaug.data.readers.npz import read_npz_images
from ganaug.data.readers.reading import bring_channels
from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.spelling import suggest

WITHIN, ANY, GIVEN = "within-class", "any", "given"
MODES = (WITHIN, ANY, GIVEN)
LONGEST = 256  # pixels of a style's longer side; larger images are reduced to it
ALLOWED = "give a folder of images, an image, a .npz or an array (n, h, w, c) uint8"

Images = NDArray[np.uint8]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class StyleSet:
    """Images whose look others take on.

    Attributes:
        images: (h, w, c) uint8 each, of any size, all of as many channels.
        names: unique name of each: its file, or the hash of a real image's pixels.
        labels: (n,) class of each where they are real images of a set, else None.

    Example:
        >>> styles = load_styles(np.zeros((1, 8, 8, 3), np.uint8), channels=1)
        >>> len(styles), styles.images[0].shape
        (1, (8, 8, 1))
    """

    images: tuple[Images, ...]
    names: tuple[str, ...]
    labels: Indices | None = None

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"StyleSet({len(self)} images)"

    def match(self, channels: int) -> StyleSet:
        """Return the styles in 1, 3 or 4 channels."""
        if all(image.shape[2] == channels for image in self.images):
            return self
        images = [bring_channels(image[None], channels)[0] for image in self.images]
        return StyleSet(tuple(images), self.names, self.labels)

    def take(self, indices: Iterable[int]) -> StyleSet:
        """Return the styles at `indices`, in that order."""
        places = [int(i) for i in indices]
        return StyleSet(
            tuple(self.images[i] for i in places),
            tuple(self.names[i] for i in places),
            None if self.labels is None else self.labels[places],
        )

    def find_styles(
        self,
        labels: Sequence[int] | Indices,
        indices: Sequence[int] | Indices,
        *,
        mode: str = GIVEN,
        seed: int = 0,
        contents: Sequence[str] | None = None,
    ) -> Indices:
        """Choose each image's style by its class, its index and the seed alone.

        In each class, every style is taken once, in random order, before one comes
        again. Where it would be the content itself, its neighbour in that order is
        taken.

        Args:
            labels: (n,) class of each image.
            indices: (n,) number of each image within its class, from 0.
            mode: `given` takes all styles; `any` as well, and `within-class` those of
                the same class, but never the content itself.
            seed: seed of the order.
            contents: hash of each content's pixels, for the latter two.

        Returns:
            (n,) indices into `images`.

        Raises:
            ConfigError: there is no such mode.
            DataError: a class has no other image than the content.

        Example:
            >>> images = np.arange(256, dtype=np.uint8).reshape(4, 8, 8, 1)
            >>> styles = load_styles(images, channels=1)
            >>> sorted(styles.find_styles([0] * 4, range(4)).tolist())
            [0, 1, 2, 3]
        """
        if mode not in MODES:
            raise ConfigError(
                f"style={mode} is not allowed; choose from {', '.join(MODES)}"
            )
        own = [""] * len(labels) if contents is None else contents
        order = cache(lambda label, turn: self._order(label, turn, mode, seed))
        return np.array(
            [
                self._choose(order, int(k), int(i), name)
                for k, i, name in zip(labels, indices, own, strict=True)
            ],
            np.int64,
        )

    def _choose(
        self, order: Callable[[int, int], Indices], label: int, index: int, own: str
    ) -> int:
        places = order(label, 0)
        if all(self.names[place] == own for place in places[:2]):
            raise DataError(
                f"class {label} has no other image to take a style from; choose "
                "style=any, or give a folder of styles"
            )
        turn, at = divmod(index, len(places))
        places = order(label, turn)
        chosen = int(places[at])
        if self.names[chosen] == own:
            chosen = int(places[(at + 1) % len(places)])
        return chosen

    def _order(self, label: int, turn: int, mode: str, seed: int) -> Indices:
        places = np.arange(len(self))
        if mode == WITHIN:
            if self.labels is None:
                raise ConfigError("style=within-class needs styles that have classes")
            places = np.flatnonzero(self.labels == label)
        random = np.random.default_rng(mix_seed(f"style {label}", seed, turn))
        return random.permutation(places)


def load_styles(source: Any, channels: int = 4) -> StyleSet:
    """Read the images whose look others shall take on; equal images of an array once.

    Args:
        source: a folder of images, at any depth; one image; a .npz with images; an
            array (n, h, w, c) uint8; or LabelledImages, whose classes are kept.
        channels: 1, 3 or 4, those of the content.

    Raises:
        DataError: there is no image, or one that cannot be read or shows one pixel.

    Example:
        >>> from ganaug.data.load import load_images
        >>> load_styles(load_images("digits"), channels=1).labels[:3].tolist()
        [0, 1, 2]
    """
    if isinstance(source, StyleSet):
        return source.match(channels)
    if isinstance(source, LabelledImages):
        return _take_array(source.images, source.labels).match(channels)
    if isinstance(source, str | os.PathLike):
        return _read(Path(source)).match(channels)
    if hasattr(source, "shape"):
        return _take_array(np.asarray(source)).match(channels)
    raise DataError(f"a {type(source).__name__} is no set of styles; {ALLOWED}")


def _read(path: Path) -> StyleSet:
    if path.suffix.lower() == ".npz" and path.is_file():
        return _take_array(np.asarray(read_npz_images(path)))
    if not path.exists():
        hint = suggest(str(path), (WITHIN, ANY))
        raise DataError(f"{path} does not exist{hint}; {ALLOWED}")
    files = [path] if path.is_file() else _find_images(path)
    if not files:
        raise DataError(f"{path} contains no images; {ALLOWED}")
    root = path if path.is_dir() else path.parent
    images = tuple(_read_file(file) for file in files)
    return StyleSet(images, tuple(relative_name(file, root) for file in files))


def _find_images(folder: Path) -> list[Path]:
    root = enter_train(folder)[0]  # no image of a test part is a style
    return [file for file in find_files(root) if is_image_name(file)]


def _read_file(file: Path) -> Images:
    listing = list_files(file.name, file.parent, [file], ["style"])
    read = assemble_images(listing, size=None, max_side=LONGEST, strict=True)
    return _check(read.images[0], str(file))


def _take_array(images: NDArray[Any], labels: Indices | None = None) -> StyleSet:
    if images.ndim == 3:  # one image in colour, or grey ones
        one = images.shape[2] in (3, 4)
        images = images[None] if one else images[..., None]
    known = images.ndim == 4 and images.shape[3] in (1, 3, 4)
    if not known or images.dtype != np.uint8 or not len(images):
        raise DataError(f"{images.shape} {images.dtype} are no styles; {ALLOWED}")
    names = [hash_pixels(image) for image in images]
    kept = sorted({name: i for i, name in reversed([*enumerate(names)])}.values())
    return StyleSet(
        tuple(_check(images[i], f"style {i}") for i in kept),
        tuple(names[i] for i in kept),
        None if labels is None else labels[kept],
    )


def _check(image: Images, name: str) -> Images:
    if image.shape[:2] == (1, 1):
        raise DataError(f"{name} has a single pixel, which shows no style; remove it")
    return image
