"""The function `measure_text_gain`: whether GAN texts help a classifier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ganaug.gain.judgement.arm_gains import ArmGain, Scores, judge_arms
from ganaug.gain.repeats import (
    OVERLAP,
    check_classes,
    check_splits,
    repeat_splits,
    take_fold,
)
from ganaug.gain.text.arms import Part, score_arms
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.text.settings import TextConfig
from ganaug.text.synthesis import digest_texts
from ganaug.text.text_file import read_labelled, read_unlabelled
from ganaug.text.text_set import read_texts

RESULT = "text_gain.json"


def measure_text_gain(
    source: Path,
    text_column: str,
    label_column: str,
    out: Path,
    *,
    unlabelled: Path | None = None,
    splits: int = 5,
    margin: float = 0.01,
    config: TextConfig | None = None,
    budget: float | None = None,
    tell: Callable[[int, int], None] = lambda done, all_of_them: None,
) -> tuple[ArmGain, ...]:
    """Measure whether GAN texts help classifiers; the same call resumes.

    In each split a fifth of the texts tests, whole folds in turn. Each class gets as
    many texts again; where classes are uneven, what it lacks to the largest. The
    opponent is the best of nothing, class weights, EDA and a language model of each
    class: the best mean over the splits, chosen afterwards, which favours it.

    Args:
        source: a CSV.
        text_column, label_column: its columns of texts and of classes.
        out: folder for the scores of each split.
        unlabelled: file of further texts, as for `synthesize_texts`.
        splits: number of splits.
        margin: largest difference that counts as none, a share.
        config: settings of the GAN's training.
        budget: most seconds of one training; there is one per split.
        tell: function that is called with the number of splits done, and of all.

    Returns:
        A gain per classifier; the first is that of the one that does best without.

    Raises:
        DataError: the texts cannot be used, or a class has fewer than five.
        ConfigError: an argument is not allowed.
        RunError: the folder contains something else, or scores of another request.
    """
    check_splits(splits)
    config = config or TextConfig()
    texts, words = read_labelled(source, text_column, label_column)
    more = [] if unlabelled is None else read_unlabelled(unlabelled, text_column)
    found = read_texts(texts, words, more)
    labels = np.array(found.labels, np.int64)
    check_classes(source, found.classes, labels, "texts")
    asked = {
        "digest": digest_texts(texts, words, more), "text_column": text_column,
        "label_column": label_column, "config": config.to_dict(), "budget": budget,
    }  # fmt: skip

    def score(k: int) -> Scores:
        train, test = take_fold(labels, k, config.seed)
        part = Part(
            [texts[i] for i in train], labels[train], [texts[i] for i in test],
            labels[test], more,
        )  # fmt: skip
        seeded = config.replace(seed=mix_seed("split", config.seed, k) >> 32)
        return score_arms(part, config=seeded, budget=budget)

    scores = repeat_splits(out, RESULT, asked, splits, score, tell)
    return judge_arms(scores, margin, overlap=OVERLAP, unit="texts")
