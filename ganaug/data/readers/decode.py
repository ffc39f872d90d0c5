"""Image files to arrays: headers, pixels, orientation, palettes and deep colours."""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ganaug.data.limits.empty import fill_empty, find_empty
from ganaug.data.limits.pixel_budget import take_pixels
from ganaug.data.readers.image_list import ImageHeader, UnreadableError
from ganaug.data.resize import Size
from ganaug.errors import DataError

IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "TIFF", "WEBP", "GIF", "PPM")
CHANNELS_OF_MODE = {
    "1": 1,
    "L": 1,
    "P": 3,
    "RGB": 3,
    "LA": 4,
    "La": 4,
    "PA": 4,
    "RGBA": 4,
}
PIL_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
ORIENTATION, UPRIGHT = 0x0112, 1  # EXIF tag
PAGED = ("TIFF", "GIF", "WEBP", "PNG")  # PNG: animated ones
MOST_PAGES = 10_000  # of a file
SUBFILE, NO_PICTURE = 254, 0b101  # TIFF tag: a reduced copy, or a mask
KEPT_PIXELS = 1 << 22  # of a page, from which its file is not kept open
SIDEWAYS = 5  # from this value of it on, sides are swapped
PNG_MARK = "ganaug"  # keyword of the text in the PNG files that synth writes
DRAFT_MARGIN = 2  # a JPEG is decoded at no less than this times the size wanted

# What Pillow's decoders raise for damaged files, beside its own errors.
DAMAGE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
)

T = TypeVar("T")


def read_file_header(path: Path) -> ImageHeader:
    """Read size, channels and depth of an image file, without decoding it.

    Raises:
        UnreadableError: the file is empty, damaged or not an image.
        DataError: the file is a decompression bomb.

    Example:
        >>> read_file_header(Path("cat.png"))  # doctest: +SKIP
        ImageHeader(size=(480, 640), channels=3, deep=False)
    """
    return _with_image(path, _describe)


def read_page_headers(path: Path) -> dict[int, ImageHeader | UnreadableError]:
    """Read the headers of a file's pages or frames, by page; the first one is 0.

    Pages of a TIFF that are a reduced copy or a mask of another page are left out. The
    frames of an animation are decoded, since each builds on those before it.

    Raises:
        UnreadableError: as for `read_file_header`.
        DataError: a page is a decompression bomb, or there are more than MOST_PAGES.
    """
    return _with_image(path, partial(_describe_pages, path))


def read_file_pixels(path: Path, size: Size, page: int = 0) -> NDArray[Any]:
    """Read the first image of a file, or another page or frame of it, upright.

    Args:
        path: a PNG, JPEG, BMP, TIFF, WebP, GIF or PPM file.
        size: (height, width) wanted; a much larger JPEG is decoded at a half, a
            quarter or an eighth, which is never below it.
        page: number of the page or frame, from 0.

    Returns:
        (h, w, c): uint8, or uint16, int32 or float32 for a deep image.

    Raises:
        UnreadableError: the file is empty, damaged or not an image, or has values that
            are NaN or infinite.
        DataError: the file is a decompression bomb.

    Example:
        >>> read_file_pixels(Path("cat.png"), (64, 64)).shape  # doctest: +SKIP
        (480, 640, 3)
    """
    return _with_image(path, lambda image: _read_pixels(image, path, size, page), page)


@contextmanager
def keep_open() -> Iterator[None]:
    """Keep a file open for further pages of it that this thread reads in the block.

    Otherwise each page is found from the first one on, all frames before it decoded.

    Example:
        >>> with keep_open():
        ...     pass
    """
    _open_file.wanted, _open_file.kept = True, None
    try:
        yield
    finally:
        _open_file.wanted = False
        _close_kept()


def describe_image(image: Image.Image) -> ImageHeader:
    """Describe an open image as `read_file_header` describes a file.

    Example:
        >>> describe_image(Image.new("LA", (8, 6)))
        ImageHeader(size=(6, 8), channels=4, deep=False, synthetic=False)
    """
    return _describe(image)


