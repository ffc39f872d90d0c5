"""Labels that a Dataset keeps as a list, and whether its items are known to have them.

Only the code of `__getitem__` says whether a list and the items agree: torch's and
torchvision's own is known here, and a user's own has to be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.data.item_form import ItemForm, is_table
from ganaug.data.labels.label import Label, read_labels
from ganaug.errors import DataError

LABEL_ATTRIBUTES = ("targets", "labels", "_labels")  # where Datasets keep labels
SUBSET = "torch.utils.data.dataset.Subset"
CONCATENATION = "torch.utils.data.dataset.ConcatDataset"
TENSORS = "torch.utils.data.dataset.TensorDataset"
FOLDER = "torchvision.datasets.folder.DatasetFolder"
TORCHVISION = "torchvision.datasets."
COMPARED = 64  # items of a torchvision set that are compared with its list


def list_labels(dataset: Any, form: ItemForm) -> list[Label] | None:
    """List the labels that a Dataset's items are known to yield; None if they are not.

    Args:
        dataset: a Dataset without transforms of labels.
        form: where its items have image and label.

    Example:
        >>> list_labels([("image", 1), ("image", 2)], ItemForm()) is None
        True
    """
    if is_table(dataset):
        return read_labels(dataset.with_format(None)[form.label])
    getter = name_getter(dataset)
    if getter == SUBSET:
        inner = list_labels(dataset.dataset, form)
        return None if inner is None else [inner[i] for i in dataset.indices]
    if getter == CONCATENATION:
        parts = [list_labels(part, form) for part in dataset.datasets]
        return None if None in parts else [x for part in parts if part for x in part]
    if getter == TENSORS and len(dataset.tensors) == 2:
        return read_labels(np.asarray(dataset.tensors[1]))
    if not getter.startswith(TORCHVISION) or _changes_labels(dataset):
        return None
    found = find_listed(dataset)
    return found if found and _agree(dataset, form, found) else None


def find_listed(dataset: Any) -> list[Label] | None:
    """Find the list of labels that a Dataset keeps, whatever its items yield.

    Example:
        >>> find_listed([("image", 1)]) is None
        True
    """
    n = len(dataset)
    samples = getattr(dataset, "samples", None)
    if isinstance(samples, list) and len(samples) == n and _are_pairs(samples):
        return _read([label for _, label in samples])
    for name in LABEL_ATTRIBUTES:
        found: Any = getattr(dataset, name, None)
        if _is_list(found) and len(found) == n:
            return _read(found)
    return None


def name_getter(dataset: Any) -> str:
    """Name the class that defines how a Dataset yields its items.

    Example:
        >>> name_getter([])
        ''
    """
    found = getattr(type(dataset), "__getitem__", None)
    home, name = (getattr(found, key, "") for key in ("__module__", "__qualname__"))
    return f"{home}.{name}".removesuffix(".__getitem__") if home else ""


def _changes_labels(dataset: Any) -> bool:
    return any(
        getattr(dataset, name, None) is not None
        for name in ("target_transform", "transforms")
    )


def _agree(dataset: Any, form: ItemForm, listed: list[Label]) -> bool:
    """Whether some items of a torchvision set, spread over it, have the listed labels.

    An ImageFolder reads the list itself.
    """
    if name_getter(dataset) == FOLDER:
        return True
    rows = np.unique(np.linspace(0, len(listed) - 1, COMPARED).astype(int)).tolist()
    return read_labels([form.split(dataset[i])[1] for i in rows]) == [
        listed[i] for i in rows
    ]


def _are_pairs(samples: list[Any]) -> bool:
    return all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in samples)


def _is_list(found: Any) -> bool:
    known = isinstance(found, Sequence) or hasattr(found, "__array__")
    return known and not isinstance(found, str) and hasattr(found, "__len__")


def _read(labels: Any) -> list[Label] | None:
    try:
        return read_labels(labels)
    except DataError:  # several numbers per image, or something else
        return None
