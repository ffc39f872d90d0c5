"""Folders that ganaug wrote: stores, runs and gains among a user's images."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

# files by which each kind of folder is known
MADE = (
    {"meta.json", "manifest.csv"},
    {"config.json", "fingerprint.json"},
    {"settings.json", "cells"},
)


def is_made(names: Collection[str]) -> bool:
    """Whether a folder with files of these names is a store, a run or a gain.

    Example:
        >>> is_made(["meta.json", "manifest.csv", "cat"]), is_made(["meta.json"])
        (True, False)
    """
    return any(marks <= set(names) for marks in MADE)


def leave_out_made(folders: list[Path]) -> tuple[list[Path], tuple[str, ...]]:
    """Leave out folders that ganaug wrote, which are no classes; note them."""
    made = [folder for folder in folders if is_made(os.listdir(folder))]
    if not made:
        return folders, ()
    names = ", ".join(folder.name for folder in made)
    others = [folder for folder in folders if folder not in made]
    return others, (f"{names} was written by ganaug, so it is no class",)
