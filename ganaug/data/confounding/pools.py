"""What `inspect` says of unlabelled images: copies, and whether they look different."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganaug.data.confounding.recognition import Recognition, tell_apart
from ganaug.data.images import LabelledImages
from ganaug.data.looks.look import measure_looks
from ganaug.data.looks.sampling import pick_some
from ganaug.data.unlabelled import UnlabelledImages, count_copies

MOST_LOOKED_AT = 1000  # images of either kind


@dataclass(frozen=True)
class PoolInspection:
    """What was found of unlabelled images.

    Attributes:
        domain: their domain.
        images: number of them.
        copies: number that are copies of labelled images.
        recognition: how well their look tells them from the labelled ones.
        notes: one sentence for each thing that loading noticed.
    """

    domain: str
    images: int
    copies: int
    recognition: Recognition | None
    notes: tuple[str, ...]

    def say(self) -> str:
        """Say it in one line."""
        words = (
            f"{self.images:,} unlabelled images of {self.domain}, {self.copies:,} of "
        )
        words += "them copies of labelled ones"
        if self.recognition is None:
            return words
        return (
            f"{words}; {self.recognition.accuracy:.0%} are told from the labelled ones "
            "by light, colour and sharpness, by chance 50%"
        )


def inspect_pool(pool: UnlabelledImages, data: LabelledImages) -> PoolInspection:
    """Compare unlabelled images with labelled ones of other, or no known, domains.

    Example:
        >>> from ganaug.data.load import load_images
        >>> from ganaug.data.unlabelled import load_unlabelled
        >>> digits = load_images("digits")
        >>> pool = load_unlabelled(255 - digits.images[:99], "inverted", digits)
        >>> inspect_pool(pool, digits).recognition.accuracy > 0.9
        True
    """
    rows = np.arange(len(data))
    if data.domains is not None and pool.domain in data.domain_names:
        rows = np.flatnonzero(data.domains != data.domain_names.index(pool.domain))
    theirs = data.images[rows[pick_some(len(rows), MOST_LOOKED_AT)]]
    ours = pool.images[pick_some(len(pool), MOST_LOOKED_AT)]
    looks = np.concatenate([measure_looks(theirs), measure_looks(ours)])
    kinds = np.repeat([0, 1], [len(theirs), len(ours)])
    return PoolInspection(
        pool.domain,
        len(pool),
        count_copies(pool, data),
        tell_apart(looks, kinds),
        pool.notes,
    )
