"""RealSet: any Dataset of real images, without its transform and with known labels."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Subset

from ganaug.data.images import LabelledImages
from ganaug.data.item_form import (
    ItemForm,
    find_form,
    is_table,
    name_classes,
)
from ganaug.data.readers.torch_dataset import ItemDataset
from ganaug.errors import DataError
from ganaug.mixing.image_format import ImageFormat
from ganaug.mixing.image_format import find_format as find_image_format
from ganaug.mixing.items import RecordTransform, Transform, call_transform

LABEL_ATTRIBUTES = ("targets", "labels", "_labels")  # where Datasets keep labels


@dataclass(frozen=True)
class RealSet:
    """Real images before their transform.

    Attributes:
        items: Dataset without transforms.
        form: where its items have image and label.
        targets: label of each item.
        classes: names of the classes in label order.
        label_of: class name → its label in `targets`.
        label: first label in the type that `items` yields, such as a tensor.
        image_format: format of the first image.
        transform, target_transform: the Dataset's own transforms, or None.
    """

    items: ItemDataset
    form: ItemForm
    targets: list[int | str]
    classes: list[str]
    label_of: dict[str, int | str]
    label: Any
    image_format: ImageFormat
    transform: Transform | None
    target_transform: Transform | None

    @property
    def counts(self) -> dict[str, int]:
        """Number of images by class name."""
        found = Counter(self.targets)
        return {name: found[label] for name, label in self.label_of.items()}

    @property
    def class_to_idx(self) -> dict[str, int]:
        """Class name → its label, or its place where labels are strings."""
        return {
            name: label if isinstance(label, int) else k
            for k, (name, label) in enumerate(self.label_of.items())
        }

    def read(self, row: int) -> tuple[Any, Any]:
        """Read an image before its transform, and its label."""
        return self.form.split(self.items[row])

    def take(self, rows: Sequence[int]) -> RealSet:
        """Return some of the images, with the same classes."""
        targets = [self.targets[row] for row in rows]
        return replace(self, items=Subset(self.items, rows), targets=targets)  # type: ignore[arg-type]


def open_real(real: Any, *, as_pil: bool = False) -> RealSet:
    """Open a Dataset, LabelledImages or (images, labels) arrays as a RealSet.

    Labels are taken from the Dataset's list if it has one; otherwise each item is read
    once.

    Args:
        as_pil: whether uint8 arrays become PIL images, for torchvision.

    Raises:
        DataError: it is empty, or its items are neither (image, label) nor dicts of
            them.

    Example:
        >>> opened = open_real((np.zeros((2, 8, 8), np.uint8), ["cat", "dog"]))
        >>> opened.classes, opened.image_format.size
        (['cat', 'dog'], (8, 8))
    """
    if isinstance(real, LabelledImages):
        pairs = _Pairs(real.images, real.labels, as_pil, list(real.classes))
        return _describe(pairs, pairs, None, None)
    if isinstance(real, tuple) and len(real) == 2:
        pairs = _Pairs(*real, as_pil, None)
        return _describe(pairs, pairs, None, None)
    if isinstance(real, Mapping):
        raise DataError(
            f"a {type(real).__name__} is not a real set; give one of its parts, such "
            f'as real["{next(iter(real), "train")}"]'
        )
    if not hasattr(real, "__len__") or not hasattr(real, "__getitem__"):
        raise DataError(
            f"a {type(real).__name__} is not a real set; give a Dataset of (image, "
            "label) or (images, labels) arrays"
        )
    return _describe(real, *_take_off(real))


def shape_label(value: int | str, label: Any) -> Any:
    """Convert a label to the type of another one, so that both fit into one batch."""
    if isinstance(label, torch.Tensor):
        return torch.full_like(label, int(value))
    if isinstance(value, str):
        return value  # an array's would be cut to the length of the other label
    if isinstance(label, np.ndarray | np.generic):
        return np.full_like(label, value)[()]
    return value


class _Pairs:
    """A Dataset of (images, labels) arrays."""

    def __init__(
        self, images: Any, labels: Any, as_pil: bool, classes: list[str] | None
    ) -> None:
        if len(images) != len(labels):
            raise DataError(f"{len(images)} images but {len(labels)} labels")
        self.images, self.targets = images, labels
        self.as_pil = as_pil and getattr(images, "dtype", None) == np.uint8
        if classes is not None:
            self.classes = classes

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Any, Any]:
        image = self.images[i]
        if self.as_pil:
            grey = image.ndim == 3 and image.shape[2] == 1
            image = Image.fromarray(image[:, :, 0] if grey else image)
        return image, self.targets[i]


def _take_off(real: Any) -> tuple[Any, Transform | None, Transform | None]:
    """Return a copy that yields images before the transform, and the transforms."""
    if hasattr(real, "dataset") and hasattr(real, "indices"):  # a Subset
        inner, transform, target_transform = _take_off(real.dataset)
        outer = copy.copy(real)
        outer.dataset = inner
        # a user's own subset may add transforms after those of the whole set; only
        # its own attributes count, not those that it forwards
        held = getattr(real, "__dict__", {})
        own = {name: value for name, value in held.items() if value is not None}
        for name in {"transform", "target_transform"} & set(own):
            setattr(outer, name, keep_image)
        return (
            outer,
            _chain(transform, own.get("transform")),
            _chain(target_transform, own.get("target_transform")),
        )
    if is_table(real):
        return real.with_format(None), _find_batch_transform(real), None
    if not hasattr(real, "transform"):
        return real, None, None
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


def keep_image(*args: Any, **kwargs: Any) -> Any:
    """Return the image unchanged, for calls by torchvision or albumentations."""
    return args[0] if args else kwargs


def _describe(
    real: Any,
    items: ItemDataset,
    transform: Transform | None,
    target_transform: Transform | None,
) -> RealSet:
    if not len(items):
        raise DataError("the real set is empty")
    item = items[0]
    form = find_form(item)
    image, label = form.split(item)
    targets = _find_labels(real, form)
    if targets is None or targets[0] != _plain(label):
        targets = [_plain(form.split(items[i])[1]) for i in range(len(items))]
    names = _name_labels(real, form, targets)
    unknown = sorted(set(map(str, targets)) - set(map(str, names.values())))
    if unknown:
        raise DataError(
            f"the real set has a label {unknown[0]}, but its classes are numbered "
            f"{', '.join(f'{k} ({name})' for name, k in names.items())}"
        )
    return RealSet(
        items=items,
        form=form,
        targets=targets,
        classes=list(names),
        label_of=names,
        label=label,
        image_format=find_image_format(image),
        transform=transform,
        target_transform=target_transform,
    )


def _find_labels(real: Any, form: ItemForm) -> list[int | str] | None:
    """Find the labels that a Dataset keeps as a list, or None."""
    if hasattr(real, "dataset") and hasattr(real, "indices"):
        inner = _find_labels(real.dataset, form)
        return None if inner is None else [inner[i] for i in real.indices]
    if is_table(real):
        return list(map(_plain, real.with_format(None)[form.label]))
    tensors: Sequence[Any] = getattr(real, "tensors", ())
    found = [tensors[1]] if len(tensors) == 2 else []
    found += [getattr(real, name, None) for name in LABEL_ATTRIBUTES]
    for labels in found:
        if _fits(labels, len(real)):
            return list(map(_plain, labels))
    return None


def _fits(labels: Any, n: int) -> bool:
    """Whether these are n labels."""
    known = isinstance(labels, Sequence | np.ndarray | torch.Tensor)
    return known and len(labels) == n


def _plain(label: Any) -> int | str:
    """Turn a label into an integer or a string."""
    single = hasattr(label, "item") and np.shape(label) in ((), (1,))
    value = label.item() if single else label
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    if not isinstance(value, int | str):
        raise DataError(
            f"the real set has a label {label!r}; it must be one integer or one string"
        )
    return value


def _name_labels(
    real: Any, form: ItemForm, targets: list[int | str]
) -> dict[str, int | str]:
    """Return the label of each class name, in label order."""
    inner = real
    while not hasattr(inner, "classes") and hasattr(inner, "dataset"):
        inner = inner.dataset
    if isinstance(targets[0], str):
        return {str(name): name for name in sorted(set(map(str, targets)))}
    if isinstance(getattr(inner, "class_to_idx", None), dict):
        numbers = {name: _plain(k) for name, k in inner.class_to_idx.items()}
        return dict(sorted(numbers.items(), key=lambda item: item[1]))
    classes = name_classes(inner, form) or getattr(inner, "classes", None)
    if classes is not None:
        return {str(name): k for k, name in enumerate(classes)}
    return {str(value): value for value in sorted(set(map(int, targets)))}
