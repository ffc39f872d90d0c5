"""Drawing: as many texts of a class as are wanted, through the filters."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ganaug.errors import ConfigError
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.tables.draws import Labels
from ganaug.text.filters import Judged
from ganaug.text.text_set import strip_text

ROUNDS = 8  # times that missing texts are drawn again
TOP_P = 0.8  # share of the likeliest words that one is drawn from
REWRITE = 0.4  # share of the words that do not tell the class
SPARE = 1.5  # candidates per missing text
Write = Callable[[Labels, int, int], list[str]]
Judge = Callable[[Sequence[str]], Judged]


class DrawnText(NamedTuple):
    """A written text.

    Attributes:
        text: the text.
        row: real text that it began as, from 0.
        agreement: probability of its class by the cross-fitted classifiers.
        distance: tokens to change to the nearest real text, over the longer length.
        fluency: log-probability per token, in nats.
        passed: whether it is new and passed the filters.
    """

    text: str
    row: int
    agreement: float
    distance: float
    fluency: float
    passed: bool


class TextTally(NamedTuple):
    """What became of the candidates of one class."""

    drawn: int
    wrong: int
    copies: int
    halting: int
    repeated: int
    forced: int


class DrawnTexts(NamedTuple):
    """The texts that were drawn of a class, and what became of all candidates."""

    texts: list[DrawnText]
    tally: TextTally


@dataclass(frozen=True, eq=False)
class TextSource:
    """What texts of a class are drawn from and judged by.

    Attributes:
        write: function of real rows (m,), a seed and the round, from 0, that writes a
            text from each.
        judge: function that judges texts, as texts of the class.
        filters: names of the filters that refuse.
        members: (k,) real rows to begin with, in turn.
        known: stripped texts that no result may be.
    """

    write: Write
    judge: Judge
    filters: tuple[str, ...]
    members: Labels
    known: Collection[str]


def draw_texts(source: TextSource, n: int, *, seed: int, label: int) -> DrawnTexts:
    """Draw n texts; if too few pass, the nearest to passing fill the rest.

    Empty texts, repetitions and what the filters refuse are drawn again some times.

    Args:
        source: what writes and judges.
        n: number of texts.
        seed, label: decide the draws.
    """
    seen = {"", *source.known}
    good: list[DrawnText] = []
    rest: list[tuple[Fault, DrawnText]] = []
    counts = dict.fromkeys(TextTally._fields, 0)
    for turn in range(ROUNDS):
        if len(good) >= n:
            break
        many = math.ceil(SPARE * (n - len(good)))
        first = mix_seed("texts", seed, label, turn)
        order = np.random.default_rng(first).permutation(source.members)
        rows = np.resize(order, many)
        made = source.write(rows, first, turn)
        judged = source.judge(made)
        for k, text in enumerate(made):
            found, fault = _describe(
                text, int(rows[k]), judged, k, source.filters, seen
            )
            _count(counts, fault)
            if found.passed:
                good.append(found)
            else:
                rest.append((fault, found))
            seen.add(strip_text(text))
    rest.sort(key=lambda pair: pair[0])
    taken = [*good, *(found for _, found in rest)][:n]
    counts["forced"] = sum(not found.passed for found in taken)
    return DrawnTexts(taken, TextTally(**counts))


def check_shares(top_p: float, rewrite: float | None) -> None:
    """Raise ConfigError for shares that are not allowed."""
    for name, value in (("top_p", top_p), ("rewrite", rewrite)):
        if value is not None and not 0 < value <= 1:
            raise ConfigError(f"{name}={value} is not allowed: it must lie in (0, 1]")


class Fault(NamedTuple):
    """What is wrong with a text, the worst first; `unlike` is 1 − its agreement."""

    empty: bool
    repeated: bool
    copied: bool
    wrong: bool
    halting: bool
    unlike: float


def _describe(
    text: str,
    row: int,
    judged: Judged,
    k: int,
    filters: tuple[str, ...],
    seen: Collection[str],
) -> tuple[DrawnText, Fault]:
    same = strip_text(text)
    fault = Fault(
        not same,
        same in seen,
        bool(judged.copied[k]) and "copy" in filters,
        bool(judged.wrong[k]) and "label" in filters,
        bool(judged.halting[k]) and "fluency" in filters,
        1 - float(judged.agreement[k]),
    )
    found = DrawnText(
        text, row, float(judged.agreement[k]), float(judged.distance[k]),
        float(judged.fluency[k]), not any(fault[:5]),
    )  # fmt: skip
    return found, fault


def _count(counts: dict[str, int], fault: Fault) -> None:
    """Count a candidate, and the first of its faults."""
    counts["drawn"] += 1
    if fault.empty or fault.repeated:
        counts["repeated"] += 1
    elif fault.wrong:
        counts["wrong"] += 1
    elif fault.copied:
        counts["copies"] += 1
    elif fault.halting:
        counts["halting"] += 1
