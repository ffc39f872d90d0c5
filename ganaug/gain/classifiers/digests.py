"""Digests of files and of functions."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any


def digest_file(path: Path | str) -> str:
    """Return a digest of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def digest_code(function: Any) -> str:
    """Return a digest of a function's own code, without the functions that it calls."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    plain = [
        # Python changes the order of strings in a set from one process to the next
        sorted(c) if isinstance(c, frozenset) and _are_texts(c) else c
        for c in code.co_consts
        if not hasattr(c, "co_code")
    ]
    text = f"{code.co_code!r} {code.co_names} {plain}"
    return hashlib.sha256(text.encode()).hexdigest()


def _are_texts(values: frozenset[object]) -> bool:
    return all(isinstance(value, str) for value in values)
