"""Checks: facts about the user's own images, and problems with them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ganaug.data.fingerprint import Fingerprint, FlipCheck
from ganaug.report.run.reading.material import RunMaterial

KINDS = {1: "grey", 3: "colour (RGB)", 4: "colour with transparency (RGBA)"}
SKIPPED_SHOWN = 20  # most files in the list


def describe_data(material: RunMaterial) -> dict[str, Any] | None:
    """Return counts by class, facts and problems of the images; None when unknown."""
    fingerprint = material.fingerprint
    if fingerprint is None:
        return None
    return {
        "rows": _count_classes(material, fingerprint),
        "most": max(fingerprint.counts),
        "total": sum(fingerprint.counts),
        "facts": _list_facts(fingerprint),
        "problems": list_problems(fingerprint),
        "skipped": fingerprint.skipped[:SKIPPED_SHOWN],
        "more": max(0, len(fingerprint.skipped) - SKIPPED_SHOWN),
        "notes": fingerprint.notes,
        "note": "" if material.real is None else material.real.note,
    }


def list_problems(fingerprint: Fingerprint) -> list[str]:
    """Return sentences about problems that a user may want to solve in the data."""
    exact, near = fingerprint.exact, fingerprint.near
    found = []
    if exact.across:
        found.append(
            f"{exact.across:,} real images have the same pixels as one of another "
            f"class, so one of the labels is wrong{_such_as(exact.examples)}."
        )
    if exact.within:
        found.append(
            f"{exact.within:,} real images repeat an earlier one of their class."
        )
    if near.images:
        found.append(
            f"{near.images:,} of {near.sampled:,} real images nearly repeat another one"
            f"{_such_as(near.examples)}."
        )
    if fingerprint.skipped:
        found.append(f"{len(fingerprint.skipped):,} files could not be used.")
    return found


def _such_as(pairs: tuple[tuple[str, str], ...]) -> str:
    return f", such as {pairs[0][0]} and {pairs[0][1]}" if pairs else ""


def _count_classes(
    material: RunMaterial, fingerprint: Fingerprint
) -> list[dict[str, Any]]:
    """Count real, held-out and synthetic images of each class."""
    names = fingerprint.classes
    held = np.zeros(len(names), np.int64)
    if material.real is not None:
        labels = material.real.images.labels[material.real.held]
        held = np.bincount(labels, minlength=len(names)).astype(np.int64)
    made: dict[str, int] = {}
    if material.store is not None:
        made = dict(
            zip(material.store.classes, material.store.counts.tolist(), strict=True)
        )
    return [
        {"name": name, "real": n, "held": int(k), "synthetic": made.get(name)}
        for name, n, k in zip(names, fingerprint.counts, held, strict=True)
    ]


def _list_facts(fingerprint: Fingerprint) -> list[tuple[str, str]]:
    height, width = fingerprint.data_size
    size = f"{height} × {width} pixels (height × width)"
    if fingerprint.size_range:
        (h0, w0), (h1, w1) = fingerprint.size_range
        size += f", from {h0} × {w0} to {h1} × {w1}"
    facts = [
        ("Size", size),
        ("Colours", KINDS[fingerprint.channels]),
        ("Largest to smallest class", f"{fingerprint.imbalance:.1f} to 1"),
        ("Left-right mirroring", _describe_flip(fingerprint.hflip)),
        ("Up-down mirroring", _describe_flip(fingerprint.vflip)),
    ]
    if fingerprint.groups is not None:
        facts.append(("Groups (images of one subject)", f"{fingerprint.groups:,}"))
    if fingerprint.intensity_range:
        low, high = fingerprint.intensity_range
        some = " (all values)" if fingerprint.scaled else ""
        facts.append(("Scaled from", f"{low:g} to {high:g}{some}"))
    return facts


def _describe_flip(check: FlipCheck | None) -> str:
    return "not measured" if check is None else re.sub(r"-(?=\d)", "−", check.reason)
