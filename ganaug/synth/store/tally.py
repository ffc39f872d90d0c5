"""Tally: how many candidates of each class, cell and caption a manifest has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ganaug.synth.store.manifest import Row


class Count(NamedTuple):
    """Accepted images, and all candidates."""

    accepted: int
    drawn: int


class Tally:
    """Counts of rows, by class, by class and domain, and by caption.

    Example:
        >>> rows = [Row("cat/0.png", "cat", 0, 0, 0, "", ""),
        ...         Row("", "cat", 0, 0, 1, "", "", kept=0)]
        >>> Tally(rows).of_class("cat")
        Count(accepted=1, drawn=2)
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._accepted: Counter[tuple[str, ...]] = Counter()
        self._drawn: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        for key in (
            ("class", row.class_name),
            ("cell", row.class_name, row.domain),
            ("caption", row.caption),
        ):
            self._accepted[key] += row.kept
            self._drawn[key] += 1

    def of_class(self, name: str) -> Count:
        """Count the rows of a class."""
        return Count(self._accepted["class", name], self._drawn["class", name])

    def of_cell(self, name: str, domain: str) -> Count:
        """Count the rows of a class in a domain."""
        key = ("cell", name, domain)
        return Count(self._accepted[key], self._drawn[key])

    def of_caption(self, text: str) -> Count:
        """Count the rows of a caption."""
        return Count(self._accepted["caption", text], self._drawn["caption", text])
