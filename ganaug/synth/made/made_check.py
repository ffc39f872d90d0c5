"""MadeCheck: a CSV beside its .json, and what is found wrong with either."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.display.words import count
from ganaug.errors import DataError
from ganaug.files import beside
from ganaug.spreadsheets import unshield
from ganaug.synth.difference import Difference
from ganaug.tables.csv_file import read_fields
from ganaug.tables.draws import Labels
from ganaug.tables.made_file import (
    MadeFile,
    MadeKind,
    digest_entries,
    find_environment,
    read_made,
)
from ganaug.training.weights import file_digest

TOLERANCE = 2e-3  # of figures, which other software may round otherwise
LONGEST = 80  # characters of a row in a message


class CheckedFile(NamedTuple):
    """What a check found: differences, and what could not be checked."""

    differences: list[Difference]
    notes: list[str]


@dataclass(eq=False)
class MadeCheck:
    """A made CSV with its rows; collects one fault of each row, and those of the whole.

    Attributes:
        file: the CSV, and what its .json says.
        names: names of its columns.
        rows: fields of each row.
        faults: row, from 0 → what is wrong with it.
        others: what is wrong with no single row.
        notes: what could not be checked, and why.
    """

    file: MadeFile
    names: list[str]
    rows: list[list[str]]
    faults: dict[int, str] = field(default_factory=dict)
    others: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def values(self) -> dict[str, Any]:
        """What the .json says."""
        return self.file.values

    @property
    def json(self) -> Path:
        """The .json."""
        return beside(self.file.path, ".json")

    @property
    def run(self) -> Path:
        """The folder of the training."""
        return beside(self.file.path, ".run")

    @property
    def same_environment(self) -> bool:
        """Whether draws here have to equal those of the file."""
        return bool(self.values.get("environment") == find_environment())

    def column(self, name: str) -> list[str]:
        """Return the fields of a column, as they were before they were shielded."""
        place = self.names.index(name)
        return [unshield(row[place]) for row in self.rows]

    def blame(self, row: int, what: str) -> None:
        """Note what is wrong with a row; the first fault of a row counts."""
        self.faults.setdefault(row, what)

    def doubt(self, what: str, path: Path | None = None) -> None:
        """Note what is wrong with the CSV as a whole, or with another file."""
        self.others.append(Difference(str(path or self.file.path), what))

    def close(self) -> CheckedFile:
        """Return what was found; the CSV's digest counts where nothing else was."""
        path = self.file.path
        rows = [
            Difference(str(path), f"row {k + 1}: {what}")
            for k, what in sorted(self.faults.items())
        ]
        known = self.values.get("csv_sha256")
        if not rows and not self.others and known not in (None, file_digest(path)):
            self.doubt("altered: other bytes than when it was written")
        return CheckedFile([*self.others, *rows], self.notes)


def open_check(path: Path, kind: MadeKind) -> MadeCheck:
    """Read a CSV and its .json; `others` of the result is not empty where they fail.

    Raises:
        StoreError: the .json is missing or cannot be read.
        DataError: there is no CSV.
    """
    file = read_made(path, kind)
    check = MadeCheck(file, [], [])
    sealed = file.values.get("sha256")
    if sealed not in (None, digest_entries(file.values)):
        check.doubt(
            "altered since it was written, so the CSV cannot be compared with it; "
            "restore it",
            check.json,
        )
        return check
    try:
        check.names, check.rows = read_fields(path)
    except DataError as error:
        if not path.is_file():
            raise
        check.doubt(str(error).removeprefix(f"{path} "))
    return check


def check_columns(check: MadeCheck, wanted: Sequence[str]) -> None:
    """Compare the names of the columns."""
    for name in wanted:
        if name not in check.names:
            check.doubt(f"the column {name} is missing")
    for name in check.names:
        if name not in wanted:
            check.doubt(f"the column {name} was not written by ganaug")


