"""The function `measure_row_gain`: whether new rows of a table help a classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ganaug.gain.judgement.arm_gains import ArmGain, Scores, judge_arms
from ganaug.gain.repeats import (
    OVERLAP,
    check_classes,
    check_splits,
    repeat_splits,
    take_fold,
)
from ganaug.gain.tables.arms import Part, score_arms
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.tables.csv_file import read_csv, split_labels
from ganaug.tables.encoder import number_labels
from ganaug.tables.settings import TableConfig
from ganaug.tables.synthesis import digest_table

RESULT = "table_gain.json"


def measure_row_gain(
    source: Path,
    label_column: str,
    out: Path,
    *,
    categories: Sequence[str] = (),
    splits: int = 5,
    margin: float = 0.01,
    config: TableConfig | None = None,
    tell: Callable[[int, int], None] = lambda done, all_of_them: None,
) -> tuple[ArmGain, ...]:
    """Measure whether GAN rows help classifiers on a table; the same call resumes.

    In each split a fifth of the rows tests, whole folds in turn. All classes of the
    training rows are brought up to the largest one. The opponent is the best of
    nothing, class weights, repeated rows and rows between neighbours: the best mean
    over the splits, chosen afterwards, which favours it.

    Args:
        source: a CSV.
        label_column: its column of classes.
        out: folder for the scores of each split.
        categories: columns that are categories although they hold numbers.
        splits: number of splits.
        margin: largest difference that counts as none, a share.
        config: settings of the GAN's training.
        tell: function that is called with the number of splits done, and of all.

    Returns:
        A gain per classifier; the first is that of the one that does best without.

    Raises:
        DataError: the table cannot be used, or a class has fewer than five rows.
        ConfigError: an argument is not allowed.
        RunError: the folder contains something else, or scores of another request.
    """
    check_splits(splits)
    config = config or TableConfig()
    table = read_csv(source)
    features, words = split_labels(source, table, label_column)
    labels, classes = number_labels(words)
    check_classes(source, classes, labels, "rows")
    asked = {
        "digest": digest_table(table, categories), "label_column": label_column,
        "categories": sorted(categories), "config": config.to_dict(),
    }  # fmt: skip

    def score(k: int) -> Scores:
        train, test = take_fold(labels, k, config.seed)
        part = Part(
            features.iloc[train].reset_index(drop=True), labels[train],
            features.iloc[test].reset_index(drop=True), labels[test],
        )  # fmt: skip
        seeded = config.replace(seed=mix_seed("split", config.seed, k) >> 32)
        return score_arms(part, config=seeded, categories=list(categories))

    scores = repeat_splits(out, RESULT, asked, splits, score, tell)
    return judge_arms(scores, margin, overlap=OVERLAP)
