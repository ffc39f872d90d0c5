"""Items of a mixed set: image, label and weight in the form of the real set's own."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug import engine
from ganaug.data.item_form import ItemForm
from ganaug.mixing.real.image_format import find_size

Transform = Callable[..., Any]
WEIGHT = "weight"  # key of the weight in a dict


@dataclass(frozen=True)
class RecordTransform:
    """A transform of whole items, which are dicts.

    Attributes:
        function: called with the dict.
        batched: whether it wants, and returns, a list of one value for each key, as
            Hugging Face's `set_transform` does.
    """

    function: Transform
    batched: bool = False

    def __call__(self, record: Mapping[str, Any]) -> Any:
        if not self.batched:
            return self.function(dict(record))
        found = self.function({key: [value] for key, value in record.items()})
        return {key: values[0] for key, values in found.items()}


@dataclass(frozen=True)
class PairTransform:
    """A transform of an image and its label together.

    Attributes:
        function: called with both; returns both.
    """

    function: Transform

    def __call__(self, image: Any, label: Any) -> Any:
        return self.function(image, label)


def build_item(
    form: ItemForm,
    image: Any,
    label: Any,
    *,
    transform: Transform | None,
    weight: Any = None,
) -> Any:
    """Transform an image, and join it with its label and weight, if there is one.

    Example:
        >>> build_item(ItemForm(), 2, "cat", transform=lambda x: 2 * x, weight=0.5)
        (4, 'cat', 0.5)
        >>> build_item(ItemForm("img", "label"), 2, 1, transform=None, weight=0.5)
        {'img': 2, 'label': 1, 'weight': 0.5}
    """
    if isinstance(transform, RecordTransform):
        item = transform(form.join(image, label))
    elif isinstance(transform, PairTransform):
        item = form.join(*transform(image, label))
    else:
        image = image if transform is None else call_transform(transform, image)
        item = form.join(image, label)
    if weight is None:
        return item
    return {**item, WEIGHT: weight} if isinstance(item, dict) else (*item, weight)


def find_trained_size(
    form: ItemForm, image: Any, label: Any, *, transform: Transform | None
) -> tuple[int, int] | None:
    """Find the (height, width) of an image after its transform, or None.

    Its random numbers stay as they were.
    """
    if is_albumentations(transform):
        transform = copy.deepcopy(transform)  # which has a generator of its own
    with engine.seeded(0):
        item = build_item(form, image, label, transform=transform)
    return find_size(item.get(form.image) if isinstance(item, dict) else item[0])


def call_transform(transform: Transform, value: Any) -> Any:
    """Apply a torchvision callable or an albumentations Compose."""
    if is_albumentations(transform):
        return transform(image=np.array(value))["image"]
    return transform(value)


def is_albumentations(transform: object) -> bool:
    """Whether a transform is albumentations' own, without importing that library.

    Example:
        >>> is_albumentations(print)
        False
    """
    bases = type(transform).__mro__
    return any(base.__module__.split(".")[0] == "albumentations" for base in bases)
