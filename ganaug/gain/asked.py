"""What a protocol was asked for, as plain values: a folder goes on with no other."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.data.images import LabelledImages, hash_pixels


def describe_order(images: LabelledImages) -> str:
    """A digest of how images are ordered and grouped, which splits follow.

    Example:
        >>> from ganaug import load_images
        >>> digits = load_images("digits")
        >>> describe_order(digits) == describe_order(digits.subset(np.arange(5)))
        False
    """
    digest = hashlib.sha256(images.labels.tobytes())
    for image in images.images:
        digest.update(hash_pixels(image).encode())
    if images.groups is not None:
        # numbers may be others for the same groups
        digest.update(np.unique(images.groups, return_inverse=True)[1].tobytes())
    return digest.hexdigest()


def describe_file(path: Path | str) -> str:
    """A digest of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def describe_function(function: Any) -> str:
    """A digest of what a function does, as far as its own code tells."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    plain = [c for c in code.co_consts if not hasattr(c, "co_code")]
    text = f"{code.co_code!r} {code.co_names} {plain}"
    return hashlib.sha256(text.encode()).hexdigest()
