"""RealSet: any Dataset of real images, without its transform and with known labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
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
from ganaug.mixing.items import Transform
from ganaug.mixing.transforms import take_off

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
        domains: (n,) domain of each item, -1 where it is unknown; None without any.
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
    domains: NDArray[np.int64] | None = None

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
        domains = None if self.domains is None else self.domains[list(rows)]
        items: Any = Subset(self.items, rows)  # type: ignore[arg-type]
        return replace(self, items=items, targets=targets, domains=domains)


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
        return replace(_describe(pairs, pairs, None, None), domains=real.domains)
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
    return _describe(real, *take_off(real))


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


def _describe(
    real: Any,
    items: ItemDataset,
    transform: Transform | None,
    target_transform: Transform | None,
) -> RealSet:
    if not len(items):
        raise DataError("the real set is empty")
    item = items[0]
    form = find_form(item, of=real)
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
    if isinstance(targets[0], str):
        return {str(name): name for name in sorted(set(map(str, targets)))}
    inner = _find_named(real)
    if isinstance(getattr(inner, "class_to_idx", None), dict):
        numbers = {name: _plain(k) for name, k in inner.class_to_idx.items()}
        return dict(sorted(numbers.items(), key=lambda item: item[1]))
    classes = name_classes(inner, form) or getattr(inner, "classes", None)
    if classes is not None:
        return {str(name): k for k, name in enumerate(classes)}
    return {str(value): value for value in sorted(set(map(int, targets)))}


def _find_named(real: Any) -> Any:
    """Return the Dataset, or the first one inside it, that has `classes`."""
    while not hasattr(real, "classes") and hasattr(real, "dataset"):
        real = real.dataset
    return real
