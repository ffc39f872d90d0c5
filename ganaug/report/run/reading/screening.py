"""Screening: what the filters of `ganaug synth` left in a store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ganaug.errors import StoreError
from ganaug.synth.screening import NAME, read_screening
from ganaug.synth.store import manifest
from ganaug.synth.store.store import Store


@dataclass(frozen=True)
class ClassCount:
    """Candidates of one class: asked for, kept, drawn, and rejected by reason."""

    name: str
    wanted: int
    accepted: int
    drawn: int
    rejected: dict[str, int]
    note: str = ""


@dataclass(frozen=True)
class Screening:
    """What is known of a store's candidates; empty parts were not measured.

    Attributes:
        counts: one for each class that was screened.
        closest: pairs of a synthetic and a real image, nearest first.
        too_close: share of candidates too near to a training image, or None.
        copying: (class, z, note) of the C_T test.
        notes: sentences for the reader.
    """

    counts: tuple[ClassCount, ...] = ()
    closest: tuple[dict[str, Any], ...] = ()
    too_close: float | None = None
    copying: tuple[tuple[str, float | None, str], ...] = ()
    notes: tuple[str, ...] = field(default=())


def summarise_screening(store: Store) -> Screening:
    """From screening.json, or else counts from the manifest's rejected rows.

    Raises:
        StoreError: the file is damaged, or of a newer format.
    """
    values = read_screening(store.path)
    if values is None:
        return Screening(counts=_count_manifest(store))
    try:
        return _parse(values)
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{store.path / NAME} is damaged: {error}; run ganaug synth again"
        ) from error


def _parse(values: dict[str, Any]) -> Screening:
    found = values.get("memorisation") or {}
    too_close = found.get("too_close")
    return Screening(
        tuple(_parse_class(*item) for item in (values.get("classes") or {}).items()),
        tuple(dict(pair) for pair in values.get("closest") or []),
        None if too_close is None else float(too_close),
        tuple(_parse_test(*item) for item in (found.get("ct") or {}).items()),
        tuple(map(str, values.get("notes") or [])),
    )


def _parse_class(name: str, values: dict[str, Any]) -> ClassCount:
    rejected = {k: int(n) for k, n in (values.get("rejected") or {}).items() if n}
    accepted = int(values.get("accepted", 0))
    drawn = int(values.get("drawn", accepted + sum(rejected.values())))
    wanted = int(values.get("wanted", accepted))
    return ClassCount(name, wanted, accepted, drawn, rejected, values.get("note") or "")


def _parse_test(name: str, values: dict[str, Any]) -> tuple[str, float | None, str]:
    z = values.get("z")
    return name, None if z is None else float(z), values.get("note") or ""


def _count_manifest(store: Store) -> tuple[ClassCount, ...]:
    """Kept and rejected rows by class; nothing where no row was rejected."""
    kept: Counter[str] = Counter()
    rejected: dict[str, Counter[str]] = {name: Counter() for name in store.classes}
    for row in manifest.read_rows(store.path / manifest.NAME):
        if row.kept:
            kept[row.class_name] += 1
        else:
            rejected[row.class_name][row.reason or "no reason given"] += 1
    if not any(rejected.values()):
        return ()
    return tuple(
        ClassCount(name, kept[name], kept[name], kept[name] + some.total(), dict(some))
        for name, some in rejected.items()
    )
