"""The function `synthesize_texts`: from a CSV of texts to a CSV of further ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from ganaug.display.words import count as count_words
from ganaug.errors import DataError
from ganaug.files import beside
from ganaug.tables.csv_file import write_csv
from ganaug.tables.made_file import MadeFile, MadeKind, find_made, note_made
from ganaug.tables.resampling import check_filters
from ganaug.text.augmenter import TextAugmenter
from ganaug.text.drawing import REWRITE, TOP_P, DrawnText, DrawnTexts, check_shares
from ganaug.text.filters import FILTERS
from ganaug.text.settings import TextConfig
from ganaug.text.text_file import read_labelled, read_unlabelled
from ganaug.text.text_set import strip_text
from ganaug.training.progress import Progress

SYNTHETIC = "ganaug_synthetic"  # columns of provenance in the file of new texts
ORIGIN = "ganaug_row"
AGREEMENT = "ganaug_agreement"
DISTANCE = "ganaug_distance"
FLUENCY = "ganaug_fluency"
SEED = "ganaug_seed"
PROVENANCE = (SYNTHETIC, ORIGIN, AGREEMENT, DISTANCE, FLUENCY, SEED)
TEXTS = MadeKind(
    "texts",
    "texts",
    {
        "source": str, "text_column": str, "label_column": str, "digest": str,
        "unlabelled": str | None, "classes": list[str], "counts": dict[str, int],
        "seed": int, "filters": list[str], "top_p": float,
        "rewrite": float | None, "config": dict[str, Any],
        "budget": float | None, "notes": list[str], "tallies": dict[str, Any],
        "made?": dict[str, int],
    },
)  # fmt: skip
Count = Callable[[list[str], dict[str, int]], Mapping[str, int]]


def synthesize_texts(
    source: Path,
    text_column: str,
    label_column: str,
    out: Path,
    count: Count,
    *,
    unlabelled: Path | None = None,
    filters: tuple[str, ...] = FILTERS,
    top_p: float = TOP_P,
    rewrite: float | None = REWRITE,
    config: TextConfig | None = None,
    budget: float | None = None,
    show: Callable[[ExitStack], Progress | None] = lambda stack: None,
) -> MadeFile:
    """Train on a CSV of texts and write a CSV of further ones; the same call resumes.

    Beside text and class each row has `ganaug_synthetic`, 1; `ganaug_row`, the real
    text it began as, counted from 1 below the header; `ganaug_agreement`, the
    probability of its class by classifiers that were cross-fitted on the real texts;
    `ganaug_distance`, the tokens to change to the nearest real text over the longer
    length; `ganaug_fluency`, its log-probability per token; and `ganaug_seed`.
    `OUT.json` says how the file was made, and `OUT.run` keeps the training.

    Args:
        source: the CSV of real texts.
        text_column, label_column: names of the columns of texts and of classes.
        out: the CSV to write.
        count: function of the classes and of their real numbers that returns class →
            number of new texts.
        unlabelled: file of further texts: a CSV with the same column of texts, or a
            text per line.
        filters: some of `label`, `copy` and `fluency`.
        top_p, rewrite: as for `TextAugmenter.sample`.
        config: settings of the training; its seed decides the draws too.
        budget: most seconds of training.
        show: function that opens a progress bar on a stack, and returns what moves it.

    A class stays short where only repetitions would be left.

    Raises:
        DataError: the texts cannot be used, or all that is written is a repetition.
        ConfigError: an argument cannot be used.
        StoreError: `out` is something else, or was made of other texts or otherwise.

    Example:
        >>> synthesize_texts(
        ...     Path("data.csv"), "text", "label", Path("more.csv"),
        ...     lambda classes, real: dict.fromkeys(classes, 100),
        ... )  # doctest: +SKIP
    """
    check_filters(filters, FILTERS, "texts")
    check_shares(top_p, rewrite)
    config = config or TextConfig()
    texts, labels = read_labelled(source, text_column, label_column)
    more = [] if unlabelled is None else read_unlabelled(unlabelled, text_column)
    classes = sorted(set(labels))
    real = {name: labels.count(name) for name in classes}
    wanted = {name: n for name, n in count(classes, real).items() if n > 0}
    asked = {
        "text_column": text_column, "label_column": label_column, "counts": wanted,
        "seed": config.seed, "filters": list(filters), "top_p": top_p,
        "rewrite": rewrite,
        "config": config.to_dict(), "budget": budget,
        "digest": digest_texts(texts, labels, more),
    }  # fmt: skip
    found = find_made(out, TEXTS, asked)
    if found is not None:
        return found
    with ExitStack() as stack:
        writer = TextAugmenter.fit(
            texts, labels, beside(out, ".run"), unlabelled=more, config=config,
            budget=budget, progress=show(stack),
        )  # fmt: skip
    drawn = {
        name: writer.draw(
            name, n, seed=config.seed, top_p=top_p, rewrite=rewrite, filters=filters
        )
        for name, n in wanted.items()
    }
    made = _list_new(drawn, texts)
    if not made:
        raise DataError(
            "every text that was written repeats a real one or another, or is empty; "
            "give more real texts, or --whole"
        )
    write_csv(out, _tabulate(made, text_column, label_column, config.seed))
    values = {
        "source": str(source), "classes": classes, **asked,
        "unlabelled": None if unlabelled is None else str(unlabelled),
        "notes": [n for name, d in drawn.items() for n in _note(name, d, made)],
        "made": {name: sum(own == name for _, own in made) for name in wanted},
        "tallies": {name: found.tally._asdict() for name, found in drawn.items()},
    }  # fmt: skip
    return note_made(out, TEXTS, values)


def digest_texts(texts: list[str], labels: list[str], unlabelled: list[str]) -> str:
    """Return the digest of texts, of their classes, and of those without."""
    return hashlib.sha256(repr((texts, labels, unlabelled)).encode()).hexdigest()


def _list_new(
    drawn: Mapping[str, DrawnTexts], texts: list[str]
) -> list[tuple[DrawnText, str]]:
    """List texts and their classes, without empty ones and repetitions."""
    seen, made = {"", *map(strip_text, texts)}, []
    for name, found in drawn.items():
        for text in found.texts:
            if strip_text(text.text) not in seen:
                seen.add(strip_text(text.text))
                made.append((text, name))
    return made


def _tabulate(
    made: list[tuple[DrawnText, str]], text_column: str, label_column: str, seed: int
) -> pd.DataFrame:
    rows = [
        (d.text, name, 1, d.row + 1, d.agreement, d.distance, d.fluency, seed)
        for d, name in made
    ]
    table = pd.DataFrame(rows, columns=[text_column, label_column, *PROVENANCE])
    scores = [AGREEMENT, DISTANCE, FLUENCY]
    table[scores] = table[scores].astype(float).round(4)
    return table


def _note(
    name: str, found: DrawnTexts, made: Sequence[tuple[DrawnText, str]]
) -> list[str]:
    own = [text for text, other in made if other == name]
    short, forced = len(found.texts) - len(own), sum(not text.passed for text in own)
    notes = []
    if forced:
        notes.append(
            f"{count_words(forced, 'text')} of {name} did not pass the filters but had "
            "to be taken; ask for fewer, or give more real texts"
        )
    if short:
        notes.append(
            f"class {name} stays short by {count_words(short, 'text')}: the others "
            "repeat real texts or one another; give more real texts"
        )
    return notes
