"""Acceptance: how many candidates were kept, and rejected ones with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.errors import DataError
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.store.manifest import Row

SIDE = 96  # most pixels of an image's longer side
REASONS = {
    "label": "looks like another class to classifiers that learned from real images",
    "realism": "is an outlier for its class",
    "copy": "nearly copies a training image, even shifted or mirrored",
    "duplicate": "is nearly the same as another synthetic image",
}


def describe_acceptance(material: RunMaterial) -> dict[str, Any] | None:
    """Return kept and rejected candidates by class and reason; None without a store."""
    if material.store is None:
        return None
    counts = material.screening.classes
    drawn = sum(count.drawn for count in counts)
    return {
        "rows": counts,
        "reasons": [
            {
                "name": reason,
                "meaning": REASONS.get(reason, ""),
                "share": sum(c.reasons.get(reason, 0) for c in counts) / max(1, drawn),
                "examples": _draw(material, material.candidates.rejected.get(reason)),
            }
            for reason in _list_reasons(material)
        ],
        "accepted": sum(count.accepted for count in counts),
        "drawn": drawn,
    }


def _list_reasons(material: RunMaterial) -> list[str]:
    """Return the reasons in the order of the filters, others last."""
    found = {reason for count in material.screening.classes for reason in count.reasons}
    return [r for r in REASONS if r in found] + sorted(found - set(REASONS))


def _draw(
    material: RunMaterial, rows: Sequence[Row] | None
) -> list[tuple[str, InlineImage]]:
    """Draw rejected candidates again, which have no file; return classes and images."""
    made = material.synthesizer
    if made is None or not rows:
        return []
    labels, places = (
        np.array([getattr(row, name) for row in rows], np.int64)
        for name in ("label", "place")
    )
    captions = [row.caption for row in rows] if made.reads_captions else None
    try:
        images = made.sample_rows(labels, places, seed=rows[0].seed, captions=captions)
    except DataError:  # a caption that was altered; `verify` says so
        return []
    shown = [encode_image(image, side=SIDE) for image in images]
    return [(row.class_name, image) for row, image in zip(rows, shown, strict=True)]
