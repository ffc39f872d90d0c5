"""Names of the classes that a Dataset yields, checked against all of its labels."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug.data.item_form import ItemForm, name_classes
from ganaug.data.labels.label import Label, read_label, read_labels
from ganaug.data.labels.listed import (
    CONCATENATION,
    SUBSET,
    find_listed,
    list_labels,
    name_getter,
)
from ganaug.data.word import order_words, read_word
from ganaug.errors import DataError

Rows = Sequence[int]
Named = dict[str, Label]  # class name → label, in label order
SHOWN = 12  # class names in an error
# what something raises that is no Dataset of the same items
ITEM_ERRORS = (OSError, TypeError, ValueError, LookupError, DataError)


@dataclass(frozen=True)
class ClassNames:
    """Names of a Dataset's classes.

    Attributes:
        label_of: class name → label, in label order.
        missing: why the names are numbers, "" where they are the Dataset's own.
        note: the same for the user's eye, where the Dataset has names of other labels.
    """

    label_of: Named
    missing: str = ""
    note: str = ""


class NamelessError(Exception):
    """A Dataset has no names for its labels; the text is the reason."""


class RelabelledError(NamelessError):
    """A Dataset has names, but of other labels."""


def find_class_names(
    dataset: Any, labels: Sequence[Label], form: ItemForm, rows: Rows | None = None
) -> ClassNames:
    """Name the labels that a Dataset yields.

    Names come from `class_to_idx`, a table's features or `classes`, of the Dataset, of
    all parts that it joins, of one that it wraps without changing labels, or of its
    `reader`. Where there are none, numbers are the names.

    Args:
        dataset: the Dataset.
        labels: labels that its items yield.
        form: where its items have image and label.
        rows: the items that have these labels; by default all, in order.

    Raises:
        DataError: labels and names contradict each other.

    Example:
        >>> find_class_names([], [10, 2], ItemForm()).label_of
        {'2': 2, '10': 10}
    """
    if isinstance(next(iter(labels), None), str):
        return ClassNames(_name_words(dataset, labels))
    rows = range(len(labels)) if rows is None else rows
    try:
        return ClassNames(_find(dataset, labels, form, rows))
    except NamelessError as error:
        numbers = sorted(label for label in set(labels) if isinstance(label, int))
        note = f"{error}: the numbers are the names"
        told = isinstance(error, RelabelledError)
        return ClassNames({str(k): k for k in numbers}, str(error), note * told)


def _name_words(dataset: Any, labels: Sequence[Label]) -> Named:
    """Take labels that are words for the names, in the Dataset's own order."""
    words = {str(label) for label in labels}
    own: Any = getattr(dataset, "classes", None)
    names = [read_word(name) for name in own] if _is_names(own) else []
    if not words <= set(names):
        names = sorted(words, key=order_words)
    return {name: name for name in names}


def _find(dataset: Any, labels: Sequence[Label], form: ItemForm, rows: Rows) -> Named:
    table = name_classes(dataset, form)
    if table is not None:
        return _take_places(table, set(labels))
    if _has_names(dataset, inspect.getattr_static):
        _refuse_relabelled(dataset, labels, rows)
        return _take_own(dataset, set(labels))
    if name_getter(dataset) == CONCATENATION:
        return _find_joined(dataset, labels, form, rows)
    inner = getattr(dataset, "dataset", None)
    if hasattr(inner, "__len__") and hasattr(inner, "__getitem__"):
        return _find(inner, labels, form, _find_rows(dataset, labels, form, rows))
    if _has_names(dataset, getattr):
        _refuse_relabelled(dataset, labels, rows)
        return _take_own(dataset, set(labels))
    reader = getattr(dataset, "reader", None)  # timm's datasets have names there
    relabels = getattr(dataset, "target_transform", None) is not None
    if isinstance(getattr(reader, "class_to_idx", None), Mapping) and not relabels:
        return _take_own(reader, set(labels))
    raise NamelessError(_say_nameless(dataset))


def _has_names(dataset: Any, look: Callable[..., Any]) -> bool:
    """Whether a Dataset has names; `getattr_static` sees none that it forwards."""
    return any(
        look(dataset, name, None) is not None
        and getattr(dataset, name, None) is not None
        for name in ("class_to_idx", "classes")
    )


def _refuse_relabelled(dataset: Any, labels: Sequence[Label], rows: Rows) -> None:
    """Raise NamelessError where each listed label is yielded as another one.

    Where one listed label is yielded as several, the list is in another order.
    """
    listed = find_listed(dataset)
    if listed is None or isinstance(next(iter(listed), None), str):
        return
    yielded: dict[Label, set[Label]] = {}
    for row, label in zip(rows, labels, strict=True):
        yielded.setdefault(listed[row], set()).add(label)
    if any(len(found) > 1 for found in yielded.values()):
        return
    for label, found in yielded.items():
        if found != {label}:
            raise RelabelledError(
                f"the {type(dataset).__name__} yields the label {found.pop()} for what "
                f"it lists as {label}, so its class names belong to other labels"
            )


