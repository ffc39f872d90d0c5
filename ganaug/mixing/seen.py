"""Which of the real images the GAN was trained on, and which it never saw."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import Subset

from ganaug.data.images import hash_pixels
from ganaug.data.readers.decode import quiet_decoding
from ganaug.data.readers.folder import list_files
from ganaug.data.readers.image_list import ImageList
from ganaug.data.readers.intensity import Range, Scaling
from ganaug.data.readers.reading import (
    Form,
    decode_images,
    survey_images,
    survey_intensities,
)
from ganaug.data.readers.torch_dataset import PATH_TYPES, wrap_dataset
from ganaug.data.resize import Size, fit_inside
from ganaug.errors import DataError, StoreError
from ganaug.gan.run_folder import SPLIT, Run, is_run, read_split
from ganaug.mixing.real.real_set import RealSet
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import Synthesizer

logger = logging.getLogger(__name__)

SAMPLED = 16  # images that tell whether a set is the one that a store was made from
MAX_SIDE = 256  # to which `load_images` reduces images by default


@dataclass(frozen=True)
class Seen:
    """What a store or run records of the real images that it was made from.

    Attributes:
        train: hashes of the images that the GAN was trained on.
        held_out: hashes of the images that were held out from it.
        size: (height, width) of the hashed pixels.
        channels: their number of channels.
        intensity_range: range that deep values were scaled from, or None.
        scaled: whether values of 8 bits were scaled from it too.
    """

    train: frozenset[str]
    held_out: frozenset[str]
    size: Size
    channels: int
    intensity_range: Range | None = None
    scaled: bool = False

    @property
    def scale(self) -> Range | None:
        """Range that all values were scaled from, or None."""
        return self.intensity_range if self.scaled else None

    def __len__(self) -> int:
        return len(self.train) + len(self.held_out)


def read_seen(source: Any) -> Seen | None:
    """Read what a store or run, or its folder, says; None where it says nothing."""
    path = None if isinstance(source, Synthesizer) else getattr(source, "path", source)
    if path is None or not (Path(path) / SPLIT).is_file():
        return None
    path = Path(path)
    values = read_split(path, StoreError)
    train, held_out = frozenset(values["train"]), frozenset(values["held_out"])
    if is_run(path):
        found = Run.load(path).fingerprint
        form = found.size, found.channels, found.intensity_range, found.scaled
        return Seen(train, held_out - train, *form)
    meta = source.meta if isinstance(source, Store) else Store.load(path).meta
    size = fit_inside(meta.data_size, MAX_SIDE)
    scaled = values.get("intensity_range"), values.get("scaled", False)
    return Seen(train, held_out - train, size, meta.config["channels"], *scaled)


def divide_real(
    real: RealSet, seen: Seen | None, *, hold_out: bool
) -> tuple[RealSet, list[int]]:
    """Leave out the real images that the GAN did not see, if asked to.

    Otherwise the log warns where the GAN saw more images than these.

    Returns:
        The real set to train on, and the places of the others in the whole one.

    Raises:
        DataError: see `find_unseen`.
    """
    if hold_out:
        unseen = find_unseen(real, seen)
        return real.take(sorted(set(range(len(real.targets))) - set(unseen))), unseen
    leak = find_leak(real, seen)
    if leak:
        logger.warning(leak)
    return real, []


def find_unseen(real: RealSet, seen: Seen | None) -> list[int]:
    """Find the real images that were held out from the GAN; each is read once.

    Raises:
        DataError: nothing is recorded, none was held out, or the store was made from
            other images.
    """
    if seen is None:
        raise DataError(
            "hold_out=True needs a store or run that records which images the GAN saw, "
            "and this one has no split.json; make a new one with: ganaug synth DATA"
        )
    hashes = hash_real(real, range(len(real.targets)), seen)
    if not seen.train & set(hashes):
        raise DataError(
            "hold_out=True finds no real image with the pixels of one that the GAN "
            "saw: give the images as the store was made from them, and resize or "
            "change them in transform= only"
        )
    found = [row for row, found in enumerate(hashes) if found in seen.held_out]
    if not found:
        raise DataError(
            "hold_out=True finds no image that the GAN did not see: classes under 10 "
            "images hold none out; split the images yourself, and make the store from "
            "the training part alone"
        )
    return found


def find_leak(real: RealSet, seen: Seen | None) -> str | None:
    """Return a warning where the store was made from more than these real images."""
    n = len(real.targets)
    if seen is None or n >= len(seen):
        return None
    rows = np.unique(np.linspace(0, n - 1, SAMPLED).astype(int)).tolist()
    hashes = hash_real(real, rows, seen)
    known = sum(found in seen.train | seen.held_out for found in hashes)
    if 2 * known < len(rows):
        return None  # other images, or read in another way
    return (
        f"the GAN learned from {len(seen):,} images, and the real set has {n:,} of "
        f"them: to validate or test on the others, make the store from these {n:,} "
        "alone, or wrap all of them with hold_out=True and use data.validation()"
    )


def hash_real(real: RealSet, rows: Sequence[int], seen: Seen) -> list[str | None]:
    """Hash the pixels of some real images as `load_images` does, None if unreadable."""
    listing = _list_images(real, rows)
    scaled = seen.intensity_range or _find_range(listing)
    hashes: list[str | None] = []
    # arrays are taken at their own size, files at the common one
    for size in dict.fromkeys((seen.size, real.image_format.size)):
        form = Form(size, seen.channels, scaled, scaled=seen.scaled)
        hashes = [None] * len(rows)
        with quiet_decoding():
            pixels, kept, _ = decode_images(listing, list(range(len(rows))), form)
        for place, image in zip(kept, pixels, strict=True):
            hashes[place] = hash_pixels(image)
        if not (seen.train | seen.held_out).isdisjoint(hashes):
            break
    return hashes


def _find_range(listing: ImageList) -> Range | None:
    """Find the range of deep images themselves, which older stores do not record."""
    with quiet_decoding():
        headers, _ = survey_images(listing)
        return survey_intensities(listing, headers, Scaling())[0]


def list_paths(items: Any) -> list[str] | None:
    """Return the path of each item of an ImageFolder, or of a part of one."""
    samples = getattr(items, "samples", None)
    if isinstance(samples, list) and len(samples) == len(items):
        firsts = [pair[0] for pair in samples]
        return firsts if all(isinstance(p, PATH_TYPES) for p in firsts) else None
    if hasattr(items, "dataset") and hasattr(items, "indices"):
        paths = list_paths(items.dataset)
        return paths and [paths[i] for i in items.indices]
    return None


def _list_images(real: RealSet, rows: Sequence[int]) -> ImageList:
    """List images as their files have them: a Dataset may turn grey ones into RGB."""
    paths = list_paths(real.items)
    if paths is None:
        return wrap_dataset(Subset(real.items, list(rows)))  # type: ignore[arg-type]
    return list_files("", Path(), [Path(paths[i]) for i in rows], [""] * len(rows))
