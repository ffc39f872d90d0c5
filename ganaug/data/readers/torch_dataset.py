"""Any torch Dataset that yields (image, label)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.item_form import DOMAIN_KEY, find_form, is_table
from ganaug.data.labels.dataset_names import find_class_names
from ganaug.data.labels.label import read_labels
from ganaug.data.readers.arrays import check_values, to_uint8
from ganaug.data.readers.decode import describe_image, image_pixels
from ganaug.data.readers.folder import relative_name
from ganaug.data.readers.image_list import ImageHeader, ImageList, UnreadableError
from ganaug.data.readers.notes import UNSTEADY
from ganaug.data.word import read_word, to_scalar
from ganaug.errors import DataError

PATH_TYPES = (str, os.PathLike)
READ_TWICE = 8  # items, to see whether their pixels stay


class ItemDataset(Protocol):
    """Methods that a Dataset needs: a length and items by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


def wrap_dataset(dataset: ItemDataset) -> ImageList:
    """List a Dataset's items; each is read twice: for its form and label, its pixels.

    An item is (image, label), or a dict with both, and with `domain` if it has one: a
    PIL image, a numpy array (h, w) or (h, w, c), or a tensor (h, w) or (c, h, w),
    uint8, uint16 or float in [0, 1]; the label an integer or a string. Names of the
    classes are those of `find_class_names`.

    Raises:
        DataError: the Dataset is empty.

    Example:
        >>> wrap_dataset([(np.zeros((8, 8)), "b"), (np.ones((8, 8)), "a")]).labels
        (1, 0)
    """
    n = len(dataset)
    if not n:
        raise DataError("the dataset is empty; it must yield (image, label) pairs")
    if is_table(dataset):  # its transform is for the training
        dataset = dataset.with_format(None)  # type: ignore[attr-defined]
    names = _find_names(dataset, n)
    items, skipped = _survey(dataset, names or tuple(map(str, range(n))))
    labels, classes, notes = _name_labels(dataset, items) if items else ([], (), ())
    return ImageList(
        title=type(dataset).__name__,
        names=tuple(item.name for item in items),
        labels=tuple(labels),
        read_header=lambda row: items[row].header,
        read_pixels=lambda row, size: _read_pixels(dataset, items[row].place),
        classes=classes,
        notes=notes,
        skipped=tuple(skipped),
        domains=_find_domains(dataset, items),
        parallel=False,
        named=names is not None,
    )


class _Item(NamedTuple):
    """A readable item, and its place in the Dataset."""

    place: int
    name: str
    header: ImageHeader
    label: object
    domain: object = None


def _survey(
    dataset: ItemDataset, names: Sequence[str]
) -> tuple[list[_Item], list[tuple[str, str]]]:
    """Return the readable items, and the names of the others with the reasons."""
    items, skipped = [], []
    for i, name in enumerate(names):
        try:
            items.append(_Item(i, name, *_describe_item(dataset, i)))
        except UnreadableError as error:
            skipped.append((name, str(error)))
    return items, skipped


def _describe_item(dataset: ItemDataset, i: int) -> tuple[ImageHeader, object, object]:
    image, label, domain = _read_item(dataset, i)
    if isinstance(image, Image.Image):
        return describe_image(image), label, domain
    pixels = _as_array(image)
    height, width, channels = pixels.shape
    header = ImageHeader((height, width), channels, pixels.dtype == np.uint16)
    return header, label, domain


def _find_domains(dataset: Any, items: list[_Item]) -> list[object] | None:
    """Take the domain of each item; a table's own names replace its numbers."""
    found = [item.domain for item in items]
    if not any(map(read_word, found)):
        return None
    feature = dataset.features.get(DOMAIN_KEY) if is_table(dataset) else None
    names = getattr(feature, "names", None)
    if names is None:
        return found
    return [names[v] if isinstance(v, int) and v >= 0 else None for v in found]


