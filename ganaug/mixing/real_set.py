"""RealSet: any Dataset of real images, without its transform and with known labels."""

from __future__ import annotations

import logging
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
)
from ganaug.data.labels.dataset_names import find_class_names
from ganaug.data.labels.label import read_labels
from ganaug.data.labels.listed import list_labels
from ganaug.data.readers.torch_dataset import ItemDataset
from ganaug.errors import DataError
from ganaug.mixing.image_format import ImageFormat
from ganaug.mixing.image_format import find_format as find_image_format
from ganaug.mixing.items import Transform
from ganaug.mixing.transforms import take_off

logger = logging.getLogger(__name__)


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
        nameless: why the classes' names are numbers, or "".
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
    nameless: str = ""

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
        image, label = self.form.split(self.items[row])
        target = self.targets[row]
        return image, target if isinstance(target, str) else label

    def take(self, rows: Sequence[int]) -> RealSet:
        """Return some of the images, with the same classes."""
        targets = [self.targets[row] for row in rows]
        domains = None if self.domains is None else self.domains[list(rows)]
        items: Any = Subset(self.items, rows)  # type: ignore[arg-type]
        return replace(self, items=items, targets=targets, domains=domains)


def open_real(real: Any, *, as_pil: bool = False) -> RealSet:
    """Open a Dataset, LabelledImages or (images, labels) arrays as a RealSet.

    Labels are taken from the list of one of torchvision's or torch's own Datasets; each
    item of another one is read once.

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
        return replace(_describe(pairs, pairs, None, None), nameless="")
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
    return type(label)(value) if isinstance(label, float | bool) else value


def _by_place(labels: Any) -> Any:
    return labels.to_numpy() if hasattr(labels, "to_numpy") else labels


class _Pairs:
    """A Dataset of (images, labels) arrays."""

    def __init__(
        self, images: Any, labels: Any, as_pil: bool, classes: list[str] | None
    ) -> None:
        if len(images) != len(labels):
            raise DataError(f"{len(images)} images but {len(labels)} labels")
        # a pandas Series would be asked for its index
        self.images, self.targets = images, _by_place(labels)
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
    targets = list_labels(items, form)
    if targets is None:
        targets = read_labels([form.split(items[i])[1] for i in range(len(items))])
    named = find_class_names(items, targets, form)
    if named.note:
        logger.warning(named.note)
    return RealSet(
        items=items,
        form=form,
        targets=targets,
        classes=list(named.label_of),
        label_of=named.label_of,
        nameless=named.missing,
        label=label,
        image_format=find_image_format(image),
        transform=transform,
        target_transform=target_transform,
    )