def _take_own(dataset: Any, known: set[Label]) -> Named:
    numbers = getattr(dataset, "class_to_idx", None)
    classes: Any = getattr(dataset, "classes", None)
    if not isinstance(numbers, Mapping) and isinstance(classes, Mapping):
        numbers = classes
    if isinstance(numbers, Mapping) and numbers:
        named = {str(name): read_label(k) for name, k in numbers.items()}
        if len(set(named.values())) == len(named):
            return _check(_order(named), known)
    if not _is_names(classes):
        raise NamelessError(_say_nameless(dataset))
    return _take_classes([str(name) for name in classes], known)


def _take_classes(names: list[str], known: set[Label]) -> Named:
    """Take names by their place, or by their number where labels are these numbers."""
    places = dict(enumerate(names))
    words = [read_word(name) for name in names]
    if not all(word.isascii() and word.isdecimal() for word in words):
        return _take_places(names, known)
    numbers = {int(word): name for word, name in zip(words, names, strict=True)}
    if not known <= set(numbers):
        return _take_places(names, known)
    other = [k for k, name in numbers.items() if places.get(k) != name]
    if other and known <= set(places):
        k = other[0]
        raise DataError(
            f"the dataset's classes are numbers in another order ({_list(names)}), so "
            f"its label {k} may be the class {numbers[k]} or "
            f"{places.get(k, 'another')}; give it class_to_idx, such as "
            f'{{"{numbers[k]}": {k}, …}}'
        )
    return _order({name: k for k, name in numbers.items()})


def _take_places(names: Sequence[str], known: set[Label]) -> Named:
    places: Named = {str(name): k for k, name in enumerate(names)}
    if len(places) < len(names):
        twice = next(name for k, name in enumerate(names) if places[str(name)] != k)
        raise DataError(f"class name {twice!r} occurs twice; make the names unique")
    return _check(places, known)


def _check(named: Named, known: set[Label]) -> Named:
    unknown = sorted(known - set(named.values()), key=str)
    if unknown:
        listed = _list([f"{k} ({name})" for name, k in named.items()])
        raise DataError(
            f"the dataset has a label {unknown[0]}, but its classes are numbered "
            f"{listed}"
        )
    return named


def _find_joined(
    dataset: Any, labels: Sequence[Label], form: ItemForm, rows: Rows
) -> Named:
    """Find the names of all parts of a ConcatDataset, which must agree."""
    ends = np.cumsum([len(part) for part in dataset.datasets])
    parts = np.searchsorted(ends, rows, side="right")
    joined: dict[Label, str] = {}
    for k, part in enumerate(dataset.datasets):
        places = np.flatnonzero(parts == k).tolist()
        begin = int(ends[k]) - len(part)
        own = [rows[i] - begin for i in places]
        found = _find(part, [labels[i] for i in places], form, own)
        for name, label in found.items():
            if joined.setdefault(label, name) != name:
                raise DataError(
                    f"the parts of the {type(dataset).__name__} number their classes in"
                    f" different ways: {label} is {joined[label]} in one and {name} in "
                    "another; give them the same class_to_idx"
                )
    return _order({name: label for label, name in joined.items()})


def _find_rows(
    dataset: Any, labels: Sequence[Label], form: ItemForm, rows: Rows
) -> list[int]:
    """Find which items of the Dataset inside a wrapper these are, by their labels."""
    inner = dataset.dataset
    indices: Any = getattr(dataset, "indices", None)
    if not hasattr(indices, "__len__") or len(indices) != len(dataset):
        indices = range(len(dataset))  # a wrapper may repeat a set
    places = [int(indices[row]) % len(inner) for row in rows]
    if name_getter(dataset) == SUBSET:
        return places
    try:
        known = list_labels(inner, form)
        place = 1 if form.label is None else form.label  # also of longer items
        inside = known or {i: inner[i][place] for i in places}
        found = read_labels([inside[i] for i in places])
    except ITEM_ERRORS as error:
        raise NamelessError(_say_nameless(dataset)) from error
    if found != list(labels):
        raise RelabelledError(
            f"the {type(dataset).__name__} yields other labels than the "
            f"{type(inner).__name__} inside it, so it has no names for its labels"
        )
    return places


def _order(named: Mapping[str, Any]) -> Named:
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def _is_names(found: Any) -> bool:
    listed = isinstance(found, Sequence) or hasattr(found, "__array__")
    return listed and not isinstance(found, str)


def _list(words: list[str]) -> str:
    return ", ".join(words[:SHOWN]) + (", …" if len(words) > SHOWN else "")


def _say_nameless(dataset: Any) -> str:
    return f"the {type(dataset).__name__} has no names for its labels"
