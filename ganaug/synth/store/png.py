"""PNG files of synthetic images."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ganaug.data.readers.decode import DAMAGE_ERRORS, PIL_MODES, PNG_MARK, first_line
from ganaug.data.resize import MOST_PIXELS
from ganaug.errors import StoreError
from ganaug.files import open_file, say_forbidden, write_quickly

# errors from opening a file that is not an image, or a decompression bomb
UNREADABLE = (
    *DAMAGE_ERRORS,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
RESTORE = "run the same ganaug synth command to restore it"
COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # of the PNG specification, by channels
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


def write_head(size: tuple[int, int], channels: int, mark: Mapping[str, str]) -> bytes:
    """Return the bytes with which a file of this size that `save_png` wrote begins.

    Example:
        >>> file = encode_png(np.zeros((2, 3, 1), np.uint8), {"key": "value"})
        >>> file.startswith(write_head((2, 3), 1, {"key": "value"}))
        True
    """
    colour = COLOUR_TYPES[channels]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", size[1], size[0], 8, colour, 0, 0, 0))]
    for key, value in mark.items():
        chunks.append((b"iTXt", key.encode() + bytes(5) + value.encode()))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", _crc(kind, body))
        for kind, body in chunks
    )


def _crc(kind: bytes, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(kind))


def decode_quickly(data: bytes) -> NDArray[np.uint8] | None:
    """Decode a file that begins with its `write_head`, in a quarter of Pillow's time.

    Returns:
        (h, w, c) uint8; None where OpenCV cannot read it.
    """
    import cv2  # slow to import; albumentations brings it along

    array = np.frombuffer(data, np.uint8)
    pixels = cv2.imdecode(array, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint8:
        return None
    if pixels.ndim == 2:
        return np.asarray(pixels[:, :, None], np.uint8)
    order = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, order), np.uint8)


def read_png(path: str | os.PathLike[str]) -> Image.Image:
    """Read an image of a store: a plain file, of no other kind, of bounded size.

    Raises:
        OSError, ValueError, SyntaxError: the file is missing or none of that, see
            `UNREADABLE`.
    """
    with open_file(path) as opened:
        return load_png(opened)


def load_png(opened: BinaryIO) -> Image.Image:
    """Decode an open PNG file; raises as `read_png` does."""
    image = Image.open(opened, formats=["PNG"])
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"it has {image.width} × {image.height} pixels")
    image.load()
    return image


def read_stored(
    path: str | os.PathLike[str], size: tuple[int, int], channels: int
) -> Image.Image:
    """Read an image of a store, which must have this (height, width) and channels.

    Raises:
        StoreError: its file is missing, may not be read, or is damaged.
    """
    try:
        image = read_png(path)
        if (image.height, image.width) != size or image.mode != PIL_MODES[channels]:
            raise ValueError(f"{image.width} × {image.height} pixels, {image.mode}")
        return image
    except FileNotFoundError as error:
        raise StoreError(f"{path} is missing; {RESTORE}") from error
    except PermissionError as error:
        raise StoreError(say_forbidden(path)) from error
    except UNREADABLE as error:
        what = getattr(error, "strerror", None) or first_line(error)
        raise StoreError(
            f"{path} is damaged ({what}); delete it and {RESTORE}"
        ) from error


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
    write_quickly(path, data)
    return hashlib.sha256(data).hexdigest()
