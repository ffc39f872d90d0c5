"""Inputs: what styled images take their look from, checked against test images."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_pixels
from ganaug.errors import ConfigError
from ganaug.gain.splitting.leaks import check_styles
from ganaug.translate.style.styles import ANY, WITHIN, StyleSet, load_styles


@dataclass(frozen=True, eq=False)
class Styles:
    """What styled images take their look from.

    Attributes:
        mode: `within-class` or `any` for other images of the training part, or the path
            of the given ones.
        given: images that were given, or None.
    """

    mode: str
    given: StyleSet | None = None


def read_styles(
    style: str | os.PathLike[str] | None,
    data: LabelledImages,
    test: LabelledImages | None,
    *,
    allow_leak: bool,
) -> tuple[Styles | None, tuple[str, ...]]:
    """Return what the option says, and notes; None where it was not given.

    Args:
        style: `within-class`, `any`, a folder of images, or an image.
        data: all real images.
        test: the test set, or None where the data are tested in folds.
        allow_leak: whether test images among the styles are accepted.

    Raises:
        DataError: the styles cannot be read, or show test images.
    """
    if style is None:
        return None, ()
    if style in (WITHIN, ANY):
        return Styles(str(style)), ()
    given = load_styles(Path(style), data.channels)
    tests = data if test is None else test
    size = data.size
    images = np.stack([resize_pixels(image, size) for image in given.images])
    shown = LabelledImages(
        images, np.zeros(len(images), np.int64), ("styles",), names=given.names
    )
    notes = check_styles(shown, tests, allow_leak=allow_leak)
    return Styles(os.fspath(style), given), tuple(notes)


def check_styled(*, plain: bool) -> None:
    """Raise ConfigError unless neither cells are to be filled nor domains unlabelled.

    Args:
        plain: whether that is so.
    """
    if not plain:
        raise ConfigError(
            "--style takes the place of a GAN's images, and a translator makes them "
            "here; leave it away, or give neither domains with cells to fill nor "
            "--unlabelled"
        )


def digest_styles(styles: Styles) -> str:
    """Return a digest of where styles come from, and of given images.

    Example:
        >>> digest_styles(Styles("any"))
        'any'
    """
    if styles.given is None:
        return styles.mode
    digest = hashlib.sha256()
    for image in styles.given.images:
        digest.update(f"{image.shape}".encode() + image.tobytes())
    return digest.hexdigest()
