"""Cells: how many real and synthetic images each class has in each domain."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganaug.data.cells import count_cells
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.store.store import Store
from ganaug.synth.verdict.record import CellVerdict

CLASSES_SHOWN = 40  # most classes
DOMAINS_SHOWN = 12  # most domains
TINT = 45  # per cent of colour where most images are; words stay readable

Cell = tuple[str, str]  # class and domain


def describe_cells(material: RunMaterial) -> dict[str, Any] | None:
    """Return the heat map of a store's cells; None without domains."""
    store = material.store
    if store is None or store.domains is None:
        return None
    domains = store.domain_names[:DOMAINS_SHOWN]
    verdicts = () if store.verdict is None else store.verdict.cells
    judged = {(cell.class_name, cell.domain): cell for cell in verdicts}
    real, made = _count_real(material), _count_made(store)
    most = max((real or made).values(), default=0)
    rows = [
        {
            "name": name,
            "cells": [
                _describe_cell(
                    judged.get((name, domain)),
                    real=real.get((name, domain), 0) if real else None,
                    made=made[name, domain],
                    most=most,
                )
                for domain in domains
            ],
        }
        for name in store.classes[:CLASSES_SHOWN]
    ]
    return {
        "domains": domains,
        "rows": rows,
        "counted": bool(real),
        "hidden": len(store.classes) - len(rows),
        "hidden_domains": len(store.domain_names) - len(domains),
    }


def _describe_cell(
    verdict: CellVerdict | None, *, real: int | None, made: int, most: int
) -> dict[str, Any]:
    return {
        "real": real,
        "made": made,
        "tint": round(TINT * (made if real is None else real) / max(1, most)),
        "word": "" if verdict is None else verdict.word,
    }


def _count_made(store: Store) -> dict[Cell, int]:
    """Count the synthetic images of each cell."""
    assert store.domains is not None, "the store has domains"
    counts = np.zeros((len(store.classes), len(store.domain_names)), np.int64)
    np.add.at(counts, (store.labels, store.domains), 1)
    return {
        (name, domain): int(counts[k, d])
        for k, name in enumerate(store.classes)
        for d, domain in enumerate(store.domain_names)
    }


def _count_real(material: RunMaterial) -> dict[Cell, int]:
    """Count the real images of each cell; empty without any."""
    if material.real is None or material.real.images.domains is None:
        return {}
    data = material.real.images
    counts = count_cells(data)
    return {
        (name, domain): int(counts[k, d])
        for k, name in enumerate(data.classes)
        for d, domain in enumerate(data.domain_names)
    }
