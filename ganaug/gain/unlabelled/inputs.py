"""Inputs: the unlabelled images of a gain, checked against labelled and test ones."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.unlabelled import (
    UnlabelledImages,
    check_unlabelled,
    load_unlabelled,
)
from ganaug.errors import ConfigError

UNLABELLED = "unlabelled"  # key of the request and of its options


def read_pool(
    unlabelled: Mapping[str, Any] | None,
    data: LabelledImages,
    test: LabelledImages | None,
    *,
    allow_leak: bool,
) -> tuple[UnlabelledImages | None, tuple[str, ...]]:
    """Return the unlabelled images in the form of the labelled ones, and notes.

    Args:
        unlabelled: name of a domain → what `load_unlabelled` takes, or what it
            returned.
        data: the labelled images.
        test: the test images, or None.
        allow_leak: whether copies of labelled or test images are accepted.

    Raises:
        ConfigError: there are several domains.
        DataError: the images cannot be used, or some are copies.
    """
    if not unlabelled:
        return None, ()
    if len(unlabelled) > 1:
        raise ConfigError(
            f"a gain is measured in one unlabelled domain, not in {len(unlabelled)}; "
            "give one --unlabelled NAME=DIR, and measure each by itself"
        )
    ((name, source),) = unlabelled.items()
    if isinstance(source, UnlabelledImages):
        pool = replace(source, domain=name)
    else:
        pool = load_unlabelled(source, name, data)
    notes = check_unlabelled(pool, data, test, allow_leak=allow_leak)
    return pool, (*pool.notes, *notes)


def digest_pool(pool: UnlabelledImages) -> str:
    """Return a digest of unlabelled images and of their domain's name."""
    digest = hashlib.sha256(pool.domain.encode())
    for image in pool.images:
        digest.update(hash_pixels(image).encode())
    return digest.hexdigest()


def say_source(unlabelled: Mapping[str, Any]) -> dict[str, str]:
    """Return what the command line has for unlabelled images in a file or folder."""
    paths = [
        f"{name}={os.fspath(source)}"
        for name, source in unlabelled.items()
        if isinstance(source, str | os.PathLike)
    ]
    return {UNLABELLED: paths[0]} if paths else {}
