"""A look at real images spread over a set: one format for all, the widest of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import torch
from PIL import Image

from ganaug.errors import DataError
from ganaug.mixing.real.image_format import MODES, ImageFormat, find_format

LOOKED_AT = 64  # images of a set whose labels need not be read
CHANNELS = {mode: channels for channels, mode in MODES.items()}


def spread_rows(n: int) -> list[int]:
    """Pick up to LOOKED_AT rows that are spread over all of them.

    Example:
        >>> spread_rows(3), len(spread_rows(10**6))
        ([0, 1, 2], 64)
    """
    rows: list[int] = np.unique(np.linspace(0, n - 1, LOOKED_AT).astype(int)).tolist()
    return rows


def decide_format(formats: Sequence[ImageFormat]) -> tuple[ImageFormat, list[str]]:
    """Decide for the widest of some formats, and say in words what was decided.

    Raises:
        DataError: images of several kinds, or of arrays with several orders of axes.

    Example:
        >>> found = [find_format(Image.new(mode, (8, 8))) for mode in ("L", "P")]
        >>> decide_format(found)[1]
        ['the real set has images L and P: all become RGB']
    """
    kinds = sorted({found.container for found in formats})
    if len(kinds) > 1:
        raise DataError(
            f"the real set yields images as {' and '.join(kinds)}; let it yield one "
            "kind"
        )
    sizes = Counter(found.size for found in formats)
    modes = sorted(formats, key=lambda found: CHANNELS[found.mode])
    own = list(dict.fromkeys(found.own or found.mode for found in modes))
    types = {str(found.dtype): found.dtype for found in formats}
    decided = replace(
        formats[0],
        mode=modes[-1].mode,
        layout=_join_layouts({found.layout for found in formats}),
        size=sizes.most_common(1)[0][0],
        dtype=reduce(_widen_type, types.values()),
        uneven=len(sizes) > 1,
    )
    notes = []
    if own != [decided.mode]:
        notes.append(f"images {' and '.join(own)}: all become {decided.mode}")
    if len(types) > 1:
        notes.append(f"{' and '.join(sorted(types))}: all become {decided.dtype}")
    if len(sizes) > 1 and decided.container != "pil":
        height, width = decided.size
        notes.append(
            f"images of {len(sizes)} sizes: synthetic ones get the commonest, "
            f"{height}×{width}; bring all to one in transform="
        )
    return decided, [f"the real set has {note}" for note in notes]


def read_formats(images: Iterable[tuple[int, Any]]) -> list[ImageFormat]:
    """Find the format of each image, given with its row.

    Raises:
        DataError: an image cannot be used; the message names its row.

    Example:
        >>> read_formats([(0, Image.new("CMYK", (8, 8)))])[0].mode
        'RGB'
    """
    found = []
    for row, image in images:
        try:
            found.append(find_format(image))
        except DataError as error:
            raise DataError(f"item {row}: {error}") from error
    return found


def widen_image(image: Any, to: ImageFormat) -> Any:
    """Bring an image to the mode, axes and type of a format, but not to its size.

    Example:
        >>> form = find_format(np.zeros((8, 8, 3), np.float32))
        >>> widen_image(np.full((8, 8), 255, np.uint8), form)[0, 0].tolist()
        [1.0, 1.0, 1.0]
    """
    if getattr(image, "mode", None) == to.mode:
        return image  # a PIL image, as most are
    found = find_format(image)
    if isinstance(image, Image.Image):
        return image.convert(to.mode)
    if replace(found, size=to.size, uneven=to.uneven) == to:
        return image
    tensor = torch.as_tensor(image)
    if found.layout == "hw":
        tensor = tensor[None]
    elif found.layout == "hwc":
        tensor = tensor.permute(2, 0, 1)
    bytes_become_floats = tensor.dtype == torch.uint8 and "uint8" not in str(to.dtype)
    top = 255 if tensor.dtype == torch.uint8 and not bytes_become_floats else 1
    if bytes_become_floats:
        tensor = tensor.to(torch.float32) / 255
    tensor = _add_channels(tensor, CHANNELS[to.mode], top)
    if to.layout == "hw":
        tensor = tensor[0]
    elif to.layout == "hwc":
        tensor = tensor.permute(1, 2, 0)
    tensor = tensor.contiguous()
    if to.container == "tensor":
        return tensor.to(to.dtype)
    return tensor.numpy().astype(to.dtype)


def _add_channels(tensor: torch.Tensor, channels: int, top: int) -> torch.Tensor:
    """Turn grey (c, h, w) into RGB, or either into opaque RGBA."""
    if len(tensor) > channels:
        raise DataError(
            f"an image of the real set has {len(tensor)} channels, and those that were "
            f"looked at have {channels}; let it yield one kind"
        )
    if len(tensor) == 1 < channels:
        tensor = tensor.expand(3, -1, -1)
    if len(tensor) == 3 < channels:
        tensor = torch.cat([tensor, torch.full_like(tensor[:1], top)])
    return tensor


def _join_layouts(layouts: set[Any]) -> Any:
    wide = layouts - {"hw"}
    if len(wide) > 1:
        raise DataError(
            "the real set yields arrays (h, w, c) and (c, h, w); let it yield one order"
        )
    return wide.pop() if wide else "hw"


def _widen_type(first: Any, second: Any) -> Any:
    if isinstance(first, torch.dtype):
        return torch.promote_types(first, second)
    return None if first is None else np.result_type(first, second)