def check_classes(check: MadeCheck, labels: Sequence[str]) -> None:
    """Compare the class of each row, and the numbers of the classes."""
    recorded = check.values.get("made", check.values["counts"])
    for k, label in enumerate(labels):
        if label not in recorded:
            check.blame(k, f"class {label!r} is none that {check.json.name} has")
    for name, n in recorded.items():
        there = sum(label == name for label in labels)
        if there != n:
            check.doubt(
                f"{count(there, 'row')} of class {name!r}, but {check.json.name} has "
                f"{n:,}"
            )


def check_origins(
    check: MadeCheck, column: str, labels: Sequence[str], real: Sequence[str] | None
) -> None:
    """Check the real row that each began as, and compare its class where known."""
    for k, (word, label) in enumerate(zip(check.column(column), labels, strict=True)):
        if not (word.isdecimal() and int(word) > 0):
            check.blame(k, f"{column} is {word!r}, not a number of a row")
        elif real is not None and int(word) > len(real):
            check.blame(k, f"{column} is {word}, but there are {len(real):,} real rows")
        elif real is not None and real[int(word) - 1] != label:
            check.blame(
                k,
                f"class {label!r}, but the real row {word} it began as is of class "
                f"{real[int(word) - 1]!r}",
            )


def read_numbers(check: MadeCheck, column: str) -> NDArray[np.float64]:
    """Read a column of figures; NaN, and a fault, where a field is no number."""
    found = np.full(len(check.rows), np.nan)
    for k, word in enumerate(check.column(column)):
        try:
            found[k] = float(word)
        except ValueError:
            check.blame(k, f"{column} is {word!r}, not a number")
    return found


def check_figures(
    check: MadeCheck,
    column: str,
    there: NDArray[np.float64],
    rows: Labels,
    again: NDArray[np.float64],
) -> None:
    """Compare all recorded figures, at some rows (n,), with those taken again (n,)."""
    there = there[rows]
    apart = np.abs(there - again) > TOLERANCE * (1 + np.abs(again))
    for k in np.flatnonzero(apart):
        check.blame(
            int(rows[k]),
            f"{column} is {there[k]:g}, but what is written there has {again[k]:.4g}",
        )


def check_passed(
    check: MadeCheck, name: str, rows: Labels, refused: NDArray[np.bool_]
) -> None:
    """Compare how many rows (n,) of a class the filters refuse with the tally."""
    tally: Mapping[str, Any] = check.values["tallies"].get(name, {})
    forced = tally.get("forced", 0)
    there = sum(int(k) not in check.faults for k in rows[refused])
    if there > forced and check.same_environment:
        check.doubt(
            f"the filters refuse {count(there, 'row')} of class {name!r}, but "
            f"{check.json.name} has {forced:,}"
        )


def compare_draws(
    check: MadeCheck,
    places: Sequence[int],
    there: Sequence[str],
    drawn: Sequence[str],
    known: Collection[str],
) -> int:
    """Compare what some rows have with what was drawn again in the same order.

    Args:
        check: where faults are noted, if this machine has to draw the same.
        places: rows that are compared.
        there: what each of them has.
        drawn: what was drawn.
        known: what any row has.

    Returns:
        How many differ.
    """
    apart = 0
    matcher = SequenceMatcher(None, there, drawn, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        for place, again in zip_longest(places[a:b], drawn[c:d]):
            apart += 1
            if check.same_environment:
                _note_draw(check, place, again, known)
    return apart


def say_unlike(check: MadeCheck, apart: int, unit: str) -> None:
    """Note that other software draws otherwise."""
    if apart and not check.same_environment:
        check.notes.append(
            f"{count(apart, unit)} came out differently when drawn again, as other "
            f"software or another device may draw them than that {check.json.name} has"
        )


def _note_draw(
    check: MadeCheck, place: int | None, again: str | None, known: Collection[str]
) -> None:
    if place is None:
        if again is not None and again not in known:
            check.doubt(f"a row is missing that is drawn again: {_shorten(again)!r}")
    elif again is None:
        check.blame(place, "not among those that are drawn again")
    else:
        check.blame(place, f"drawn again, it is {_shorten(again)!r}")


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