def image_pixels(image: Image.Image) -> NDArray[Any]:
    """Return the pixels of an open image: (h, w, c), uint8 unless deep.

    Raises:
        UnreadableError: a value is NaN or infinite.

    Example:
        >>> image_pixels(Image.new("1", (8, 6), 1)).max()
        np.uint8(255)
    """
    header = _describe_page(image)
    upright = _turn(image)
    if not header.deep and upright.mode != PIL_MODES[header.channels]:
        upright = upright.convert(PIL_MODES[header.channels])
    pixels = np.asarray(upright)
    if header.empty is not None:
        pixels = fill_empty(pixels, header.empty)
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise UnreadableError("some of its values are NaN or infinite")
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def _turn(image: Image.Image) -> Image.Image:
    """Return the image upright; itself, not a copy, where it is so already."""
    take_pixels(image.width * image.height)
    image.load()  # a PNG may have its orientation after the pixels
    if _find_orientation(image) == UPRIGHT:
        return image
    return ImageOps.exif_transpose(image)


def _find_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; upright where it has another type or value."""
    found = image.getexif().get(ORIENTATION, UPRIGHT)
    return found if type(found) is int and found in range(1, 9) else UPRIGHT


@contextmanager
def quiet_decoding() -> Iterator[None]:
    """Silence Pillow's warnings about odd files; decompression bombs are errors.

    Example:
        >>> with quiet_decoding():
        ...     pass
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type if it has none.

    Example:
        >>> first_line(ValueError("cut off\\nsee above")), first_line(EOFError())
        ('cut off', 'EOFError')
    """
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__


def _with_image(path: Path, use: Callable[[Image.Image], T], page: int = 0) -> T:
    try:
        if not path.stat().st_size:
            raise UnreadableError("empty file")
        with _open(path, page) as image:
            _refuse_bomb(path, image.size)
            return use(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _bomb_error(path, str(error).split(",")[0]) from error
    except UnidentifiedImageError as error:
        raise UnreadableError("not an image in a known format") from error
    except DAMAGE_ERRORS as error:
        raise UnreadableError(first_line(error)) from error


@contextmanager
def _open(path: Path, page: int) -> Iterator[Image.Image]:
    """Open a file at a page; it stays open afterwards where that was asked for."""
    image = _take_kept(path, page) or Image.open(path, formats=IMAGE_FORMATS)
    try:
        if image.tell() != page:
            image.seek(page)
        yield image
    except BaseException:
        image.close()
        raise
    small = image.width * image.height <= KEPT_PIXELS
    if page and small and getattr(_open_file, "wanted", False):
        _open_file.kept = path, image
    else:
        image.close()


def _take_kept(path: Path, page: int) -> Image.Image | None:
    """Return the file that was kept open if it is this one, not beyond the page."""
    kept = getattr(_open_file, "kept", None)
    if kept is None:
        return None
    if kept[0] != path or kept[1].tell() > page:
        _close_kept()
        return None
    _open_file.kept = None
    image: Image.Image = kept[1]
    return image


def _close_kept() -> None:
    if _open_file.kept is not None:
        _open_file.kept[1].close()
    _open_file.kept = None


def _refuse_bomb(path: Path, size: tuple[int, int]) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and size[0] * size[1] > limit:
        raise _bomb_error(path, f"{size[0]} × {size[1]} pixels")


def _bomb_error(path: Path, what: str) -> DataError:
    return DataError(
        f"{path}: refused as a decompression bomb ({what}); at most "
        f"{Image.MAX_IMAGE_PIXELS} pixels are allowed: remove or reduce the file"
    )


def _describe(image: Image.Image) -> ImageHeader:
    return replace(_describe_page(image), pages=_count_pages(image))


def _describe_page(image: Image.Image) -> ImageHeader:
    width, height = image.size
    # A PNG may have its orientation after the pixels; reading it would decode all.
    early = image.format not in ("PNG", "TIFF") or "exif" in image.info
    if early and image.format != "TIFF" and _find_orientation(image) >= SIDEWAYS:
        width, height = height, width
    deep = image.mode.startswith(("I", "F")) or _is_deep_colour(image)
    # our own images carry a text before the pixels, see ganaug.synth.store.png
    synthetic = PNG_MARK in image.info
    return ImageHeader(
        (height, width),
        _count_channels(image),
        deep,
        synthetic,
        empty=find_empty(image) if deep else None,
    )


def _count_pages(image: Image.Image) -> int:
    """Count pages or frames, in formats that may have several; 1 where that fails."""
    if image.format not in PAGED:
        return 1
    page = image.tell()
    try:
        return int(getattr(image, "n_frames", 1))
    except DAMAGE_ERRORS:  # of a later page: this one may be sound
        image.seek(page)
        return 1


def _describe_pages(
    path: Path, image: Image.Image
) -> dict[int, ImageHeader | UnreadableError]:
    """Describe each page up to the last one, or to one that others cannot follow."""
    found: dict[int, ImageHeader | UnreadableError] = {0: _describe_page(image)}
    if image.format not in PAGED:
        return found
    for page in count(1):
        if page == MOST_PAGES:
            raise DataError(
                f"{path} has more than {MOST_PAGES:,} pages; divide it into files"
            )
        try:
            image.seek(page)
            _refuse_bomb(path, image.size)
            if image.format != "TIFF":
                take_pixels(image.width * image.height)
                image.load()
        except EOFError:
            return found
        except DAMAGE_ERRORS as error:
            reason = f"{first_line(error)}; pages after it are left out"
            found[page] = UnreadableError(reason)
            return found
        if not _is_copy(image):
            found[page] = _describe_page(image)
    raise AssertionError("no page is the last one")


def _is_copy(image: Image.Image) -> bool:
    """Whether a page of a TIFF is a reduced copy or a mask of another page."""
    tags = getattr(image, "tag_v2", {})
    kind = tags.get(SUBFILE, 0)
    return isinstance(kind, int) and bool(kind & NO_PICTURE)


def _count_channels(image: Image.Image) -> int:
    if image.mode.startswith(("I", "F")):
        return 1
    if image.mode == "P" and "transparency" in image.info:
        return 4
    return CHANNELS_OF_MODE.get(image.mode, 3)


def _is_deep_colour(image: Image.Image) -> bool:
    """Whether Pillow would cut 16-bit colours down to their upper 8 bits."""
    tiles = getattr(image, "tile", None) or []
    return image.mode in ("RGB", "RGBA") and any(";16" in str(tile) for tile in tiles)


def _read_pixels(image: Image.Image, path: Path, size: Size, page: int) -> NDArray[Any]:
    if _is_deep_colour(image):
        return _read_deep_colour(path, image.width * image.height, page)
    if image.format in ("JPEG", "MPO"):
        # Which of the sides is which depends on the orientation: ask for the larger.
        side = DRAFT_MARGIN * max(size)
        image.draft(None, (side, side))
    return image_pixels(image)


def _read_deep_colour(path: Path, pixels_of: int, page: int) -> NDArray[Any]:
    import cv2  # only these files need it; albumentations brings it along

    take_pixels(pixels_of)
    data, each = np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED
    if page:
        pages = cv2.imdecodemulti(data, each, range=(page, page + 1))[1]
        pixels = pages[0] if pages else None
    else:
        pixels = cv2.imdecode(data, each)
    if pixels is None:
        raise UnreadableError("16-bit colours that cannot be decoded")
    if pixels.ndim == 2:
        return pixels[:, :, None]
    order = [2, 1, 0, 3][: pixels.shape[2]]
    return np.ascontiguousarray(pixels[:, :, order])


_open_file = threading.local()
