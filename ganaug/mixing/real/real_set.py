"""RealSet: any Dataset of real images, without its transform and with known labels."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
from ganaug.data.labels.label import Label, read_labels
from ganaug.data.labels.listed import list_labels
from ganaug.data.readers.decode import first_line
from ganaug.data.readers.torch_dataset import ItemDataset
from ganaug.errors import DataError
from ganaug.mixing.items import Transform
from ganaug.mixing.real.chance import fixed_chance
from ganaug.mixing.real.image_format import ImageFormat
from ganaug.mixing.real.look import (
    decide_format,
    read_formats,
    spread_rows,
    widen_image,
)
from ganaug.mixing.real.transforms import take_off

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
        image_format: the widest format of the images that were looked at.
        mixed: whether images may have narrower formats, which `read` widens.
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
    mixed: bool = False

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

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Number of each image's class, its place in `classes`, (n,)."""
        places = {label: k for k, label in enumerate(self.label_of.values())}
        return np.array([places[target] for target in self.targets], np.int64)

    def read(self, row: int) -> tuple[Any, Any]:
        """Read an image before its transform, in the set's format, and its label."""
        image, label = self.form.split(self.items[row])
        image = widen_image(image, self.image_format) if self.mixed else image
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
        return replace(_describe_pairs(pairs), domains=real.domains)
    if isinstance(real, tuple) and len(real) == 2:
        pairs = _Pairs(*real, as_pil, None)
        return replace(_describe_pairs(pairs), nameless="")
    if isinstance(real, Mapping):
        raise DataError(
            f"a {type(real).__name__} is not a real set; give one of its parts, such "
            f'as real["{next(iter(real), "train")}"]'
        )
    if isinstance(real, str | os.PathLike):
        raise DataError(
            f"{os.fspath(real)} is a path; give a Dataset, such as torchvision's "
            "ImageFolder of it, or ganaug.load_images of it"
        )
    if not hasattr(real, "__len__") or not hasattr(real, "__getitem__"):
        raise DataError(
            f"a {type(real).__name__} is not a real set; give a Dataset of (image, "
            "label) or (images, labels) arrays"
        )
    with fixed_chance(0):
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


def _describe_pairs(pairs: _Pairs) -> RealSet:
    return _describe(pairs, pairs, None, None, targets=read_labels(pairs.targets))


def _describe(
    real: Any,
    items: ItemDataset,
    transform: Transform | None,
    target_transform: Transform | None,
    *,
    targets: list[Label] | None = None,
) -> RealSet:
    if not len(items):
        raise DataError("the real set is empty")
    form = find_form(items[0], of=real)
    if targets is None:
        targets = list_labels(items, form)
    rows = range(len(items)) if targets is None else spread_rows(len(items))
    labels: list[Any] = []
    formats = read_formats(_read_rows(items, form, rows, labels))
    image_format, notes = decide_format(formats)
    targets = read_labels(labels) if targets is None else targets
    named = find_class_names(items, targets, form)
    for note in [*notes, *filter(None, [named.note])]:
        logger.warning(note)
    return RealSet(
        items=items,
        form=form,
        targets=targets,
        classes=list(named.label_of),
        label_of=named.label_of,
        nameless=named.missing,
        label=labels[0],
        image_format=image_format,
        mixed=image_format.container == "pil" or len(set(map(_say_type, formats))) > 1,
        transform=transform,
        target_transform=target_transform,
    )


def _read_rows(
    items: ItemDataset, form: ItemForm, rows: Sequence[int], labels: list[Any]
) -> Iterator[tuple[int, Any]]:
    """Yield rows and their images; add their labels to the list."""
    for row in rows:
        try:
            item = items[row]
        except OSError as error:
            raise DataError(
                f"item {row} of the real set cannot be read ({first_line(error)}); "
                "omit it"
            ) from error
        if find_form(item) != form:
            raise DataError(
                f"item {row} of the real set has another form than its first one; let "
                "all be pairs (image, label), or dicts with the same keys"
            )
        image, label = form.split(item)
        labels.append(label)
        yield row, image


def _say_type(found: ImageFormat) -> tuple[str, str, str]:
    return found.mode, found.layout, str(found.dtype)
