"""The function `check_texts`: a CSV of written texts, checked against its records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganaug.errors import GanaugError
from ganaug.synth.made.made_check import (
    CheckedFile,
    MadeCheck,
    check_classes,
    check_columns,
    check_figures,
    check_origins,
    check_passed,
    compare_draws,
    open_check,
    read_numbers,
    say_unlike,
)
from ganaug.synth.made.real_texts import RealTexts, read_real_texts
from ganaug.text.augmenter import TextAugmenter
from ganaug.text.synthesis import (
    AGREEMENT,
    DISTANCE,
    FLUENCY,
    ORIGIN,
    PROVENANCE,
    SEED,
    SYNTHETIC,
    TEXTS,
    digest_texts,
)
from ganaug.text.text_set import strip_text
from ganaug.text.training import TrainedTexts, load_texts

FIGURES = (AGREEMENT, DISTANCE, FLUENCY)


def check_texts(path: Path, *, sample: int, seed: int, data: Any = None) -> CheckedFile:
    """Check a CSV of written texts: rows, classes, figures, repetitions, and draws.

    Args:
        path: the CSV.
        sample: least number of texts to draw again, in whole classes; 0 for none.
        seed: seed for the choice of classes.
        data: the real texts, where they have moved.

    Raises:
        StoreError: the .json is missing or damaged, or `data` are other texts.
        DataError: there is no CSV, or `data` cannot be read.
    """
    check = open_check(path, TEXTS)
    if check.others:
        return check.close()
    values = check.values
    named = values["text_column"], values["label_column"]
    check_columns(check, (*named, *PROVENANCE))
    if check.others:
        return check.close()
    made = _Made(*(check.column(name) for name in named))
    writer, real = _find_origins(check, data)
    words = None if real is None else [values["classes"][k] for k in real.labels]
    check_classes(check, made.labels)
    _check_marks(check)
    check_origins(check, ORIGIN, made.labels, words)
    _check_repetitions(check, made, real)
    if real is not None:
        _judge_again(check, made, real)
    if writer is not None and real is not None:
        _draw_again(check, made, writer, real, sample=sample, seed=seed)
    return check.close()


class _Made(NamedTuple):
    """The texts of the CSV, and their classes."""

    texts: list[str]
    labels: list[str]


def _find_origins(
    check: MadeCheck, data: Any
) -> tuple[TextAugmenter | None, RealTexts | None]:
    """Return the training and the real texts, or None and a note."""
    values = check.values
    trained = _open_run(check)
    if trained is not None:
        writer = TextAugmenter(trained)
        labels = np.asarray(trained.data.labels, np.int64)
        return writer, RealTexts(list(trained.data.texts), labels, writer.judge)
    try:
        return None, read_real_texts(
            Path(values["source"] if data is None else data), values
        )
    except GanaugError as error:
        if data is not None:
            raise
        check.notes.append(
            "origins, figures and copies were not checked, for the real texts are not "
            f"there (--data): {error}"
        )
        return None, None


def _open_run(check: MadeCheck) -> TrainedTexts | None:
    if not check.run.is_dir():
        check.notes.append(
            f"no text was drawn again, for the training {check.run} is not there"
        )
        return None
    try:
        trained = load_texts(check.run)
    except GanaugError as error:
        check.doubt(f"texts cannot be drawn again: {error}", check.run)
        return None
    data = trained.data
    words = [str(data.classes[k]) for k in data.labels]
    if (
        digest_texts(list(data.texts), words, list(data.unlabelled))
        == check.values["digest"]
    ):
        return trained
    check.doubt("a training on other texts than the CSV was made of", check.run)
    return None


def _check_marks(check: MadeCheck) -> None:
    """Check the columns that are the same in all rows."""
    for name, wanted in ((SYNTHETIC, "1"), (SEED, str(check.values["seed"]))):
        for k, word in enumerate(check.column(name)):
            if word != wanted:
                check.blame(k, f"{name} is {word!r}, not {wanted}")


def _check_repetitions(check: MadeCheck, made: _Made, real: RealTexts | None) -> None:
    """Find texts that are empty, or those of another row or of a real one."""
    known = {} if real is None else dict.fromkeys(map(strip_text, real.texts), "a real")
    for k, text in enumerate(map(strip_text, made.texts)):
        if not text:
            check.blame(k, "the text is empty")
        elif text in known:
            check.blame(k, f"the same text as {known[text]} one")
        known.setdefault(text, f"row {k + 1}, an earlier")


def _judge_again(check: MadeCheck, made: _Made, real: RealTexts) -> None:
    """Compare figures, and the number of texts that the filters refuse."""
    values = check.values
    there = {name: read_numbers(check, name) for name in FIGURES}
    filters = values["filters"]
    for label, name in enumerate(values["classes"]):
        rows = np.array([k for k, own in enumerate(made.labels) if own == name], int)
        if not len(rows):
            continue
        judged = real.judge.judge([made.texts[k] for k in rows], label)
        again = judged.agreement, judged.distance, judged.fluency
        for column, found in zip(FIGURES, again, strict=True):
            check_figures(check, column, there[column], rows, found)
        refused = (
            (judged.wrong & ("label" in filters))
            | (judged.copied & ("copy" in filters))
            | (judged.halting & ("fluency" in filters))
        )
        check_passed(check, name, rows, refused)


def _draw_again(
    check: MadeCheck,
    made: _Made,
    writer: TextAugmenter,
    real: RealTexts,
    *,
    sample: int,
    seed: int,
) -> None:
    """Draw the texts of some classes again, and compare them."""
    values = check.values
    names = list(values["counts"])
    known, apart, done = set(made.texts), 0, 0
    for k in np.random.default_rng(seed).permutation(len(names)):
        if done >= sample:
            break
        try:
            drawn = writer.draw(
                names[k], values["counts"][names[k]], seed=values["seed"],
                top_p=values["top_p"], rewrite=values["rewrite"],
                filters=tuple(values["filters"]),
            )  # fmt: skip
        except GanaugError as error:
            check.doubt(str(error), check.json)
            return
        earlier = set(names[:k])
        seen = {"", *map(strip_text, real.texts)}
        seen |= {
            strip_text(text)
            for text, label in zip(made.texts, made.labels, strict=True)
            if label in earlier
        }
        places = [i for i, label in enumerate(made.labels) if label == names[k]]
        apart += compare_draws(
            check,
            places,
            [made.texts[i] for i in places],
            _leave_out(seen, [text.text for text in drawn.texts]),
            known,
        )
        done += len(drawn.texts)
    say_unlike(check, apart, "text")


def _leave_out(seen: set[str], texts: list[str]) -> list[str]:
    """Return the texts without those that were seen, as the CSV has them."""
    found = []
    for text in texts:
        if strip_text(text) not in seen:
            seen.add(strip_text(text))
            found.append(text)
    return found
