"""EDA without a thesaurus: words that change places, get lost, or come in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SHARE = 0.1  # of the words of a text, at least one


def vary_text(text: str, words: Sequence[str], random: np.random.Generator) -> str:
    """Swap, delete or insert some words; new ones are drawn from `words`.

    Wei and Zou, "EDA: Easy Data Augmentation" (2019), who insert synonyms.

    Example:
        >>> vary_text("a", ["b"], np.random.default_rng(0)).split()
        ['a', 'b']
    """
    found = text.split()
    for _ in range(max(1, round(SHARE * len(found)))):
        kind = random.integers(3)
        if kind == 0 and len(found) > 1:
            i, j = random.choice(len(found), 2, replace=False)
            found[i], found[j] = found[j], found[i]
        elif kind == 1 and len(found) > 1:
            del found[int(random.integers(len(found)))]
        else:
            place = int(random.integers(len(found) + 1))
            found.insert(place, words[int(random.integers(len(words)))])
    return " ".join(found)
