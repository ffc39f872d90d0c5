"""Carried: one real image of each class, and what became of it in each domain."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganaug.gan.inputs.training_set import to_grid
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import read_stored
from ganaug.synth.store.manifest import Row
from ganaug.synth.store.store import Store

CLASSES_SHOWN = 20  # most classes
DOMAINS_SHOWN = 8  # most domains
SIDE = 96  # most pixels of an image's longer side


def describe_carried(material: RunMaterial) -> dict[str, Any] | None:
    """Return a row of pictures per class; None unless a translator made the store."""
    store = material.store
    if store is None or store.domains is None:
        return None
    domains = store.domain_names[:DOMAINS_SHOWN]
    chosen = choose_sources(store)
    sources = find_sources(material, [own[0].source_id for own in chosen.values()])
    rows = []
    for name in [name for name in store.classes if name in chosen][:CLASSES_SHOWN]:
        there = {row.domain: row for row in reversed(chosen[name])}
        first = chosen[name][0]
        rows.append(
            {
                "name": name,
                "domain": first.source_domain,
                "source": sources.get(first.source_id),
                "pictures": [
                    read_stored(material, there[domain].path)
                    if domain in there
                    else None
                    for domain in domains
                ],
            }
        )
    if not rows:
        return None
    hidden = len(store.domain_names) - len(domains)
    return {"domains": domains, "rows": rows, "hidden": hidden}


def choose_sources(store: Store) -> dict[str, list[Row]]:
    """Choose the source of each class whose images were kept in the most domains.

    Returns:
        Class → its kept rows, in the order of the manifest.
    """
    found: dict[str, dict[str, list[Row]]] = {}
    for row in store.read_rows():
        if row.kept and row.source_id:
            own = found.setdefault(row.class_name, {})
            own.setdefault(row.source_id, []).append(row)
    return {
        name: max(own.values(), key=lambda rows: len({row.domain for row in rows}))
        for name, own in found.items()
    }


def find_sources(material: RunMaterial, hashes: list[str]) -> dict[str, InlineImage]:
    """Return the real images with these hashes, at the grid."""
    if material.real is None:
        return {}
    data = material.real.images
    places = {h: i for i, h in enumerate(data.hash_images())}
    found = {}
    for each in hashes:
        if each in places:
            pixels = np.asarray(data.images[[places[each]]])
            image = to_grid(pixels, material.config)[0]
            found[each] = encode_image(image, side=SIDE)
    return found
