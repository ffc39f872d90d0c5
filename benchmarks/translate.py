"""What each part of the translator brings: terms and network choices on and off.

    OMP_NUM_THREADS=1 python -m benchmarks.translate [--data-dir FOLDER] [--table-only]

Translators get equal processor time, fill every cell, and a classifier trained on real
and translated images is tested on real images of the cells that had none. Each training
is a row of results/translate.csv, and the same command resumes.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    join_machines,
    positive,
    update_page,
)
from benchmarks.translate_rows import ROWS, Problem, read_problem
from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.data.images import LabelledImages
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.translate.classical.carriers import fit_carrier
from ganaug.translate.inputs.translation_set import build_translation_set
from ganaug.translate.plan import choose_step
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import TranslationTrainer
from ganaug.translate.translator import Translator

PER_CELL = 40  # translations of each class in each domain
BALANCED = 2_000  # real and translated images that a classifier learns from
FIT_STEPS, JUDGE_STEPS = 300, 400
SHOWN = 8  # sources in a picture
KEY = ("row", "arm", "seed")
FIELDS = (
    *KEY, "seconds", "steps", "class", "domain", "both", "empty", "others", "machine",
)  # fmt: skip
COLUMNS = (
    "row", "arm", "seeds", "seconds", "steps", "class right, %", "domain right, %",
    "both, %", "empty cells, %", "other cells, %",
)  # fmt: skip


def without(name: str) -> str | None:
    """Return the default terms without one of them."""
    words = (TranslateConfig().terms or "").split(",")
    return ",".join(w for w in words if w.split(":")[0] != name) or None


def beside(term: str) -> str:
    """Return the default terms and another one."""
    return ",".join(filter(None, (TranslateConfig().terms, term)))


# arms without a translator, and the carriers that fill their cells
CARRIED = {
    "histogram": "histogram",
    "frame, then histogram": "frame-histogram",
    "first guess alone": "first-guess",
}
# changes of the default configuration; None is no translator
ARMS: dict[str, dict[str, Any] | None] = {
    "no filling": None,
    **dict.fromkeys(CARRIED),
    "as many real images": None,
    "translator": {},
    "no first guess": {"framing": 0.0, "light": 0.0},
    "no frame in the first guess": {"framing": 0.0},
    "no light in the first guess": {"light": 0.0},
    "no coordinates": {"position": 0.0},
    "no identity": {"terms": without("identity")},
    "no round trip": {"terms": without("round-trip")},
    "with layout": {"terms": beside("layout:3")},
    "with patches": {"terms": beside("patches:10")},
    "with variety": {"terms": beside("variety:0.3")},
    "no judgement of patches": {"local": 0.0},
    "whole images count fully": {"whole": 1.0},
    "never the domain alone": {"alone": 0.0},
    "always the domain alone": {"alone": 1.0},
    "terms five times as strong": {"terms": "identity:5,round-trip:10"},
    "penalties five times as strong": {"gamma": 5.0},
    "batch 64": {"batch": 64},
    "batch 16": {"batch": 16},
    "32 features, 4 blocks": {"features": 32, "blocks": 4},
    "rate 1e-3": {"lr": 1e-3},
}
TITLE = "What each part of the translator brings"
INTRODUCTION = """\
Which terms and network choices make a translator fill empty cells well? Each row of the
table is the default with one change, in equal time.

![digits in the style of four scanners](translate_digits-4.png)
![hands in three kinds of light](translate_sign-digits-light.png)
![labelled digits in the style of unlabelled ones](translate_unlabelled-digits.png)

