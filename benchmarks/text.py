"""GAN texts against no augmentation, EDA, a language model and class weights.

    OMP_NUM_THREADS=1 python -m benchmarks.text --data DIR [--runs 3] [--rows …]
        [--classifiers …]

DIR has trec6.csv, banking77.csv and sst2.csv with the columns split, text and label.
Each run draws training texts from the training part; all its arms train on them, and
are tested on the same texts. Each run is rows of results/text.csv, and the same
command resumes. `--page-only` writes the page from what is there.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.gain.records import holm
from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    join_machines,
    positive,
    update_page,
)
from ganaug.gain.judgement.arm_gains import GAN
from ganaug.gain.judgement.statistics import Interval, paired_interval
from ganaug.gain.text.arms import CLASSIFIERS, Part, score_arms
from ganaug.text.settings import TextConfig

RESULTS = HERE / "results" / "text.csv"
PAGE = HERE / "text.md"
FIELDS = (
    "row", "run", "arm", "classifier", "balanced_accuracy", "seconds", "machine",
)  # fmt: skip
SHORT = TextConfig(images=1_600, gan_images=3_200)
MORE_TESTS = 1_500
UNEVEN = (100, 60, 35, 20, 12, 8)  # texts of six classes, which change places


@dataclass(frozen=True)
class Row:
    """One row of the page.

    Attributes:
        data: name of the file.
        texts: training texts of each class, or of each in turn.
        unlabelled: most further training texts whose labels nobody sees.
    """

    data: str
    texts: tuple[int, ...]
    unlabelled: int = 0


ROWS = {
    **{f"{data}-{n}": Row(data, (n,))
       for n in (10, 50, 5, 20) for data in ("trec6", "sst2")},
    "trec6-uneven": Row("trec6", UNEVEN),
    "trec6-10-unlabelled": Row("trec6", (10,), 2000),
    "banking77-10": Row("banking77", (10,)),
    **{f"banking77-{n}": Row("banking77", (n,)) for n in (5, 20, 50)},
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the three CSV files")
    parser.add_argument("--runs", type=positive, default=3)
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=ROWS)
    parser.add_argument(
        "--classifiers", nargs="*", default=list(CLASSIFIERS), choices=CLASSIFIERS
    )
    parser.add_argument("--page-only", action="store_true")
    options = parser.parse_args(arguments)
    if not options.page_only:
        for run in range(options.runs):
            for name in options.rows:
                measure(name, run, options.data, options.classifiers)
    write_page(list(read_results()))


def measure(name: str, run: int, data: Path, classifiers: Sequence[str]) -> None:
    """Measure all arms of one run with the classifiers that the results lack."""
    there = {
        r["classifier"]
        for r in read_results()
        if (r["row"], r["run"]) == (name, str(run))
    }
    missing = [classifier for classifier in classifiers if classifier not in there]
    if not missing:
        return
    part = draw_part(ROWS[name], data, run)
    started = time.process_time()
    scores = score_arms(
        part,
        config=SHORT.replace(seed=run),
        budget=None,
        classifiers=missing,
    )
    seconds, machine = time.process_time() - started, describe_machine()
    RESULTS.parent.mkdir(exist_ok=True)
    new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(FIELDS)
        for classifier, arms in scores.items():
            for arm, value in arms.items():
                writer.writerow(
                    [name, run, arm, classifier, f"{value:.5f}", f"{seconds:.1f}",
                     machine]
                )  # fmt: skip
    print(name, run, f"{seconds:.0f} s", flush=True)


def draw_part(row: Row, data: Path, run: int) -> Part:
    """Draw the training texts of a run, and the texts that test.

    These are the file's test part and further texts of its training part: trec6's test
    part alone has 9 texts of one class, which move its balanced accuracy by 10 points.
    """
    table = pd.read_csv(data / f"{row.data}.csv", dtype=str, keep_default_na=False)
    classes = sorted(set(table["label"]))
    table["y"] = table["label"].map({name: k for k, name in enumerate(classes)})
    train, test = (table[table["split"] == part] for part in ("train", "test"))
    random, chosen = np.random.default_rng(run), []
    for k in range(len(classes)):
        own = random.permutation(train.index[train["y"] == k])
        chosen += own[: row.texts[(k + run) % len(row.texts)]].tolist()
    rest = random.permutation(train.index.difference(chosen))
    more, rest = rest[:MORE_TESTS], rest[MORE_TESTS:][: row.unlabelled]
    test = pd.concat([test, train.loc[more]])
    return Part(
        train.loc[chosen, "text"].tolist(), train.loc[chosen, "y"].to_numpy(np.int64),
        test["text"].tolist(), test["y"].to_numpy(np.int64),
        train.loc[rest, "text"].tolist(),
    )  # fmt: skip


def read_results() -> Iterator[dict[str, str]]:
    """Read the rows of the results, if there are some."""
    if RESULTS.is_file():
        with RESULTS.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def compare(frame: pd.DataFrame) -> pd.DataFrame:
    """Compare GAN texts with the best other arm, with nothing and with EDA.

    Returns:
        One line per row of the page and classifier: means, best other arm, the three
        intervals, and p against the best arm after Holm's procedure.
    """
    found = []
    for key, part in frame.groupby(["row", "classifier"], sort=False):
        wide = part.pivot(index="run", columns="arm", values="balanced_accuracy")
        if GAN not in wide or len(wide) < 2:
            continue
        best = wide.drop(columns=[GAN]).mean().idxmax()
        gaps = [
            paired_interval((wide[GAN] - wide[arm]).to_numpy(), overlap=0.0)
            for arm in (best, "nothing", "EDA")
        ]
        found.append([*key, wide.mean(), best, *gaps])
    columns = ["row", "classifier", "means", "best", "to_best", "to_nothing", "to_eda"]
    table = pd.DataFrame(found, columns=columns)
    table["p"] = holm([interval.p for interval in table["to_best"]])
    return table


def write_page(rows: list[dict[str, str]]) -> None:
    """Write the page from the results."""
    frame = pd.DataFrame(rows).astype({"balanced_accuracy": float, "seconds": float})
    order = {"row": list(ROWS), "classifier": list(CLASSIFIERS)}
    places = [frame[c].map(order[c].index) for c in ("classifier", "row")]
    frame = frame.iloc[np.lexsort(places)]
    update_page(PAGE, TITLE, list(_make_sections(frame)), introduction=INTRODUCTION)


def _make_sections(frame: pd.DataFrame) -> Iterator[Section]:
    table = compare(frame)
    machines = join_machines(sorted(set(frame["machine"])))
    missing = [name for name in ROWS if name not in set(frame["row"])]
    absent = f" Not run: {', '.join(missing)}." if missing else ""
    yield Section(
        "Differences",
        f"{PROTOCOL}{absent}\n\n{_count(table)} {machines}",
        ("row", "runs", "classifier", "GAN", "best other arm",
         "GAN − best [95 % interval]", "p, Holm", "GAN − nothing", "GAN − EDA"),
        [
            (r["row"], str(r["to_best"].n), r["classifier"], f"{r['means'][GAN]:.3f}",
             f"{r['best']} {r['means'][r['best']]:.3f}", _spell(r["to_best"]),
             f"{r['p']:.3f}", _spell(r["to_nothing"]), _spell(r["to_eda"]))
            for _, r in table.iterrows()
        ],
    )  # fmt: skip
    arms = list(dict.fromkeys(frame["arm"]))
    means = frame.pivot_table(
        index=["row", "classifier"], columns="arm", values="balanced_accuracy",
        sort=False,
    )  # fmt: skip
    spent = frame.groupby(["row", "classifier"])["seconds"].mean()
    yield Section(
        "All arms",
        "Mean balanced accuracy over the runs, and seconds of processor time to make "
        "the texts of all arms, and to train and test the classifiers: one, or both "
        "where a run measured both.",
        ("row", "classifier", *arms, "seconds"),
        [
            (*key, *(f"{row[arm]:.3f}" for arm in arms), f"{spent[key]:.0f}")
            for key, row in means.iterrows()
        ],
    )


def _spell(interval: Interval) -> str:
    return f"{interval.mean:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


def _count(table: pd.DataFrame) -> str:
    """Say how often the interval of a difference leaves out zero."""
    said = []
    for name, what in (("to_nothing", "nothing"), ("to_eda", "EDA")):
        up = sum(interval.low > 0 for interval in table[name])
        down = sum(interval.high < 0 for interval in table[name])
        said.append(f"better than {what} on {up}, worse on {down}")
    return (
        f"Of {len(table)} lines GAN texts are, by their intervals, {'; '.join(said)}. "
        "Few runs: an interval that holds zero says little."
    )


TITLE = "Texts: does it help to add GAN texts?"
INTRODUCTION = """\
`ganaug text synth` writes further texts of each class. Here each class gets as many
texts again, or, where classes are uneven, what it lacks to the largest one. The other
arms get the same number: *EDA* swaps, deletes and inserts words of the class; the
*language model* counts three words in a row in the texts of the class, and draws from
that.
"""
PROTOCOL = """\
`trec6-10` has 10 training texts of each class, drawn anew in each run; `uneven` has at
most 100, 60, 35, 20, 12 and 8 texts of the six classes, which change places from run to
run; `unlabelled` lets the autoencoder read 2,000 further training texts without their
labels. The test part of the file and 1,500 further training texts test; most are the
same in each run, so the intervals are about these texts. The classifiers are logistic
regression on TF-IDF of words and pairs, and the small CNN of `ganaug text gain`:
embeddings, 48 filters each of 2, 3 and 4 words, and the maximum over the text (Kim
2014), trained for 300 steps on nothing but these texts. The autoencoder reads 1,600
texts and the GAN 3,200 latents, a fortieth of the defaults and less, so that a run
takes seconds."""

if __name__ == "__main__":
    main()
