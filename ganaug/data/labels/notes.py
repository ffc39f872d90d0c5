"""Notes on classes: few images, a single class, and names that look alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ganaug.data.images import LabelledImages

SMALL_CLASS = 10  # a class with fewer images is worth a note


def note_classes(images: LabelledImages) -> LabelledImages:
    """Note classes with few images, a single class, and names that look alike.

    Example:
        >>> import numpy as np
        >>> pixels = np.zeros((20, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(pixels, np.arange(20) % 2, ("Cat", "cat"))
        >>> note_classes(data).notes[0]
        "the classes 'Cat' and 'cat' stay apart: if they are one, give them one name"
    """
    counts = zip(images.classes, images.counts, strict=True)
    few = [f"{name} ({n})" for name, n in counts if n < SMALL_CLASS]
    notes = [f"fewer than {SMALL_CLASS} images: {', '.join(few)}"] if few else []
    if len(images.classes) == 1:
        notes.append("there is a single class, so no classifier can judge labels")
    notes += note_alike(images.classes)
    return replace(images, notes=(*images.notes, *notes)) if notes else images


def note_alike(classes: Sequence[str]) -> list[str]:
    """Note names that differ only in case, spaces or Unicode form.

    Example:
        >>> note_alike(["a", "b"])
        []
    """
    alike: dict[str, list[str]] = {}
    for name in classes:
        alike.setdefault(fold(name), []).append(name)
    groups = [names for names in alike.values() if len(names) > 1]
    if not groups:
        return []
    listed = "; ".join(" and ".join(map(show, names)) for names in groups)
    return [f"the classes {listed} stay apart: if they are one, give them one name"]


def fold(name: str) -> str:
    r"""Return the same text for names that a reader takes for one.

    Example:
        >>> fold("Caf\u00e9 ") == fold("cafe\u0301")
        True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def show(name: str) -> str:
    r"""Show a name so that its Unicode form can be told.

    Example:
        >>> show("cat"), show("cafe\u0301")
        ("'cat'", "'cafe\\u0301'")
    """
    composed = unicodedata.normalize("NFKC", name) == name
    return repr(name) if composed else ascii(name)
