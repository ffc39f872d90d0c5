"""Transforms of a mixed set: the user's own, taken off a Dataset, or others given."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ganaug.data.item_form import is_table
from ganaug.errors import DataError
from ganaug.mixing.items import (
    RecordTransform,
    Transform,
    call_transform,
    is_albumentations,
)


class Borrow(Enum):
    """Stands for the real set's own transform."""

    BORROW = "borrow"


BORROW = Borrow.BORROW


def choose_transform(
    given: Transform | Borrow | None, own: Transform | None
) -> Transform | None:
    """Return the transform that was given, or the real set's own.

    Example:
        >>> choose_transform(BORROW, abs), choose_transform(None, abs)
        (<built-in function abs>, None)
    """
    return own if isinstance(given, Borrow) else given


def takes_pil(transform: object) -> bool:
    """Whether a transform wants PIL images in place of uint8 arrays.

    Example:
        >>> takes_pil(abs), takes_pil(None)
        (True, False)
    """
    return callable(transform) and not is_albumentations(transform)


def take_off(real: Any) -> tuple[Any, Transform | None, Transform | None]:
    """Return a copy that yields images before the transform, and the transforms."""
    if hasattr(real, "dataset") and hasattr(real, "indices"):
        return _take_off_part(real)
    if is_table(real):
        return _take_off_format(real), _find_batch_transform(real), None
    if not hasattr(real, "transform"):
        return real, None, None
    return _take_off_whole(real)


def _take_off_format(table: Any) -> Any:
    """Return a copy that yields tensors or arrays as the table does, or PIL images."""
    kept = table.format["type"] in ("torch", "numpy")
    return copy.copy(table) if kept else table.with_format(None)


def _take_off_part(part: Any) -> tuple[Any, Transform | None, Transform | None]:
    """Take the transforms off a Subset and the set behind it."""
    inner, transform, target_transform = take_off(part.dataset)
    outer = copy.copy(part)
    outer.dataset = inner
    # a user's own subset may add transforms after those of the whole set; only
    # its own attributes count, not those that it forwards
    held = getattr(part, "__dict__", {})
    own = {name: value for name, value in held.items() if value is not None}
    for name in {"transform", "target_transform"} & set(own):
        setattr(outer, name, keep_image)
    return (
        outer,
        _chain(transform, own.get("transform")),
        _chain(target_transform, own.get("target_transform")),
    )


def _take_off_whole(real: Any) -> tuple[Any, Transform | None, Transform | None]:
    """Take the transforms off a Dataset that has them as attributes."""
    bare = copy.copy(real)
    # a user's own Dataset may call it without a check, so it cannot be None
    bare.transform = keep_image
    if hasattr(real, "target_transform"):
        bare.target_transform = None
    both = getattr(real, "transforms", None)  # torchvision's VisionDataset
    if both is not None and hasattr(both, "target_transform"):
        bare.transforms = None
        return bare, real.transform, real.target_transform
    return bare, _find_transform(bare, real), getattr(real, "target_transform", None)


def _chain(first: Transform | None, second: Transform | None) -> Transform | None:
    if second and isinstance(first, RecordTransform):
        raise DataError(
            "the whole set transforms whole items, and a part of it images; give one "
            "for images: SyntheticDataset(…, transform=…)"
        )
    return Chain(first, second) if first and second else first or second


@dataclass(frozen=True)
class Chain:
    """Two transforms, applied one after the other."""

    first: Transform
    second: Transform

    def __call__(self, value: Any) -> Any:
        return call_transform(self.second, call_transform(self.first, value))


def _find_batch_transform(table: Any) -> Transform | None:
    """Return what Hugging Face's `set_transform` was given, or None."""
    found = table.format["format_kwargs"].get("transform")
    return found and RecordTransform(found, batched=True)


def _find_transform(bare: Any, real: Any) -> Transform | None:
    """Return a Dataset's transform, and whether it is for images or whole items."""
    if real.transform is None or not len(bare) or not isinstance(bare[0], Mapping):
        return real.transform  # type: ignore[no-any-return]
    watched, first = copy.copy(bare), _First()
    watched.transform = first
    watched[0]
    whole = isinstance(first.argument, Mapping)
    return RecordTransform(real.transform) if whole else real.transform


class _First:
    """A transform that notes what it is called with."""

    argument: object = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.argument = keep_image(*args, **kwargs)
        return self.argument


def keep_image(*args: Any, **kwargs: Any) -> Any:
    """Return the image unchanged, for calls by torchvision or albumentations."""
    return args[0] if args else kwargs
