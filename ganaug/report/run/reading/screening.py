"""The screening of a store: its screening.json, or counts from its manifest."""

from __future__ import annotations

from collections import Counter

from ganaug.synth.screening import ClassScreening, Screening, read_screening
from ganaug.synth.store.store import Store


def summarise_screening(store: Store) -> Screening:
    """Read screening.json; without it, count the manifest's rejected rows.

    Raises:
        StoreError: the file is damaged, or has a newer format.
    """
    return read_screening(store.path) or Screening(classes=_count_manifest(store))


def _count_manifest(store: Store) -> tuple[ClassScreening, ...]:
    """Count kept and rejected rows by class; empty if no row was rejected."""
    kept: Counter[str] = Counter()
    rejected: dict[str, Counter[str]] = {name: Counter() for name in store.classes}
    for row in store.read_rows():
        if row.kept:
            kept[row.class_name] += 1
        else:
            rejected[row.class_name][row.reason or "no reason given"] += 1
    if not any(rejected.values()):
        return ()
    return tuple(
        ClassScreening(
            name, kept[name], kept[name], kept[name] + some.total(), dict(some)
        )
        for name, some in rejected.items()
    )
