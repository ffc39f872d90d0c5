"""Styled: some contents of each class, their styles, and what was made of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from ganaug.gan.run_folder import GENERATOR
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.carried import CLASSES_SHOWN, SIDE, find_sources
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import read_stored
from ganaug.synth.store.manifest import Row
from ganaug.synth.styled.opening import was_styled
from ganaug.synth.styled.weights import load_style_file

COLUMNS = 3  # contents of each class

Pictures = dict[str, InlineImage]


def describe_styled(material: RunMaterial) -> dict[str, Any] | None:
    """Return triples of pictures by class; None unless the store is of styled images.

    A triple is a content, its style and the result.
    """
    store = material.store
    if store is None or not was_styled(store.meta):
        return None
    chosen = _choose_rows(store.read_rows())
    some = {name: chosen[name] for name in islice(chosen, CLASSES_SHOWN)}
    every = [row for rows in some.values() for row in rows]
    contents = find_sources(material, [row.source_id for row in every])
    styles = _find_styles(material, {row.style_id for row in every})
    rows = [
        {
            "name": name,
            "triples": [
                (
                    ("content", contents.get(row.source_id)),
                    ("style", styles.get(row.style_id)),
                    ("result", read_stored(material, row.path)),
                )
                for row in own
            ],
        }
        for name, own in some.items()
    ]
    return {"rows": rows, "columns": COLUMNS} if rows else None


def _choose_rows(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Choose the first kept images of each class."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        own = found.setdefault(row.class_name, []) if row.kept else []
        if row.kept and len(own) < COLUMNS:
            own.append(row)
    return found


def _find_styles(material: RunMaterial, names: set[str]) -> Pictures:
    """Return the style images of these names: the store's own, or real images."""
    assert material.store is not None, "styles are a store's"
    styles = load_style_file(material.store.path / GENERATOR).styles
    if styles is None:
        return find_sources(material, sorted(names))
    shown = zip(styles.names, styles.images, strict=True)
    return {
        name: encode_image(np.asarray(image), side=SIDE)
        for name, image in shown
        if name in names
    }
