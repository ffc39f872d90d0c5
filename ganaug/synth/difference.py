"""Difference: what `verify` found wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One difference between a store and its records: the file, and what is wrong."""

    path: str
    what: str
