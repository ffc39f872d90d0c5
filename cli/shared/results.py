"""What a command that draws images prints of its store at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from .verdict import print_verdict

if TYPE_CHECKING:
    from ganaug.synth.screening import Screening
    from ganaug.synth.store.store import Store


def count_images(path: Path) -> dict[str, int]:
    """Count the images of each class that the store has already."""
    from ganaug.errors import StoreError
    from ganaug.synth.store.store import Store

    try:
        store = Store.load(path)
    except StoreError:
        return {}
    return dict(zip(store.classes, store.counts.tolist(), strict=True))


def print_result(store: Store, before: Mapping[str, int], as_json: bool) -> None:
    """Print a table and the verdict, or all of it as JSON.

    Args:
        store: the store.
        before: images of each class that it had before.
        as_json: whether to print JSON.
    """
    from ganaug.synth.screening import read_screening

    counts = dict(zip(store.classes, store.counts.tolist(), strict=True))
    added = {name: n - before.get(name, 0) for name, n in counts.items()}
    screening = read_screening(store.path)
    if as_json:
        typer.echo(_make_json(store, counts, added, screening))
    else:
        _print_table(store, counts, added, screening)


def _make_json(
    store: Store,
    counts: dict[str, int],
    added: dict[str, int],
    screening: Screening | None,
) -> str:
    import json

    values = {
        "store": str(store.path),
        "classes": counts,
        "added": added,
        "screening": None if screening is None else screening.to_dict(),
        "verdict": None if store.verdict is None else store.verdict.to_dict(),
    }
    return json.dumps(values)


def _print_table(
    store: Store,
    counts: dict[str, int],
    added: dict[str, int],
    screening: Screening | None,
) -> None:
    from ganaug.synth.screening import Screening

    from .console import make_table, results

    results.print(f"{store.path}: {len(store):,} images", soft_wrap=True)
    results.print(make_table("", *_make_summary(counts, added, screening)))
    if store.domains is not None:
        results.print(make_table("images of each cell", *_tabulate_cells(store)))
    for line in _find_remarks(screening or Screening(), store.classes):
        results.print(line, soft_wrap=True)
    short = screening is not None and any(each.note for each in screening.classes)
    if not any(added.values()) and not short:
        results.print("it already has all requested images; nothing was removed")
    print_verdict(store)


def _make_summary(
    counts: dict[str, int], added: dict[str, int], screening: Screening | None
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return columns and a row per class: all images, new ones, shares by filter."""
    if screening is None:
        rows = [(name, n, added[name]) for name, n in counts.items()]
        return ("class", "images #", "new #"), list(rows)
    known = {each.name: each for each in screening.classes}
    reasons = list(screening.classes[0].rejected)
    columns = ("class", "images #", "new #", "accepted #", *(f"{r} #" for r in reasons))
    table = []
    for name, n in counts.items():
        shares = [""] * (1 + len(reasons))
        if name in known:
            parts = [n, *(known[name].rejected[why] for why in reasons)]
            shares = [f"{part / known[name].drawn:.1%}" for part in parts]
        table.append((name, n, added[name], *shares))
    return columns, table


def _tabulate_cells(store: Store) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return columns and a row per class: its images in each domain."""
    import numpy as np

    counts = np.zeros((len(store.classes), len(store.domain_names)), int)
    assert store.domains is not None, "filled cells have domains"
    np.add.at(counts, (store.labels, store.domains), 1)
    rows = zip(store.classes, counts.tolist(), strict=True)
    columns = ("class", *(f"{name} #" for name in store.domain_names))
    return columns, [(name, *own) for name, own in rows]


def _find_remarks(screening: Screening, classes: Sequence[str]) -> Iterator[str]:
    from ganaug.synth.store.folder_names import explain_order

    from .console import printable

    for each in screening.classes:
        if each.note:
            yield f"{printable(each.name)} {each.note}"
    for note in screening.notes:
        yield f"note: {printable(note)}"
    order = explain_order(classes)
    if order:
        yield f"note: {printable(order)}"
