"""Records: the types of values in JSON files, checked where a file is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

# name → type; a name that ends with ? may be missing
Types = Mapping[str, Any]
LARGEST = 2**63  # whole numbers must be smaller, as arrays and files have them
SHOWN = 40  # characters of a wrong value in a message


def conform_fields(values: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """Check the values of a record; lists become tuples where the type says so.

    Args:
        values: what a file has.
        types: type of each name, such as `int`, `str | None` or `dict[str, int]`; the
            ending `?` marks a name that may be missing. `Any` takes every value.

    Raises:
        ValueError: a value has another type, is missing, or has an unknown name.

    Example:
        >>> conform_fields({"size": [8, 6]}, {"size": tuple[int, int], "note?": str})
        {'size': (8, 6)}
    """
    known = {name.removesuffix("?"): hint for name, hint in types.items()}
    for name in types:
        if name not in values and not name.endswith("?"):
            raise ValueError(f"it lacks {name}")
    for name in values:
        if name not in known:
            raise ValueError(f"it has an unknown entry {_show(name)}")
    return {name: conform(value, known[name], name) for name, value in values.items()}


def list_types(record: type, **others: Any) -> dict[str, Any]:
    """List the types of a dataclass's fields; those with a default may be missing.

    Args:
        record: the dataclass.
        others: types that differ in the file.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Point:
        ...     x: int
        ...     note: str = ""
        >>> list_types(Point)
        {'x': <class 'int'>, 'note?': <class 'str'>}
    """
    hints = get_type_hints(record) | others
    needless = {
        f.name
        for f in fields(record)
        if f.default is not MISSING or f.default_factory is not MISSING
    }
    names = [f.name for f in fields(record)]
    return {f"{n}?" if n in needless else n: hints[n] for n in names}


def conform_record(value: Any, record: Any, name: str) -> Any:
    """Make a dataclass of the values that `asdict` gave, also through JSON.

    Raises:
        ValueError: they are not its fields, or have other types.
    """
    values = _conform_dict(value, dict, name)
    try:
        return record(**conform_fields(values, list_types(record)))
    except ValueError as error:
        raise ValueError(f"in {name}, {error}") from error


def conform(value: Any, hint: Any, name: str) -> Any:
    """Return a value in the type wanted; raise ValueError where it has another one.

    Example:
        >>> conform([1, 2.5], tuple[float, ...], "rates")
        (1, 2.5)
        >>> conform("8", int, "size")
        Traceback (most recent call last):
        ValueError: size is '8', not a whole number
    """
    origin = get_origin(hint)
    if hint is Any:
        return value
    if is_dataclass(hint):
        return conform_record(value, hint, name)
    if origin in (Union, UnionType):
        return _conform_union(value, hint, name)
    if origin is Literal:
        return _conform_choice(value, hint, name)
    if origin in (tuple, list):
        return _conform_list(value, hint, name)
    if origin in (dict, Mapping) or hint is dict:
        return _conform_dict(value, hint, name)
    if not _is_plain(value, hint):
        raise ValueError(f"{name} is {_show(value)}, not {_say(hint)}")
    return value


def _conform_union(value: Any, hint: Any, name: str) -> Any:
    for option in get_args(hint):
        try:
            return conform(value, option, name)
        except ValueError as error:
            problem = error
    if len(get_args(hint)) == 2 and NoneType in get_args(hint) and value is not None:
        raise problem
    raise ValueError(f"{name} is {_show(value)}, not {_say(hint)}")


def _conform_choice(value: Any, hint: Any, name: str) -> Any:
    for option in get_args(hint):
        if type(value) is type(option) and value == option:
            return value
    raise ValueError(f"{name} is {_show(value)}, not {_say(hint)}")


def _conform_list(value: Any, hint: Any, name: str) -> Any:
    """Conform the items of a list, of any number or of exactly as many as types."""
    parts, kind = get_args(hint), get_origin(hint)
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} is {_show(value)}, not a list")
    if kind is list or parts[-1] is Ellipsis:
        parts = (parts[0],) * len(value)
    if len(value) != len(parts):
        raise ValueError(f"{name} has {len(value)} values, not {len(parts)}")
    found = (conform(v, part, name) for v, part in zip(value, parts, strict=True))
    return kind(found)


def _conform_dict(value: Any, hint: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is {_show(value)}, not a table")
    part = get_args(hint)[1] if get_args(hint) else Any
    return {key: conform(v, part, f"{name} of {key!r}") for key, v in value.items()}


def _is_plain(value: Any, kind: Any) -> bool:
    """Whether a value is of a plain type; a whole number is a number, True is none."""
    if isinstance(value, bool):
        return kind is bool
    if isinstance(value, int):
        return kind in (int, float) and abs(value) < LARGEST
    return isinstance(value, kind)


def _say(hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_say(option) for option in get_args(hint))
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    origin = get_origin(hint) or hint
    return WORDS.get(origin, getattr(origin, "__name__", str(origin)))


def _show(value: object) -> str:
    """Show a value in a few characters, however large or deep it is."""
    if isinstance(value, dict | list | tuple):
        return f"a {'table' if isinstance(value, dict) else 'list'}"
    if isinstance(value, int) and abs(value) >= LARGEST:
        return "a number beyond all bounds"
    text = repr(value[: SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN + 2 else f"{text[:SHOWN]}…"


WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    NoneType: "nothing",
    list: "a list",
    tuple: "a list",
    dict: "a table",
}