First column: images of classes that were seen in one domain only. Then each of them in
every domain, in the order of the set: MNIST, USPS, Semeion, Optdigits; plain, lamp,
dusk; MNIST, USPS. After one minute of one busy core, some things are still wrong: thick
blurred strokes break into pieces where a domain's are crisp (the 8 and the 3 as
Semeion); strokes have grey bands inside (USPS, Optdigits); noise of a domain is carried
along, and a noisy domain's noise is not drawn (dusk); and a faint checkerboard lies
over edges (since then, generators begin without one)."""
PROTOCOL = """\
One thread; every translator gets the same processor seconds (a busy machine would give
it fewer by the clock). Some classes were seen in every domain, each other one in a
single domain, 40 images per seen cell. Every cell, also the seen ones, gets 40
translations from other domains' images. Class and domain are judged by two classifiers
that have seen real images of every cell, so nothing is chosen by them. The accuracies
are those of ganaug's small network, 300 steps with RandAugment, cells drawn evenly, on
real test images: mean over the cells that had no image, and over the others. Seeds
change the translator and the classifier, not the images. Unlabelled digits: 40 labelled
images of each class of MNIST, 1,000 images of USPS without classes, which are judged by
the domain alone; the empty cells are those of USPS."""


@dataclass(frozen=True)
class Found:
    """Figures of one training; shares in 0…1, None where there is no translator."""

    empty: float
    others: float
    seconds: float = 0.0
    steps: int = 0
    shares: tuple[float, float, float] | None = None


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    torch.set_num_threads(1)
    cells = product(range(options.seeds), options.arms, options.rows)
    for seed, arm, row in cells if not options.table_only else ():
        key = (row, arm, str(seed))
        if all(tuple(r[k] for k in KEY) != key for r in read_rows(options.csv)):
            run_cell(row, arm, seed, options)
    section = summarise(list(read_rows(options.csv)))
    print(section.to_markdown())
    if options.out is not None:
        update_page(options.out, "Translation", [section], introduction=INTRODUCTION)


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.translate", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--rows", nargs="+", choices=ROWS, default=tuple(ROWS))
    add("--arms", nargs="+", choices=ARMS, default=tuple(ARMS))
    add("--seeds", type=positive, default=2, help="trainings of each arm")
    add("--seconds", type=float, default=120.0, help="processor time of a training")
    add("--csv", type=Path, default=HERE / "results" / "translate.csv")
    add("--pictures", type=Path, help="folder for a picture of each row's translator")
    add("--table-only", action="store_true", help="make the table of what is finished")
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args(words)


def run_cell(row: str, arm: str, seed: int, options: argparse.Namespace) -> None:
    problem = read_problem(row, options.data_dir)
    found = measure(problem, arm, seed, options)
    shares = [f"{share:.4f}" for share in found.shares or ()] or ["", "", ""]
    values = (
        row, arm, str(seed), f"{found.seconds:.0f}", str(found.steps), *shares,
        f"{found.empty:.4f}", f"{found.others:.4f}", describe_machine(),
    )  # fmt: skip
    append_row(options.csv, dict(zip(FIELDS, values, strict=True)))
    print(*values[:-1], sep=", ", file=sys.stderr, flush=True)


def measure(
    problem: Problem, arm: str, seed: int, options: argparse.Namespace
) -> Found:
    change = ARMS[arm]
    if arm == "no filling":
        return Found(*score(problem, problem.train, seed))
    if arm == "as many real images":
        return Found(*score(problem, problem.further, seed))
    if arm in CARRIED:
        carrier = fit_carrier(CARRIED[arm], problem.train)

        def swap(data: LabelledImages, targets: NDArray[np.int64]) -> Any:
            rng = np.random.default_rng(seed)
            return carrier.carry(data.images, data.domains, targets, rng)

        return Found(*score(problem, fill(problem, swap, seed), seed))
    trained = train(problem, change or {}, seed, options.seconds)
    carried = fill(problem, trained.translate, seed)
    shares = judge(problem, carried)
    if options.pictures is not None and not change and not seed:
        draw_picture(problem, trained.translate, options.pictures)
    scores = score(problem, carried, seed)
    return Found(*scores, seconds=trained.seconds, steps=trained.steps, shares=shares)


Carry = Callable[[LabelledImages, NDArray[np.int64]], NDArray[np.uint8]]


@dataclass(frozen=True)
class Trained:
    """A translator, and what its training took."""

    translator: Translator
    steps: int
    seconds: float

    def translate(
        self, data: LabelledImages, targets: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        return self.translator.translate(data.images, domain=targets)


def train(
    problem: Problem, change: dict[str, Any], seed: int, seconds: float
) -> Trained:
    """Train for that many processor seconds, timed on the way to set the length."""
    height, width = problem.train.size
    config = TranslateConfig(
        height=height, width=width, channels=problem.train.channels, seed=seed,
        step=choose_step((height, width))[0],
    ).replace(**change)  # fmt: skip
    each = time_step(make_trainer(problem, config))
    steps = max(1, round(seconds / each))
    images = steps * config.batch
    config = config.replace(images=images, ema=max(config.batch, images / 20))
    trainer = make_trainer(problem, config)
    start = time.process_time()
    while trainer.seen < images:
        trainer.step()
    data = problem.train
    translator = Translator(
        config, data.classes, problem.domains, data.size, "",
        trainer.average, trainer.span, trainer.device,
    )  # fmt: skip
    return Trained(translator, steps, time.process_time() - start)


def make_trainer(problem: Problem, config: TranslateConfig) -> TranslationTrainer:
    images = build_translation_set(problem.train, config, problem.pools)
    return TranslationTrainer(
        config,
        torch.from_numpy(images.images),
        images.labels,
        images.placed,
        counts=(len(problem.train.classes), len(problem.domains)),
        device=torch.device("cpu"),
        span=images.span,
    )


def time_step(trainer: TranslationTrainer, steps: int = 12) -> float:
    """Return processor seconds of a step."""
    for _ in range(4):
        trainer.step()
    start = time.process_time()
    for _ in range(steps):
        trainer.step()
    return (time.process_time() - start) / steps


def fill(problem: Problem, carry: Carry, seed: int) -> LabelledImages:
    """Return the training images, and PER_CELL carried into every cell."""
    data, random = problem.train, np.random.default_rng(seed)
    assert data.domains is not None
    rows, targets = [], []
    for label, domain in product(range(len(data.classes)), range(len(problem.domains))):
        own = np.flatnonzero((data.labels == label) & (data.domains != domain))
        if len(own):
            rows.append(random.choice(own, PER_CELL, replace=len(own) < PER_CELL))
            targets.append(np.full(PER_CELL, domain))
    sources, places = data.subset(np.concatenate(rows)), np.concatenate(targets)
    carried = carry(sources, places)
    return replace(
        data,
        images=np.concatenate([data.images, carried]),
        labels=np.concatenate([data.labels, sources.labels]),
        domains=np.concatenate([data.domains, places]),
        domain_names=problem.domains,
        groups=None,
        names=(),
    )


def judge(problem: Problem, filled: LabelledImages) -> tuple[float, float, float]:
    """Return the shares of right classes, domains, and both, in empty cells."""
    new = np.arange(len(filled)) >= len(problem.train)
    mine = filled.subset(np.flatnonzero(new & problem.is_empty(filled)))
    label, domain = find_judges(problem)
    classed = label.predict_proba(mine.images).argmax(axis=1) == mine.labels
    placed = domain.predict_proba(mine.images).argmax(axis=1) == mine.domains
    return float(classed.mean()), float(placed.mean()), float((classed & placed).mean())


def find_judges(problem: Problem) -> tuple[Classifier, Classifier]:
    if problem.name not in JUDGES:
        every = problem.every
        assert every.domains is not None
        JUDGES[problem.name] = (
            fit_classifier(
                every.images, every.labels, len(every.classes), steps=JUDGE_STEPS,
                policy="rand", seed=1,
            ),
            fit_classifier(
                every.images, every.domains, len(problem.domains),
                steps=JUDGE_STEPS // 2, seed=1,
            ),
        )  # fmt: skip
    return JUDGES[problem.name]


JUDGES: dict[str, tuple[Classifier, Classifier]] = {}


def score(problem: Problem, data: LabelledImages, seed: int) -> tuple[float, float]:
    """Train a classifier on cells drawn evenly; return its mean recalls of cells."""
    rows = balance(data, np.random.default_rng(seed))
    classifier = fit_classifier(
        data.images[rows], data.labels[rows], len(data.classes),
        steps=FIT_STEPS, policy="rand", seed=seed,
    )  # fmt: skip
    test = problem.test
    right = classifier.predict_proba(test.images).argmax(axis=1) == test.labels
    empty = problem.is_empty(test)
    return mean_recall(test, right, empty), mean_recall(test, right, ~empty)


def balance(data: LabelledImages, random: np.random.Generator) -> NDArray[np.int64]:
    """Return rows in which every cell is as frequent."""
    cells = list_rows(data)
    n = -(-BALANCED // len(cells))
    return np.concatenate([random.choice(c, n, replace=len(c) < n) for c in cells])


def mean_recall(
    data: LabelledImages, right: NDArray[np.bool_], part: NDArray[np.bool_]
) -> float:
    cells = [rows[part[rows]] for rows in list_rows(data)]
    recalls = [right[rows].mean() for rows in cells if len(rows)]
    return float(np.mean(recalls)) if recalls else float("nan")


def list_rows(data: LabelledImages) -> list[NDArray[np.int64]]:
    """Return the rows of each cell that has images."""
    assert data.domains is not None
    numbers = data.labels * 1000 + data.domains
    return [np.flatnonzero(numbers == n) for n in np.unique(numbers)]


def draw_picture(problem: Problem, carry: Carry, folder: Path) -> None:
    """Save sources of classes that were seen in one domain, in every domain."""
    data = problem.train
    assert data.domains is not None
    shown = problem.choose_shown(SHOWN)
    sources = data.subset(shown)
    columns = [sources.images]
    for domain in range(len(problem.domains)):
        columns.append(carry(sources, np.full(len(shown), domain)))
    tiles = np.stack(columns, axis=1).reshape(-1, *data.images.shape[1:])
    folder.mkdir(parents=True, exist_ok=True)
    name = problem.name.replace(" ", "-")
    save_grid(folder / f"translate_{name}.png", tiles, len(columns))


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with open(path, newline="", encoding="utf-8") as lines:
            yield from csv.DictReader(lines)


def append_row(path: Path, row: dict[str, str]) -> None:
    new = not path.is_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)


def summarise(rows: list[dict[str, str]]) -> Section:
    table = []
    for row, arm in product(ROWS, ARMS):
        mine = [r for r in rows if (r["row"], r["arm"]) == (row, arm)]
        if mine:
            table.append([row, arm, str(len(mine)), *say_means(mine)])
    machines = join_machines([row["machine"] for row in rows]) if rows else ""
    return Section(TITLE, f"{machines}\n\n{PROTOCOL}".strip(), COLUMNS, table)


def say_means(rows: list[dict[str, str]]) -> list[str]:
    def mean(field: str, factor: float, digits: int) -> str:
        values = [float(row[field]) for row in rows if row[field]]
        return f"{factor * np.mean(values):.{digits}f}" if values else ""

    times = [mean("seconds", 1, 0), mean("steps", 1, 0)]
    names = ("class", "domain", "both", "empty", "others")
    return [t.removeprefix("0") if t == "0" else t for t in times] + [
        mean(name, 100, 1) for name in names
    ]


if __name__ == "__main__":
    main()
