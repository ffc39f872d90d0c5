"""PNG files: the form in which synthetic images lie on disk."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEVEL = 6  # of zlib's compression; fixed, since it decides the bytes


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """(h, w, c) uint8, c in 1, 3, 4 → the bytes of a PNG file.

    Example:
        >>> encode_png(np.zeros((2, 2, 1), np.uint8))[1:4]
        b'PNG'
    """
    buffer = io.BytesIO()
    to_picture(image).save(buffer, format="PNG", compress_level=LEVEL)
    return buffer.getvalue()


def to_picture(image: NDArray[np.uint8]) -> Image.Image:
    """(h, w, c) uint8, c in 1, 3, 4 → a grey, RGB or RGBA picture."""
    return Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)


def save_png(path: str, image: NDArray[np.uint8]) -> str:
    """Write the file whole or not at all, and give its SHA-256.

    Raises:
        OSError: the disk refuses.
    """
    data = encode_png(image)
    folder, name = os.path.split(path)
    # one name per image: what a killed process leaves is overwritten by the next
    hidden = os.path.join(folder, f".{name}.tmp")
    try:
        with open(hidden, "wb") as opened:
            opened.write(data)
        os.replace(hidden, path)
    except BaseException:
        Path(hidden).unlink(missing_ok=True)
        raise
    return hashlib.sha256(data).hexdigest()
