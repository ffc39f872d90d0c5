"""The cells of a set and what is said of its domains, for `inspect`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganaug.data.cells import CellTable
    from ganaug.data.confounding.inspection import DomainInspection

MOST_COLUMNS = 8  # domains; with more, a row only counts its cells
MOST_ROWS = 50
NAME_WIDTH = 16  # letters of a domain's name over a column

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]  # columns, rows


def print_domains(found: DomainInspection) -> None:
    """Print the table of cells, and one line for each thing to know."""
    from .console import make_grid, make_table, printable, results

    if found.proposal is not None:
        results.print(f"domains: {printable(found.proposal.say())}", soft_wrap=True)
    for pool in found.pools:
        results.print(printable(pool.say()), soft_wrap=True)
        for note in pool.notes:
            results.print(f"note: {printable(note)}", soft_wrap=True)
    if found.cells is None:
        return
    columns, rows = tabulate(found.cells)
    title = "cells: images of each class in each domain"
    results.print(make_table(title, columns, rows[:MOST_ROWS]))
    if len(rows) > MOST_ROWS:
        results.print(f"… and {len(rows) - MOST_ROWS:,} more (--json lists all)")
    results.print(make_grid("domains", list_lines(found)))


def describe_look(found: DomainInspection) -> list[tuple[str, str]]:
    """Say how well light, colour and sharpness alone tell classes apart."""
    if found.classes is None:
        return []
    told = f"{found.classes.accuracy:.0%} right, by chance {found.classes.chance:.0%}"
    return [("classes told by light, colour and sharpness", told)]


def tabulate(cells: CellTable) -> Rows:
    """Return columns and one row per class: a number per domain, or of cells.

    Thin cells are marked with `thin`, empty ones with `–`.
    """
    from ganaug.data.cells import WORDS

    unknown = any(cells.unknown)
    if len(cells.domains) > MOST_COLUMNS:
        columns = ("class", *(f"{word} cells #" for word in reversed(WORDS)))
        rows = [
            (name, *(str(words.count(word)) for word in reversed(WORDS)))
            for name, words in zip(cells.classes, cells.words, strict=True)
        ]
    else:
        columns = ("class", *(f"{_shorten(name)} #" for name in cells.domains))
        rows = [
            (name, *map(_say_cell, counts))
            for name, counts in zip(cells.classes, cells.counts, strict=True)
        ]
    if unknown:
        columns += ("unknown #",)
        rows = [(*row, str(n)) for row, n in zip(rows, cells.unknown, strict=True)]
    return columns, rows


def list_lines(found: DomainInspection) -> list[tuple[str, str]]:
    """List what is known of the domains, as pairs of words and what was found."""
    return list(_iterate_lines(found))


def _iterate_lines(found: DomainInspection) -> Iterator[tuple[str, str]]:
    from ganaug.display.words import count

    assert found.cells is not None, "the domains are known"
    words = [word for row in found.cells.words for word in row]
    numbers = ", ".join(f"{words.count(w):,} {w}" for w in ("seen", "thin", "empty"))
    domains = count(len(found.cells.domains), "domain")
    yield "cells", f"{numbers} ({domains}; seen: 8 images or more, thin: 1 to 7)"
    if found.association is not None:
        a = found.association
        yield (
            "class and domain",
            f"Cramér's V {a.v:.2f} (95 %: {a.low:.2f} to {a.high:.2f}), from 0, "
            "independent, to 1, one tells the other",
        )
    if found.recognition is not None:
        r = found.recognition
        yield (
            "told by their look",
            f"{r.accuracy:.0%} of images, by chance {r.chance:.0%}, with a linear "
            "classifier of light, colour and sharpness",
        )
    yield (
        "what is wrong",
        found.wrong or _say_fine(found.cells.domains),
    )
    if found.fill is not None:
        yield "what would help", found.fill
    if found.wanted is not None:
        yield "or", found.wanted


def _say_fine(domains: tuple[str, ...]) -> str:
    if len(domains) == 1:
        return f"nothing that shows: all images are of one domain, {domains[0]}"
    return "nothing: every class was seen in every domain"


def _shorten(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"


def _say_cell(n: int) -> str:
    from ganaug.data.cells import name_cell

    return {"empty": "–", "thin": f"{n} thin"}.get(name_cell(n), f"{n:,}")
