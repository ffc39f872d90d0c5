"""A probe of what a real set does to its images outside of the transform it lends."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.resize import resample
from ganaug.errors import DataError
from ganaug.mixing.items import Transform, build_item, is_albumentations
from ganaug.mixing.real.chance import fixed_chance
from ganaug.mixing.real.image_format import MODES, convert_image, find_format
from ganaug.mixing.real.look import CHANNELS
from ganaug.mixing.real.real_set import RealSet
from ganaug.mixing.real.stored import find_stored

logger = logging.getLogger(__name__)

PROBED = 3  # items
LENT = ("transform", "target_transform", "transforms", "loader")
DIFFERENCE = 3 / 255  # mean, by which decoders may differ
OF_CONTRAST = 0.3  # of the picture's own contrast, where it was resized

CURE = (
    "that work reaches real images alone; let the set yield its pictures as stored, "
    "and pass the work as transform="
)


def warn_of_own_work(real: Any, opened: RealSet, *, lent: bool) -> None:
    """Log in one line what a real set does to its images that synthetic ones miss.

    Args:
        real: the user's own set.
        opened: the same, its transform taken off.
        lent: whether that transform is used for both kinds of images.
    """
    found = _find_own_work(real, opened, lent)
    if found:
        logger.warning(found)


def check_outputs(
    build: Callable[[int, Transform | None], Any],
    real: Iterable[int],
    synthetic: Iterable[int],
    *,
    transform: Transform | None,
) -> None:
    """Refuse synthetic items that would not fit into a batch of real ones.

    Args:
        build: place and transform → item.
        real, synthetic: places of some items.
        transform: for both; its random numbers stay as they were.

    Raises:
        DataError: real items are alike after their transform, and synthetic ones are
            not like them.
    """
    if is_albumentations(transform):
        transform = copy.deepcopy(transform)  # which has a generator of its own
    try:
        kinds, others = (
            {_describe(_build_fixed(build, place, transform)) for place in places}
            for places in (real, synthetic)
        )
    except Exception:  # the user's own code, which may work later
        return
    if len(kinds) == 1 and others - kinds:
        raise DataError(
            f"after the transform, real images are {kinds.pop()} and synthetic ones "
            f"{others.pop()}; bring both to one form in transform="
        )


def _build_fixed(
    build: Callable[[int, Transform | None], Any], place: int, transform: Any
) -> Any:
    with fixed_chance(1):
        return build(place, transform)


def _find_own_work(real: Any, opened: RealSet, lent: bool) -> str | None:
    n = len(opened.targets)
    for row in sorted({0, n // 2, n - 1})[:PROBED]:
        first, again = (_read(opened, row, seed) for seed in (1, 2))
        if not _equal(first, again):
            return f"item {row} of the real set is another at each reading{_say(real)}"
        pictures = find_stored(opened.items, row)
        if pictures and not any(_match(first, picture) for picture in pictures):
            return (
                f"item {row} of the real set differs from its stored picture, even "
                f"without its transform{_say(real)}"
            )
        if lent and _applies_other(real, opened, row):
            return (
                f"item {row} of the real set is not what its `transform` makes of it: "
                "synthetic images get that transform alone; pass the right one as "
                "transform="
            )
    return None


def _read(opened: RealSet, row: int, seed: int) -> Any:
    with fixed_chance(seed):
        return opened.read(row)[0]


def _applies_other(real: Any, opened: RealSet, row: int) -> bool:
    """Whether the set's own item is, by the same chance, another than is built."""
    transform = opened.transform
    if transform is None or is_albumentations(transform):  # which has its own chance
        return False
    items = []
    for _ in range(2):
        with fixed_chance(1):
            items.append(real[row])
    with fixed_chance(1):
        raw = opened.form.split(opened.items[row])
        built = build_item(opened.form, *raw, transform=transform)
    own, again, made = (_pick_image(item) for item in (*items, built))
    return _equal(own, again) and not _equal(own, made)


def _pick_image(item: Any) -> Any:
    if isinstance(item, dict):
        return next((v for v in item.values() if np.ndim(v) > 1), None)
    return item[0]


def _equal(first: Any, second: Any) -> bool:
    """Whether two images have the same pixels; other objects count as equal."""
    known = Image.Image | np.ndarray | torch.Tensor
    if not isinstance(first, known) or not isinstance(second, known):
        return True
    one, other = (np.asarray(x) for x in (first, second))
    return one.shape == other.shape and np.allclose(one, other, atol=1e-5)


def _match(image: Any, picture: Any) -> bool:
    """Whether an image shows a stored picture, in another format or size perhaps.

    Of a picture with more than 8 bits, only Pillow's own conversion is known to cut it.
    """
    to = find_format(image)
    try:
        stored = picture if isinstance(picture, Image.Image) else _to_pil(picture)
        find_format(stored)
    except DataError:
        return to.container != "pil"
    resized = (stored.height, stored.width) != to.size
    stored = stored if stored.mode in MODES.values() else stored.convert(to.mode)
    made = _to_rgb(convert_image(resample(stored, to.size), to))
    contrast = float(np.abs(made - made.mean()).mean())
    limit = DIFFERENCE + OF_CONTRAST * contrast * resized
    return float(np.abs(_to_rgb(image) - made).mean()) <= limit


def _to_pil(picture: Any) -> Image.Image:
    return Image.fromarray((_to_rgb(picture) * 255).round().astype(np.uint8))


def _to_rgb(image: Any) -> NDArray[np.float64]:
    """Return the pixels of an image as (h, w, 3) in [0, 1]."""
    if isinstance(image, Image.Image):
        return np.asarray(image.convert("RGB")) / 255
    found = find_format(image)
    pixels = np.asarray(image).astype(np.float64)
    if found.layout == "chw":
        pixels = pixels.transpose(1, 2, 0)
    pixels = pixels.reshape(*found.size, CHANNELS[found.mode])[:, :, :3]
    top = 255 if "uint8" in str(found.dtype) else 1
    return np.broadcast_to(pixels / top, (*found.size, 3))


def _describe(item: Any) -> str:
    """Describe the image of an item, as far as a batch needs it to be equal."""
    image = _pick_image(item)
    if isinstance(image, Image.Image):
        return f"{image.mode} of {image.height}×{image.width}"
    if isinstance(image, np.ndarray | torch.Tensor):
        return f"{image.dtype} of {tuple(image.shape)}"
    return type(image).__name__


def _say(real: Any) -> str:
    """Name the attributes that may do the work, and say what to pass."""
    while hasattr(real, "dataset"):
        real = real.dataset
    own = [
        name
        for name, value in getattr(real, "__dict__", {}).items()
        if callable(value) and not isinstance(value, type) and name not in LENT
    ]
    named = f" (by its {' or '.join(own)}?)" if own else ""
    return f"{named}: {CURE}"
