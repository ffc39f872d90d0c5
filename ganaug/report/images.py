"""Images inside the page: pixels as PNG or WebP data URIs."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.resize import fit_inside, resize_pixels
from ganaug.synth.store.png import to_pil

WEBP_QUALITY = 90  # where a PNG would be too heavy
SMALLEST_SIDE = 8  # pixels; no image is made smaller


@dataclass(frozen=True)
class InlineImage:
    """An image inside the page.

    Attributes:
        uri: bytes of the image as a `data:` address.
        width, height: pixels of the shown image; fewer may be encoded.
    """

    uri: str
    width: int
    height: int

    def enlarge(self, side: int) -> tuple[int, int]:
        """Return (width, height), a whole multiple with its longer side up to `side`.

        Whole multiples keep the pixels of small images square and even.

        Example:
            >>> InlineImage("", 28, 20).enlarge(64), InlineImage("", 90, 90).enlarge(64)
            ((56, 40), (64, 64))
        """
        longest = max(self.width, self.height)
        if longest > side:
            height, width = fit_inside((self.height, self.width), side)
            return width, height
        factor = side // longest
        return self.width * factor, self.height * factor


def encode_image(
    pixels: NDArray[np.uint8], *, most: int = 6_000, side: int = 1024
) -> InlineImage:
    """Return an image as a data URI of at most about `most` bytes before base64.

    PNG keeps every pixel; images that are too large become WebP, then smaller.

    Args:
        pixels: (h, w, c) uint8 pixels, c in 1, 3, 4.
        most: largest number of bytes.
        side: most pixels of the longer side.

    Example:
        >>> encode_image(np.zeros((4, 6, 1), np.uint8)).uri[:22]
        'data:image/png;base64,'
    """
    height, width = fit_inside(pixels.shape[:2], side)
    kind, data = "png", _encode(resize_pixels(pixels, (height, width)), "png")
    longest = max(height, width)
    while len(data) > most:
        size = fit_inside((height, width), longest)
        kind, data = "webp", _encode(resize_pixels(pixels, size), "webp")
        if longest <= SMALLEST_SIDE:
            break
        # bytes follow the area
        longest = max(
            SMALLEST_SIDE, int(longest * min(0.9, 0.95 * (most / len(data)) ** 0.5))
        )
    code = base64.b64encode(data).decode("ascii")
    return InlineImage(f"data:image/{kind};base64,{code}", width, height)


def lay_out(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Arrange (n, h, w, c) images row by row, with transparent gaps between them.

    Returns:
        (height, width, 4) uint8, RGBA.

    Example:
        >>> lay_out(np.zeros((3, 8, 8, 1), np.uint8), 2).shape
        (18, 18, 4)
    """
    n, h, w, c = images.shape
    gap, rows = max(1, max(h, w) // 16), -(-n // columns)
    cells = np.zeros((rows * columns, h + gap, w + gap, 4), np.uint8)
    cells[:n, :h, :w, :3] = images[..., :3]  # a single grey channel fills all three
    cells[:n, :h, :w, 3] = images[..., 3] if c == 4 else 255
    grid = cells.reshape(rows, columns, h + gap, w + gap, 4).swapaxes(1, 2)
    return grid.reshape(rows * (h + gap), columns * (w + gap), 4)


def _encode(pixels: NDArray[np.uint8], kind: str) -> bytes:
    buffer = io.BytesIO()
    options = {"optimize": True} if kind == "png" else {"quality": WEBP_QUALITY}
    to_pil(pixels).save(buffer, format=kind.upper(), **options)
    return buffer.getvalue()
