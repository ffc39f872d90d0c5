"""Content: what a format writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.exports.selection import Example, Selection

Tell = Callable[[int, int], None]  # images written, and all


@dataclass(frozen=True)
class Content:
    """The images of an export, and what is said about them.

    Attributes:
        selection: the images.
        card: the dataset card, for folders.
        about: origin of the images as plain values, for files that can hold it.
        tell: function that is called after each image.
        out: where the result will stand when it is whole.
    """

    selection: Selection
    card: str
    about: dict[str, Any]
    tell: Tell
    out: Path

    def iterate(self) -> Iterator[Example]:
        """Yield the images one by one, and tell how many were taken."""
        total = len(self.selection)
        for k, example in enumerate(self.selection):
            yield example
            self.tell(k + 1, total)
