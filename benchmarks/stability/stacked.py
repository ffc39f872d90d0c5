"""Stacked digits: three of scikit-learn's digits as colours, which makes 1,000 modes.

Metz et al., "Unrolled Generative Adversarial Networks" (2017), section 3.3.1, stack
MNIST digits and draw 26,000 samples, as later papers do.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring import Section, join_machines
from benchmarks.stability.cells import Figures, keep, make_slug, write_rows
from benchmarks.stability.real import (
    CPU,
    DEFAULT,
    choose_seeds,
    keep_run,
    plan_run,
    plan_runs,
    read_alarms,
)
from benchmarks.stability.tables import say_mean
from ganaug import LabelledImages, Synthesizer, engine, load_images, train
from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.classify.flips import with_flips
from ganaug.data.fingerprint import Fingerprint, take_fingerprint

TITLE = "Stacked digits"
SAMPLES = 26_000
DIGITS, COLOURS = 10, 3
MODES = DIGITS**COLOURS
SURE = 0.9  # least probability of the likeliest digit, in every colour
JUDGE_STEPS = 1_500
COLUMNS = ("row", "seeds", "modes of 1,000", "KL", "sure samples, %")
CSV_COLUMNS = ("row", "seed", "modes", "kl", "sure", "images", "machine")
PLAIN, WIDE = {"augment": None}, {"base_channels": 128}
LONG, TIMES = "default, augment=none, batch_std=4, 3 times as long", 3
ROWS: dict[str, tuple[dict[str, Any], int]] = {  # with how many seeds
    DEFAULT: ({}, 5),
    "bce": ({"loss": "bce"}, 5),
    "wgan": ({"loss": "wgan"}, 3),
    "wgan-gp": ({"loss": "wgan-gp"}, 3),
    "relativistic": ({"loss": "relativistic", "penalties": None}, 3),
    "default, augment=none": (PLAIN, 3),
    "default, augment=none, batch_std=4": ({**PLAIN, "batch_std": 4}, 3),
    LONG: ({**PLAIN, "batch_std": 4}, 1),
    "default, base_channels=128": (WIDE, 1),
    "default, augment=none, batch_std=4, base_channels=128": (
        {**PLAIN, "batch_std": 4, **WIDE},
        1,
    ),
}

Key = tuple[str, int]  # row, seed


def run_stacked(options: argparse.Namespace) -> Section | None:
    """Make the table of all finished runs, and a CSV file beside the page."""
    device = engine.pick_device(options.device)
    data = stack_digits(SAMPLES, seed=0)
    path = options.work / "stacked" / "gan.json"
    plan = plan_runs(path, {DEFAULT: {}}, lambda: data, options)
    if options.plan_only or plan is None:
        return None
    problem = cache(lambda: make_problem(data, device))
    found = measure_controls(options) | collect_runs(plan, problem, device, options)
    if not found:
        return None
    if options.out is not None:
        path = options.out.parent / "results" / "stability_stacked.csv"
        write_rows(path, CSV_COLUMNS, make_lines(found))
    prose = describe(found, plan, options.minutes)
    return Section(TITLE, prose, COLUMNS, make_rows(found))


def collect_runs(
    plan: Figures,
    problem: Callable[[], Problem],
    device: torch.device,
    options: argparse.Namespace,
) -> dict[Key, Figures]:
    """Collect (row, seed) → figures of all runs that are finished or made now."""
    found = {}
    for row, (changes, seeds) in ROWS.items():
        if options.rows and row not in options.rows:
            continue
        for seed in choose_seeds(range(seeds), options):
            request = {
                "seed": seed,
                "images": plan["images"][DEFAULT] * (TIMES if row == LONG else 1),
                "precision": plan["precision"], "settings": changes,
            }  # fmt: skip
            path = options.work / "stacked" / f"{make_slug(row)}-{seed}.json"
            figures = keep_run(path, request, measure, problem, device, options)
            if figures is not None:
                found[row, seed] = figures
    return found


def make_lines(found: dict[Key, Figures]) -> list[list[Any]]:
    return [[*key, *(f[name] for name in CSV_COLUMNS[2:])] for key, f in found.items()]


def stack_digits(n: int, *, seed: int) -> LabelledImages:
    """Stack n images (n, 8, 8, 3) with another digit in each colour, all one class."""
    digits = load_images("digits").images[..., 0]
    chosen = np.random.default_rng(seed).integers(len(digits), size=(n, COLOURS))
    images = np.moveaxis(digits[chosen], 1, -1)
    return LabelledImages(
        np.ascontiguousarray(images), np.zeros(n, np.int64), ("stacked",)
    )


def fit_judge(device: torch.device = CPU) -> Classifier:
    """Fit a classifier of single digits on all real ones."""
    digits = load_images("digits")
    return fit_classifier(
        digits.images, digits.labels, DIGITS, steps=JUDGE_STEPS, device=device
    )


class Problem(NamedTuple):
    """Data, fingerprint and classifier that all runs share."""

    data: LabelledImages
    fingerprint: Fingerprint
    judge: Classifier


def make_problem(data: LabelledImages, device: torch.device) -> Problem:
    known = with_flips(take_fingerprint(data), data)
    return Problem(data, known, fit_judge(device))


def measure(problem: Problem, request: Figures, path: Path) -> Figures:
    """Train a run as planned for a CPU, count its modes, keep the figures only."""
    data, known, judge = problem
    seed, folder, device = request["seed"], path.with_suffix(""), str(judge.device)
    config = plan_run(data, known, request)
    run = train(data, folder, config=config, device=device)
    images = Synthesizer.load(run, device).sample(n=SAMPLES, seed=seed)
    figures = count_stacked(judge, images)
    figures["alarms"] = read_alarms(folder)
    shutil.rmtree(folder)
    return figures


def count_stacked(judge: Classifier, images: NDArray[np.uint8]) -> Figures:
    """Count modes among images (n, 8, 8, 3), as the judge sees each colour."""
    seen = [judge.predict_proba(images[..., k : k + 1]) for k in range(COLOURS)]
    return count_modes(np.stack(seen, axis=1))


def count_modes(probabilities: NDArray[np.floating]) -> Figures:
    """Count the modes found, and measure how unevenly they are filled.

    Args:
        probabilities: (n, 3, 10), probability of each digit in each colour.

    Returns:
        `modes`: number of modes with a sample that is sure in every colour; `kl`:
        divergence of all samples' modes from the uniform distribution, in nats;
        `sure`: share of the samples that are sure.

    Example:
        >>> count_modes(np.eye(10)[[[1, 2, 3], [1, 2, 3]]])["modes"]
        1
    """
    digit, sure = probabilities.argmax(axis=2), probabilities.max(axis=2) >= SURE
    mode = digit @ DIGITS ** np.arange(COLOURS)
    every = sure.all(axis=1)
    p = np.bincount(mode, minlength=MODES) / len(mode)
    kl = float((p[p > 0] * np.log(p[p > 0] * MODES)).sum())
    return {"modes": len(np.unique(mode[every])), "kl": kl, "sure": float(every.mean())}


CONTROLS: dict[str, Callable[[], NDArray[np.uint8]]] = {
    "uniform noise (control)": lambda: np.random.default_rng(0).integers(
        0, 256, (SAMPLES, 8, 8, COLOURS), np.uint8
    ),
    "real images (control)": lambda: stack_digits(SAMPLES, seed=1).images,
}


def measure_controls(options: argparse.Namespace) -> dict[tuple[str, int], Figures]:
    """Count the modes of noise, and of other stacks of the real digits."""
    found = {}
    for row, draw in CONTROLS.items():
        if options.rows and row not in options.rows:
            continue
        path = options.work / "stacked" / f"{make_slug(row)}.json"
        figures = keep(
            path, lambda d=draw: count_stacked(fit_judge(), d()),
            request={"seed": 0, "images": 0}, table_only=options.table_only,
        )  # fmt: skip
        if figures is not None:
            found[row, 0] = figures
    return found


def make_rows(found: dict[tuple[str, int], Figures]) -> list[list[str]]:
    rows = []
    for row in dict.fromkeys(row for row, _ in found):
        own = [figures for (name, _), figures in found.items() if name == row]
        rows.append(say(row, own))
    return rows


def say(row: str, own: list[Figures]) -> list[str]:
    """Make a row: means, with the least and the most."""
    modes, kl, sure = ([f[name] for f in own] for name in ("modes", "kl", "sure"))
    return [
        row, str(len(own)), say_mean(modes, ".0f"), say_mean(kl, ".2f"),
        say_mean(sure, ".0f", 100, spread=False),
    ]  # fmt: skip


def describe(
    found: dict[tuple[str, int], Figures], plan: Figures, minutes: float
) -> str:
    machines = join_machines(figures["machine"] for figures in found.values())
    images = plan["images"][DEFAULT]
    return (
        f"{machines} Three of scikit-learn's digits as "
        f"colours, 8×8; {SAMPLES:,} real ones to train on and {SAMPLES:,} drawn. A "
        f"mode is found when a sample has probability {SURE:g} or more in every "
        "colour; KL: divergence of the modes that all samples show, by the likeliest "
        "digit of each colour, from the uniform distribution. The classifier is fitted "
        "on all real digits, of which the real control is made: an upper bound. It is "
        "sure of noise too, so *sure samples* are no measure of quality; but modes can "
        "only be found among them. Rows have the plan's recipe, with its augmentation, "
        "and the changes that they name; wgan and wgan-gp have 5 critic steps. A run "
        f"trains on {images:,} images, as many as the default takes in {minutes:g} "
        "minutes on one thread of a CPU."
    )
