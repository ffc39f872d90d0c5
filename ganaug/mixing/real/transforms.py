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
    PairTransform,
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
    if not hasattr(real, "transform") and not hasattr(real, "transforms"):
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
    own = getattr(real, "target_transform", None)
    if own is not None:
        bare.target_transform = None
    both = getattr(real, "transforms", None)  # torchvision's VisionDataset
    if both is not None and hasattr(both, "target_transform"):
        bare.transforms = None
        bare.transform = keep_image
        return bare, real.transform, own
    name = "transform" if getattr(real, "transform", None) is not None else "transforms"
    if not callable(getattr(real, name, None)):
        return bare, None, own
    # a user's own Dataset may call it without a check, so it cannot be None
    setattr(bare, name, keep_image)
    return bare, _find_transform(bare, name, getattr(real, name)), own


def _chain(first: Transform | None, second: Transform | None) -> Transform | None:
    if second and isinstance(first, RecordTransform | PairTransform):
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


def _find_transform(bare: Any, name: str, transform: Any) -> Transform | None:
    """Say whether a Dataset's transform is for images, whole items, or pairs."""
    if not len(bare):
        return transform  # type: ignore[no-any-return]
    watched, first = copy.copy(bare), _First()
    setattr(watched, name, first)
    watched[0]
    if len(first.arguments) > 1:
        return PairTransform(transform)
    whole = bool(first.arguments) and isinstance(first.arguments[0], Mapping)
    return RecordTransform(transform) if whole else transform


class _First:
    """A transform that notes what it is called with."""

    arguments: tuple[Any, ...] = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.arguments = args
        return keep_image(*args, **kwargs)


def keep_image(*args: Any, **kwargs: Any) -> Any:
    """Return what it is called with, for calls by torchvision or albumentations."""
    if len(args) > 1:
        return args  # an image and its label
    return args[0] if args else kwargs
