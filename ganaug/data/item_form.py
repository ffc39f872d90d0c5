"""ItemForm: where an item of a Dataset has its image and its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganaug.errors import DataError

IMAGE_KEYS = ("image", "img", "pixel_values", "images")
DOMAIN_KEY = "domain"
LABEL_KEYS = ("label", "labels", "target", "class")
ADAPTER = (  # with all attributes of the Dataset, such as classes and transform
    "class Pairs(type(real)): __init__ = lambda self: vars(self).update(vars(real)); "
    "__getitem__ = lambda self, i: super(Pairs, self).__getitem__(i)[:2]"
)


@dataclass(frozen=True)
class ItemForm:
    """A pair (image, label), or a dict with an image and a label.

    Attributes:
        image, label: the dict's keys; None for a pair.

    Example:
        >>> form = find_form({"img": "pixels", "label": 3})
        >>> form.split({"img": "pixels", "label": 3}), form.join("other", 4)
        (('pixels', 3), {'img': 'other', 'label': 4})
    """

    image: str | None = None
    label: str | None = None

    def split(self, item: Any) -> tuple[Any, Any]:
        """Return the item's image and label."""
        if self.image is None:
            image, label = item
            return image, label
        return item[self.image], item[self.label]

    def join(self, image: Any, label: Any) -> Any:
        """Return an item with that image and label, and nothing else."""
        if self.image is None:
            return image, label
        return {self.image: image, self.label: label}


def find_form(item: Any, *, of: Any = None) -> ItemForm:
    """Find the form of an item.

    Args:
        of: the Dataset that yields it, for the error's cure.

    Raises:
        DataError: it is neither a pair nor a dict with an image and a label.
    """
    if isinstance(item, Mapping):
        return _find_keys(list(map(str, item)))
    if not isinstance(item, Sequence) or isinstance(item, str):
        raise DataError(
            f"an item of the dataset is a {type(item).__name__}; it must yield pairs "
            '(image, label) or dicts {"image": …, "label": …}'
        )
    if len(item) != 2:
        raise DataError(
            f"an item of the dataset has {len(item)} parts, and ganaug reads pairs "
            f"(image, label); {_say_pairs(of)}"
        )
    return ItemForm()


def _say_pairs(dataset: Any) -> str:
    if isinstance(dataset, Sequence):
        return "give [item[:2] for item in real]"
    return f"give Pairs() in place of real: {ADAPTER}"


def is_table(dataset: Any) -> bool:
    """Whether this is a Dataset of Hugging Face's, with columns."""
    return all(hasattr(dataset, name) for name in ("column_names", "with_format"))


def name_classes(dataset: Any, form: ItemForm) -> list[str] | None:
    """Return the names that a table has for its labels, or None."""
    feature = dataset.features.get(form.label) if is_table(dataset) else None
    return getattr(feature, "names", None)


def _find_keys(keys: list[str]) -> ItemForm:
    image = next((key for key in IMAGE_KEYS if key in keys), None)
    label = next((key for key in LABEL_KEYS if key in keys), None)
    if image is None or label is None:
        what = "image" if image is None else "label"
        raise DataError(
            f"the dataset's items have the keys {', '.join(keys)}, and none of them "
            f'is called {what}; rename one: real.rename_column("…", "{what}")'
        )
    return ItemForm(image, label)
