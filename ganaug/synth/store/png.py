"""PNG files of synthetic images."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ganaug.data.readers.decode import PNG_MARK

# errors from opening a file that is not an image, or a decompression bomb
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
LEVEL = 6  # zlib's compression level; fixed, since it decides the bytes


def encode_png(
    image: NDArray[np.uint8], text: Mapping[str, str] | None = None
) -> bytes:
    """Encode pixels (h, w, c) uint8, c in 1, 3, 4, as the bytes of a PNG file.

    Args:
        text: keywords and values to write into the file.

    Example:
        >>> encode_png(np.zeros((2, 2, 1), np.uint8))[1:4]
        b'PNG'
    """
    buffer = io.BytesIO()
    chunks = PngInfo()
    for key, value in (text or {}).items():
        chunks.add_itxt(key, value)
    to_pil(image).save(buffer, format="PNG", compress_level=LEVEL, pnginfo=chunks)
    return buffer.getvalue()


def make_mark(
    generator: str, seed: int, class_name: str, *, index: int
) -> dict[str, str]:
    """Return the text in each PNG file that marks it as synthetic.

    Example:
        >>> make_mark("ab12", 0, "cat", index=7)["ganaug"][:40]
        '{"synthetic": true, "generator": "ab12",'
    """
    values = {
        "synthetic": True,
        "generator": generator,
        "seed": seed,
        "class": class_name,
        "index": index,
    }
    return {PNG_MARK: json.dumps(values)}


def to_pil(image: NDArray[np.uint8]) -> Image.Image:
    """Turn pixels (h, w, c) uint8, c in 1, 3, 4, into a grey, RGB or RGBA PIL image."""
    return Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)


def to_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Turn a PIL image into pixels (h, w, c) uint8."""
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def save_png(
    path: str,
    image: NDArray[np.uint8],
    text: Mapping[str, str] | None = None,
) -> str:
    """Write the file whole or not at all, and return its SHA-256.

    Raises:
        OSError: the disk refuses.
    """
    data = encode_png(image, text)
    folder, name = os.path.split(path)
    # one temporary name per image, so that the next process overwrites leftovers
    hidden = os.path.join(folder, f".{name}.tmp")
    try:
        with open(hidden, "wb") as opened:
            opened.write(data)
        os.replace(hidden, path)
    except BaseException:
        Path(hidden).unlink(missing_ok=True)
        raise
    return hashlib.sha256(data).hexdigest()
