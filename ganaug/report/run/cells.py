"""Cells: what was filled, class by class and domain by domain, beside its sources."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganaug.data.cells import count_cells
from ganaug.data.images import LabelledImages
from ganaug.gan.inputs.training_set import to_grid
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import read_stored
from ganaug.synth.store.manifest import MANIFEST_FILE, Row, read_rows
from ganaug.synth.verdict.record import CellVerdict

CLASSES_SHOWN = 20  # most classes with pictures
DOMAINS_SHOWN = 8  # most domains
SIDE = 96  # most pixels of an image's longer side

Pictures = tuple[InlineImage | None, InlineImage]  # the source, and what it became


def describe_cells(material: RunMaterial) -> dict[str, Any] | None:
    """Return the table of cells and a picture of each; None without domains."""
    store = material.store
    if store is None or store.domains is None:
        return None
    domains = store.domain_names[:DOMAINS_SHOWN]
    counts = np.zeros((len(store.classes), len(store.domain_names)), np.int64)
    np.add.at(counts, (store.labels, store.domains), 1)
    judged = {} if store.verdict is None else _by_cell(store.verdict.cells)
    real, examples = _count_real(material), _pick_examples(material)
    rows = [
        {
            "name": name,
            "cells": [
                _describe_cell(
                    judged.get((name, domain)),
                    real=real.get((name, domain)),
                    synthetic=int(counts[label, d]),
                    pictures=examples.get((name, domain)),
                )
                for d, domain in enumerate(domains)
            ],
        }
        for label, name in enumerate(store.classes[:CLASSES_SHOWN])
    ]
    return {
        "domains": domains,
        "rows": rows,
        "hidden": len(store.classes) - len(rows),
        "hidden_domains": len(store.domain_names) - len(domains),
        "pictured": bool(examples),
    }


def _describe_cell(
    verdict: CellVerdict | None,
    *,
    real: int | None,
    synthetic: int,
    pictures: Pictures | None,
) -> dict[str, Any]:
    return {
        "real": real,
        "synthetic": synthetic,
        "word": "" if verdict is None else verdict.word,
        "reason": "" if verdict is None else verdict.reason or "",
        "pictures": pictures,
    }


def _by_cell(cells: tuple[CellVerdict, ...]) -> dict[tuple[str, str], CellVerdict]:
    return {(cell.class_name, cell.domain): cell for cell in cells}


def _count_real(material: RunMaterial) -> dict[tuple[str, str], int]:
    """Count the real images of each cell; empty without any."""
    if material.real is None:
        return {}
    data = material.real.images
    counts = count_cells(data)
    return {
        (name, domain): int(counts[k, d])
        for k, name in enumerate(data.classes)
        for d, domain in enumerate(data.domain_names)
    }


def _pick_examples(
    material: RunMaterial,
) -> dict[tuple[str, str], Pictures]:
    """Pick the first image of each cell, with its source where that is at hand."""
    assert material.store is not None
    first: dict[tuple[str, str], Row] = {}
    for row in read_rows(material.store.path / MANIFEST_FILE):
        if row.kept:
            first.setdefault((row.class_name, row.domain), row)
    data = None if material.real is None else material.real.images
    places = {} if data is None else {h: i for i, h in enumerate(data.hash_images())}
    found = {}
    for cell, row in first.items():
        image = read_stored(material, row.path)
        if image is not None:
            source = _show_source(material, data, places.get(row.source_id))
            found[cell] = source, image
    return found


def _show_source(
    material: RunMaterial, data: LabelledImages | None, place: int | None
) -> InlineImage | None:
    if data is None or place is None:
        return None
    image = to_grid(np.asarray(data.images[[place]]), material.config)[0]
    return encode_image(image, side=SIDE)
