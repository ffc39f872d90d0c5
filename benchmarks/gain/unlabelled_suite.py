"""The gain protocol where one domain has no labels: what makes most of its images?"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

import torch

from benchmarks.gain.records import (
    find_machines,
    keep_split,
    merge_table,
    read_split,
    restore_split,
)
from benchmarks.gain.suite import list_rows, say_points, say_range
from benchmarks.gain.unlabelled_problems import (
    PER_CLASS,
    TESTED,
    PoolProblem,
    PoolRow,
    make_pool_problem,
)
from benchmarks.measuring import Section
from ganaug import engine
from ganaug.data.images import LabelledImages
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import OPPONENT, ORACLE, PLACEBO, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.settings import Settings
from ganaug.gain.styled.inputs import Styles
from ganaug.gain.styled.pools import StyleMaker, carry_by_style
from ganaug.gain.unlabelled.candidates import ADAPTED, MIXED, WITH_GAN
from ganaug.gain.unlabelled.judging import summarise_unlabelled
from ganaug.gain.unlabelled.split_data import CarryMaker, UnlabelledExperiment
from ganaug.gain.unlabelled.split_run import run_unlabelled_split
from ganaug.gain.unlabelled.translated import carry_by_translator, plan_carrying
from ganaug.recipe import HELPS
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.style.styles import ANY

PAIRS = (
    PoolRow("mnist", "", "over photographs", 0),
    PoolRow("digits-4", "MNIST", "USPS", 0),
    PoolRow("digits-4", "Semeion", "MNIST", 0),
    PoolRow("digits-4", "Optdigits", "Semeion", 0),
    PoolRow("mt-exposure-2", "dark (exposure 1-2)", "bright (exposure 5-6)", 0, 64),
    PoolRow("fsdd-speaker", "george", "jackson", 0),
    PoolRow("sign-digits", "", "second camera", 0),
)
POOLS = (100, 1000)
# corruptions known by 100 unlabelled images, carried by a translator or by style
CORRUPTED = tuple(
    PoolRow("sign-digits", "", what, 100, styled=styled)
    for what in ("low contrast", "noise")
    for styled in (False, True)
)
POOL_ROWS = (
    *(replace(row, pool=pool) for row in PAIRS for pool in POOLS), *CORRUPTED,
)  # fmt: skip
SHOWN = (
    *reversed(ADAPTED), *(name + WITH_GAN for name in reversed(MIXED)), PLACEBO, ORACLE,
)  # fmt: skip
COLUMNS = (
    "cell", "splits", *SHOWN, "handed out", "best arm", "gain, points",
    "95 % interval", "p", "p, Holm", "over placebo", "verdict", "recipe",
)  # fmt: skip
ACCURACY = "balanced_accuracy"
MINUTES = 10.0  # for which a translator's size is planned
SLOWER = 10  # times the work of an image for a style generator than a translator
NETWORKS = 1  # per arm; the splits are the unit
TITLE = "Unlabelled images"


def run_pool_row(row: PoolRow, options: argparse.Namespace) -> list[str] | None:
    """Make a row of the splits that are kept and of those run now."""
    problem = make_pool_problem(row, options)
    if problem is None:
        print(f"{row.name} is omitted: there is no {row.data}.npz", file=sys.stderr)
        return None
    found = [run_one(row, problem, k, options) for k in range(options.splits)]
    results = [result for result in found if result is not None]
    if not results:
        return None
    design = Design(
        overlap=problem.overlap, shared_test=True, margin=0.01, pretrained_run=False,
        classifier="a small network trained from scratch",
        classes=problem.test.classes, test_groups=problem.test.groups,
    )  # fmt: skip
    result = summarise_unlabelled(
        results, design, where=row.unlabelled, path=options.work / row.name
    )
    return make_row(row, result, results)


def run_one(
    row: PoolRow, problem: PoolProblem, number: int, options: argparse.Namespace
) -> SplitResult | None:
    """Read a split that is kept, or run it; None if --only omits it."""
    asked = {"steps": options.steps, "images": options.images}
    test = problem.test

    def read() -> SplitResult | None:
        k = len(test.classes)
        return read_split(row, number, test.labels, k, asked, options.results)

    known = read()
    if known is not None:
        restore_split(row, known, options.results)
    omitted = options.only is not None and number not in options.only
    if known is not None or options.table_only or omitted:
        return known
    start, device = time.perf_counter(), engine.pick_device(options.device)
    part = problem.parts[number]
    experiment = UnlabelledExperiment(
        data=part.data,
        pool=part.pool,
        test=test,
        settings=Settings(
            steps=options.steps, initialisations=NETWORKS, grid=test.size,
            ensemble=False, tune=False,
        ),
        kept=Kept(options.work / row.name, asked),
        make_carried=make_carrier(row, part.data, options, device),
        build=find_classifier().build,
        device=device,
    )  # fmt: skip
    result = run_unlabelled_split(experiment, part.split, number, truth=part.truth)
    seconds = time.perf_counter() - start
    keep_split(row, result, asked, seconds, options.results, device)
    return read()


def make_carrier(
    row: PoolRow,
    data: LabelledImages,
    options: argparse.Namespace,
    device: torch.device,
) -> CarryMaker:
    if row.styled:
        training = {"images": options.images // SLOWER}
        maker = StyleMaker(styles=Styles(ANY), device=device, training=training)
        return carry_by_style(maker, PER_CLASS)
    config = plan_carrying(data, device, budget=MINUTES, images=options.images)
    return carry_by_translator(
        TranslateConfig.from_dict(config), PER_CLASS, device=device
    )


def make_row(row: PoolRow, result: GainResult, results: list[SplitResult]) -> list[str]:
    arms, gain = result.details.arms, result.gains[OPPONENT]
    scores = {name: arms[name][ACCURACY] for name in arms}
    given = SYNTHETIC if result.verdict.word == HELPS else OPPONENT
    tried = {name: scores[name] for name in SHOWN if name in scores}
    best = max(tried, key=lambda name: tried[name] * (name not in (PLACEBO, ORACLE)))
    return [
        row.name, str(gain.n),
        *(f"{100 * tried[name]:.1f}" if name in tried else "–" for name in SHOWN),
        f"{100 * scores[given]:.1f}", f"{best} ({100 * scores[best]:.1f})",
        say_points(gain.mean), say_range(gain), f"{gain.p:.6f}", "",
        say_points(result.gains[PLACEBO].mean), result.verdict.word,
        result.recipe.say(),
    ]  # fmt: skip


def summarise_pools(found: list[list[str]], options: argparse.Namespace) -> Section:
    kept = merge_table("unlabelled", COLUMNS, found, options.results)
    rows = [row for row in POOL_ROWS if row.name in kept]
    cells = list_rows(kept, [row.name for row in rows])
    protocol = (
        f"{find_machines(rows, options.results)} Balanced accuracy in per cent on test "
        f"images of the unlabelled domain (up to {TESTED:,}), mean over splits. Each "
        f"split draws up to {PER_CLASS} labelled images of each class and as many "
        "unlabelled ones as the row's name says, if there are so many, of other "
        f"objects and groups. {options.steps} steps per fit, one network per arm; a "
        f"translator that sees {options.images:,} images. Only the augmentation is "
        "chosen, by the guesses for the unlabelled images; the opponent is "
        "self-training, and the gain is that of self-training with GAN images over it. "
        "*handed out*: what the recipe reaches; *oracle*: the unlabelled images with "
        "their labels. *over photographs*, *second camera*, *low contrast* and *noise* "
        "(severity 3) are painted; in rows that end with *styled*, images in the style "
        "of the unlabelled ones, by a generator that saw a tenth as many, stand in for "
        "the translator's."
    )
    return Section(TITLE, protocol, COLUMNS, cells)