def _name_labels(
    dataset: ItemDataset, items: list[_Item]
) -> tuple[list[int], tuple[str, ...], tuple[str, ...]]:
    """Return indices of classes, the classes' names, and notes."""
    places = [item.place for item in items]
    labels = read_labels(
        [item.label for item in items], [f"item {place}" for place in places]
    )
    form = find_form(dataset[places[0]])
    named = find_class_names(dataset, labels, form, places)
    numbers = {label: k for k, label in enumerate(named.label_of.values())}
    notes = tuple(filter(None, [named.note])) + _note_unsteady(dataset, places)
    return [numbers[label] for label in labels], tuple(named.label_of), notes


def _note_unsteady(dataset: ItemDataset, places: list[int]) -> tuple[str, ...]:
    """Note that some items, read twice, have other pixels the second time."""
    some = np.unique(np.linspace(0, len(places) - 1, READ_TWICE).astype(int)).tolist()
    for place in (places[k] for k in some):
        first, second = (_read_pixels(dataset, place) for _ in range(2))
        if not np.array_equal(first, second):
            return (UNSTEADY,)
    return ()


def _read_item(dataset: ItemDataset, i: int) -> tuple[Any, object, object]:
    try:
        item = dataset[i]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"item {i} of the dataset is refused: {error}") from error
    except OSError as error:
        raise UnreadableError(str(error)) from error
    image, label = find_form(item, of=dataset).split(item)
    if np.asarray(label).size != 1:
        raise DataError(
            f"item {i} of the dataset has a label of shape {np.asarray(label).shape}; "
            "it must be one integer or one string"
        )
    domain = item.get(DOMAIN_KEY) if isinstance(item, Mapping) else None
    return image, label, to_scalar(domain)


def _read_pixels(dataset: ItemDataset, i: int) -> NDArray[Any]:
    image, *_ = _read_item(dataset, i)
    if isinstance(image, Image.Image):
        return image_pixels(image)
    pixels = _as_array(image)
    return pixels if pixels.dtype == np.uint16 else to_uint8(pixels)


def _as_array(image: Any) -> NDArray[Any]:
    """Turn a numpy array or tensor into (h, w, c), its shape and values checked."""
    pixels = np.asarray(image)
    if pixels.ndim == 3 and hasattr(image, "detach"):  # a tensor has channels first
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or not pixels.size:
        raise DataError(
            f"the dataset yields a {type(image).__name__} of shape "
            f"{np.shape(image)}; it must yield PIL images, arrays (h, w, c) or "
            "tensors (c, h, w) with 1, 3 or 4 channels"
        )
    check_values(pixels)
    return pixels


def _find_names(dataset: Any, n: int) -> tuple[str, ...] | None:
    """Find file names if the Dataset, or one that it is a part of, has them."""
    samples: Any = getattr(dataset, "samples", None)
    root: Any = getattr(dataset, "root", None)
    if _are_paths(samples, n) and isinstance(root, PATH_TYPES):
        files = [Path(path) for path, _ in samples]
        return tuple(relative_name(file, Path(root)) for file in files)
    whole: Any = getattr(dataset, "dataset", None)
    indices: Any = getattr(dataset, "indices", None)
    if not hasattr(whole, "__len__") or not _are_indices(indices, n, len(whole)):
        return None
    names = _find_names(whole, len(whole))
    return names and tuple(names[i] for i in indices)


def _are_paths(samples: Any, n: int) -> bool:
    """Whether these are the n pairs (path, label) that an ImageFolder has."""
    if not isinstance(samples, list) or len(samples) != n:
        return False
    return all(
        isinstance(pair, tuple | list)
        and len(pair) == 2
        and isinstance(pair[0], PATH_TYPES)
        for pair in samples
    )


def _are_indices(indices: Any, n: int, most: int) -> bool:
    """Whether these are the n places that a Subset has of a set of that length."""
    if not isinstance(indices, Sequence | np.ndarray) or len(indices) != n:
        return False
    places = np.asarray(indices)
    integers = places.dtype.kind in "iu"
    return integers and bool(-most <= places.min() <= places.max() < most)
