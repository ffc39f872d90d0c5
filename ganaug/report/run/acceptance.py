"""Acceptance: how many candidates were kept, and why others were rejected."""

from __future__ import annotations

from typing import Any

from ganaug.report.run.reading.material import RunMaterial

REASONS = {
    "label": "looks like another class to a classifier trained on the real images",
    "realism": "lies far from every real image",
    "copy": "is too near to a real image that the GAN was trained on",
    "duplicate": "is nearly the same as another synthetic image",
}


def describe_acceptance(material: RunMaterial) -> dict[str, Any] | None:
    """Return kept and rejected candidates by class; None without a store."""
    if material.store is None:
        return None
    counts = material.screening.classes
    found = {reason for count in counts for reason in count.reasons}
    # in the order of the filters
    reasons = [r for r in REASONS if r in found] + sorted(found - set(REASONS))
    return {
        "rows": counts,
        "reasons": {reason: REASONS.get(reason, "") for reason in reasons},
        "accepted": sum(count.accepted for count in counts),
        "drawn": sum(count.drawn for count in counts),
    }
