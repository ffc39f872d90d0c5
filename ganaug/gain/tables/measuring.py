"""The function `measure_row_gain`: whether new rows of a table help a classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from ganaug.errors import ConfigError, DataError, RunError
from ganaug.files import claim_folder, hold_lock, read_json, write_json
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.statistics import Interval, paired_interval
from ganaug.gain.judgement.verdict import HURTS, OPEN, SAME, decide
from ganaug.gain.tables.arms import GAN, Part, score_arms
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.recipe import HELPS
from ganaug.tables.csv_file import read_csv, split_labels
from ganaug.tables.encoder import number_labels
from ganaug.tables.settings import TableConfig
from ganaug.tables.synthesis import digest_table

RESULT = "table_gain.json"
FORMAT = 1
TYPES = {"format": int, "asked": dict[str, Any], "splits": list[Any]}
CURE = "delete the folder, or choose another --out"
FOLDS = 5
MOST_SPLITS = 100

Scores = Mapping[str, Mapping[str, float]]  # classifier → arm → balanced accuracy


@dataclass(frozen=True)
class RowGain:
    """The gain with GAN rows for one classifier.

    Attributes:
        classifier: its name.
        means: arm → mean balanced accuracy over the splits.
        opponent: the arm without GAN rows that has the best mean.
        interval: GAN minus opponent, a share.
        word: helps, no difference, hurts or cannot tell.
        needed: number of splits that would be enough, if all else stays the same.
    """

    classifier: str
    means: dict[str, float]
    opponent: str
    interval: Interval
    word: str
    needed: int | None

    @property
    def sentence(self) -> str:
        """The answer for a person, in points."""
        low, mean, high = (
            f"{100 * value:+.1f}"
            for value in (self.interval.low, self.interval.mean, self.interval.high)
        )
        more = ""
        if self.word == OPEN and self.needed is not None:
            more = f"; about {self.needed} splits would be enough"
        return (
            f"For {self.classifier}, {SAID[self.word]}: {mean} points of balanced "
            f"accuracy (95% interval {low} to {high} over {self.interval.n} splits) "
            f"against {self.opponent}, the best without them{more}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "classifier": self.classifier, "means": self.means,
            "opponent": self.opponent, "interval": self.interval.to_dict(),
            "word": self.word, "needed": self.needed, "sentence": self.sentence,
        }  # fmt: skip


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
) -> tuple[RowGain, ...]:
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
    if not 2 <= splits <= MOST_SPLITS:
        raise ConfigError(f"--splits {splits} is not allowed; give 2 to {MOST_SPLITS}")
    config = config or TableConfig()
    table = read_csv(source)
    features, words = split_labels(source, table, label_column)
    labels, classes = number_labels(words)
    _check_classes(source, classes, labels)
    asked = {
        "digest": digest_table(table, categories), "label_column": label_column,
        "categories": sorted(categories), "config": config.to_dict(),
    }  # fmt: skip
    claim_folder(out, RunError, marks=(RESULT,))
    with hold_lock(out, RunError):
        done = _read_done(out, asked)
        for k in range(len(done), splits):
            tell(k, splits)
            part = _split(features, labels, k, config.seed)
            seeded = config.replace(seed=mix_seed("split", config.seed, k) >> 32)
            done.append(score_arms(part, config=seeded, categories=list(categories)))
            values = {"format": FORMAT, "asked": asked, "splits": done}
            write_json(out / RESULT, values)
    tell(splits, splits)
    return judge_rows(done[:splits], margin)


def judge_rows(scores: Sequence[Scores], margin: float) -> tuple[RowGain, ...]:
    """Judge the scores of splits; classifiers that do best without GAN come first.

    Example:
        >>> scores = {"tree": {"nothing": 0.5, "GAN": 0.6}}
        >>> more = {"tree": {"nothing": 0.5, "GAN": 0.61}}
        >>> judge_rows([scores, more] * 5, 0.01)[0].word
        'helps'
    """
    gains = [_judge(name, scores, margin) for name in scores[0]]
    return tuple(sorted(gains, key=lambda gain: -gain.means[gain.opponent]))


def _judge(name: str, scores: Sequence[Scores], margin: float) -> RowGain:
    arms = {arm: [float(s[name][arm]) for s in scores] for arm in scores[0][name]}
    means = {arm: float(np.mean(values)) for arm, values in arms.items()}
    opponent = max((arm for arm in means if arm != GAN), key=lambda arm: means[arm])
    differences = np.subtract(arms[GAN], arms[opponent])
    interval = paired_interval(differences, overlap=1 / (FOLDS - 1))
    design = Design(classifier=name, pretrained_run=True, margin=margin)
    verdict = decide(interval, interval, design)
    return RowGain(name, means, opponent, interval, verdict.word, verdict.splits_needed)


def _split(features: pd.DataFrame, labels: Any, k: int, seed: int) -> Part:
    """Return the k-th split: a fifth of the rows tests."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + k // FOLDS)
    train, test = list(folds.split(features, labels))[k % FOLDS]
    return Part(
        features.iloc[train].reset_index(drop=True), labels[train],
        features.iloc[test].reset_index(drop=True), labels[test],
    )  # fmt: skip


def _check_classes(source: Path, classes: list[Any], labels: Any) -> None:
    counts = np.bincount(labels)
    few = int(counts.argmin())
    if len(classes) < 2 or counts[few] < FOLDS:
        what = (
            "one class" if len(classes) < 2
            else f"{counts[few]} rows of {classes[few]}"
        )  # fmt: skip
        raise DataError(
            f"{source} has {what}; a gain needs two classes with {FOLDS} rows each"
        )


def _read_done(out: Path, asked: Mapping[str, Any]) -> list[Any]:
    """Return the scores of the splits that are done."""
    path = out / RESULT
    if not path.is_file():
        return []
    values = read_json(path, RunError, types=TYPES, newest=FORMAT, cure=CURE)
    if values["asked"] != asked:
        raise RunError(
            f"{out} holds the gain of another table or request; choose another --out"
        )
    return list(values["splits"])


SAID = {
    HELPS: "GAN rows help",
    SAME: "GAN rows make no difference",
    HURTS: "GAN rows hurt",
    OPEN: "these splits cannot tell whether GAN rows help",
}
