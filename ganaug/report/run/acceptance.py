"""Acceptance: how many candidates were kept, and why others were not."""

from __future__ import annotations

from typing import Any

from ganaug.report.run.reading.sources import Sources

REASONS = {
    "label": "looks like another class to a classifier trained on the real images",
    "realism": "lies far from every real image",
    "copy": "is too near to a real image that the GAN was trained on",
    "duplicate": "is nearly the same as another synthetic image",
}


def describe_acceptance(sources: Sources) -> dict[str, Any] | None:
    """Return kept and rejected candidates by class; None without a store."""
    if sources.store is None:
        return None
    counts = sources.screening.classes
    found = {reason for count in counts for reason in count.reasons}
    # in the order in which the filters look
    reasons = [r for r in REASONS if r in found] + sorted(found - set(REASONS))
    return {
        "rows": counts,
        "reasons": {reason: REASONS.get(reason, "") for reason in reasons},
        "accepted": sum(count.accepted for count in counts),
        "drawn": sum(count.drawn for count in counts),
    }
