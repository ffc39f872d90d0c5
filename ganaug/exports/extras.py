"""Extras: libraries that only some exports need, imported when one asks for them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ganaug.errors import MissingExtraError


def import_extra(module: str, extra: str, what: str) -> Any:
    """Import a module, or say in one line what to install.

    Args:
        module: its name, such as `pyarrow.parquet`.
        extra: the extra of ganaug that brings it.
        what: what needs it, as the subject of the line.

    Raises:
        MissingExtraError: it is not installed.

    Example:
        >>> import_extra("no_such", "parquet", "this format")
        Traceback (most recent call last):
        ganaug.errors.MissingExtraError: this format needs no_such: pip install \
'ganaug[parquet]'
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{what} needs {package}: pip install 'ganaug[{extra}]'"
        ) from error
