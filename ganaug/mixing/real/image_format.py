"""ImageFormat: the format of a real set's images, which synthetic ones take on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image

from ganaug.data.readers.arrays import HAIR
from ganaug.data.readers.decode import describe_image
from ganaug.errors import DataError

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class ImageFormat:
    """The format of an image.

    Attributes:
        container: kind of object: PIL image, numpy array or tensor.
        mode: PIL's name for the channels: L, RGB or RGBA.
        layout: order of an array's axes: hw, hwc or chw.
        size: (height, width).
        dtype: an array's or tensor's type: uint8, or floats in [0, 1].
        own: a PIL image's own mode, such as P; "" for arrays and tensors.
        uneven: whether images have other sizes too; `size` is then the commonest.
    """

    container: Literal["pil", "array", "tensor"]
    mode: str
    layout: Literal["hw", "hwc", "chw"]
    size: tuple[int, int]
    dtype: Any = None
    own: str = ""
    uneven: bool = False


def find_format(image: Any) -> ImageFormat:
    """Find the format of a PIL image, or of an array or tensor of any layout.

    Raises:
        DataError: it is something else, a PIL image of more than 8 bits, or has values
            outside [0, 1].

    Example:
        >>> find_format(torch.zeros(3, 8, 9)).size
        (8, 9)
    """
    if isinstance(image, Image.Image):
        size = image.height, image.width
        return ImageFormat("pil", _find_mode(image), "hwc", size, own=image.mode)
    if not isinstance(image, np.ndarray | torch.Tensor):
        raise DataError(
            f"the real set yields a {type(image).__name__}; it must yield PIL images, "
            "arrays or tensors"
        )
    _check_values(image)
    is_tensor = isinstance(image, torch.Tensor)
    layout = _find_layout(tuple(image.shape), is_tensor)
    shape = dict(zip(layout, image.shape, strict=True))
    return ImageFormat(
        container="tensor" if is_tensor else "array",
        mode=MODES[shape.get("c", 1)],
        layout=layout,
        size=(shape["h"], shape["w"]),
        dtype=image.dtype,
    )


def find_size(image: Any) -> tuple[int, int] | None:
    """Find the (height, width) of an image with any values; None for other objects.

    Example:
        >>> find_size(torch.full((3, 8, 9), -7.0))
        (8, 9)
    """
    if isinstance(image, Image.Image):
        return image.height, image.width
    if not isinstance(image, np.ndarray | torch.Tensor):
        return None
    try:
        layout = _find_layout(tuple(image.shape), isinstance(image, torch.Tensor))
    except DataError:
        return None
    shape = dict(zip(layout, image.shape, strict=True))
    return shape["h"], shape["w"]


def convert_image(image: Image.Image, to: ImageFormat) -> Any:
    """Convert a grey, RGB or RGBA PIL image to that format, without resizing it.

    Example:
        >>> form = find_format(torch.zeros(3, 8, 9))
        >>> convert_image(Image.new("L", (9, 8)), form).shape
        torch.Size([3, 8, 9])
    """
    if image.mode != to.mode:
        image = image.convert(to.mode)
    if to.container == "pil":
        return image
    pixels = np.array(image)
    if pixels.ndim == 2 and to.layout != "hw":
        pixels = pixels[:, :, None]
    if to.layout == "chw":
        pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    if to.container == "array":
        is_bytes = to.dtype == np.uint8
        return pixels if is_bytes else (pixels / 255).astype(to.dtype)
    tensor = torch.from_numpy(pixels)
    return tensor if to.dtype == torch.uint8 else tensor.to(to.dtype) / 255


def _find_mode(image: Image.Image) -> str:
    """Find the mode that holds all of a picture, such as RGB for a palette."""
    if image.mode in MODES.values():
        return image.mode
    header = describe_image(image)
    if header.deep:
        raise DataError(
            f"the real set yields PIL images of mode {image.mode}, and synthetic ones "
            "have 8 bits: give ganaug.load_images(…) in its place, or let it yield "
            "floats in [0, 1]"
        )
    return MODES[header.channels]


def _check_values(image: Any) -> None:
    if image.dtype in (np.uint8, torch.uint8):
        return
    floats = isinstance(image, torch.Tensor) and image.is_floating_point()
    if not floats and not (
        isinstance(image, np.ndarray) and np.issubdtype(image.dtype, np.floating)
    ):
        raise DataError(
            f"the real set yields {image.dtype} values; they must be uint8 or floats "
            "in [0, 1]"
        )
    low, high = float(image.min()), float(image.max())
    if not (low >= -HAIR and high <= 1 + HAIR):  # also false for NaN
        raise DataError(
            f"the real set yields values from {low:.9g} to {high:.9g}, as if "
            "normalised; let it yield [0, 1] and normalise in transform="
        )


def _find_layout(
    shape: tuple[int, ...], is_tensor: bool
) -> Literal["hw", "hwc", "chw"]:
    if len(shape) == 2:
        return "hw"
    if len(shape) == 3 and shape[2] in MODES and not is_tensor:
        return "hwc"
    if len(shape) == 3 and shape[0] in MODES:
        return "chw"
    raise DataError(
        f"the real set yields an image of shape {shape}; it must be (h, w), (h, w, c) "
        "or (c, h, w), with 1, 3 or 4 channels"
    )
