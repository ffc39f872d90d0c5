"""The toy suite's rows: every loss without a remedy, then every remedy on three."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.measuring import Section, join_machines
from benchmarks.stability.cells import Figures, keep, make_slug, write_rows
from benchmarks.stability.plots import plot_points
from benchmarks.stability.toy_problems import (
    LEAST,
    MIXTURES,
    NEAR,
    count_modes,
    draw_noise,
)
from benchmarks.stability.toy_trainer import Size, ToyTrainer
from ganaug.config import TrainConfig

SAMPLES = 2_500  # samples of each seed
SHOWN = 1_000  # samples of the first seed, kept for the figure
GAMMA = 0.05  # γ of R1 and R2: the least that a plan takes, for small modes
GAMMA_GP = 0.2  # λ = .1, as in the toy problems of Gulrajani et al.'s code
CLIP = 0.1
COMMON: dict[str, Any] = {
    "network": "dcgan", "augment": None, "latent": 4, "batch": 128,
    "lr": 5e-3, "lr_final": 1e-4, "beta1": 0.5, "beta2": 0.99, "critic_steps": 1,
}  # fmt: skip
COLUMNS = (
    "row", "grid: modes of 25", "grid: good samples, %", "ring: modes of 8",
    "ring: good samples, %", "seconds",
)  # fmt: skip
CSV_COLUMNS = ("row", "problem", "seed", "modes", "quality", "seconds", "machine")

EDGE = 1.4  # largest coordinate in the figures

FLAT = {"gamma": GAMMA}
NS: dict[str, Any] = {"loss": "bce-ns", "penalties": None}
NS_R1 = {"loss": "bce-ns", "penalties": "r1", **FLAT}
SLOPE: dict[str, Any] = {"penalties": "gp", "gamma": GAMMA_GP}
GP: dict[str, Any] = {"loss": "wgan-gp", **SLOPE}
RPG: dict[str, Any] = {"loss": "relativistic", **FLAT}
PLAIN = {"slope": 0.0, "slope_d": 0.0}
DEFAULT = "relativistic + R1, R2 (default)"
NAMED = {"bce-ns": NS, "wgan-gp": GP, "default": RPG}
BASES = {"bce-ns": "bce-ns", "wgan-gp": "wgan-gp", "default": DEFAULT}
REMEDIES = "What each remedy does"
TITLE = "25 Gaussians on a grid, 8 on a ring"
DIVERSE: dict[str, dict[str, Any]] = {
    "mode-seeking": {"diversity": "mode-seeking"},
    "entropy": {"diversity": "entropy"},
    "batch_std=4": {"batch_std": 4},
    "pack=2": {"pack": 2},
    "batch norm in G": {"norm": "batch"},
}
ROWS: dict[str, dict[str, Any]] = {
    DEFAULT: RPG,
    "bce": {"loss": "bce"},
    "bce-ns": NS,
    "wgan-gp": GP,
    "relativistic": {"loss": "relativistic", "penalties": None},
    "lsgan": {"loss": "lsgan"},
    "hinge": {"loss": "hinge"},
    "wgan": {"loss": "wgan", "clip": CLIP},
    "bce-ns + R1": NS_R1,
    "bce-ns + R1, R2": NS_R1 | {"penalties": "r1,r2"},
    "bce-ns + pack=2": NS | DIVERSE["pack=2"],
    "bce-ns + batch_std=4": NS | DIVERSE["batch_std=4"],
    "bce-ns + mode-seeking": NS | DIVERSE["mode-seeking"],
    "bce-ns + entropy": NS | DIVERSE["entropy"],
    "bce-ns + spectral norm in D": NS | {"norm_d": "spectral"},
    "bce-ns + spectral norm in G": NS | {"norm": "spectral"},
    "bce-ns + batch norm in G": NS | DIVERSE["batch norm in G"],
    "bce-ns + batch norm in D": NS | {"norm_d": "batch"},
    "bce-ns + plain ReLU": NS | PLAIN,
    "bce-ns + R2": NS_R1 | {"penalties": "r2"},
    "bce-ns + GP": NS | SLOPE,
    f"bce-ns + clip={CLIP}": NS | {"clip": CLIP},
    **{f"default + {name}": RPG | values for name, values in DIVERSE.items()},
    "default + spectral norm in D": RPG | {"norm_d": "spectral"},
    "default + plain ReLU": RPG | PLAIN,
    "relativistic + GP": {"loss": "relativistic", **SLOPE},
    **{f"wgan-gp + {name}": GP | values for name, values in DIVERSE.items()},
    "wgan-gp + plain ReLU": GP | PLAIN,
    "wgan-gp, 5 critic steps": GP | {"critic_steps": 5},
    "wgan + R1, R2": GP | {"penalties": "r1,r2", **FLAT},
    "wgan + spectral norm in D": {
        "loss": "wgan-gp",
        "penalties": None,
        "norm_d": "spectral",
    },
    "hinge + spectral norm in D": {"loss": "hinge", "norm_d": "spectral"},
}

BESIDE = ("R1", "GP", "batch norm in D", "pack=2", "batch_std=4", "mode-seeking",
          "entropy")  # fmt: skip
PICTURES = {  # figure → its rows
    "": list(ROWS)[:8],
    "_remedies": ["bce-ns", *(f"bce-ns + {name}" for name in BESIDE)],
}
SAY = {"": "each loss", "_remedies": "bce-ns with each remedy"}
PICTURED = {row for rows in PICTURES.values() for row in rows}
# another penalty, or a norm, takes the place of the loss's own
IN_PLACE = {
    ("default", "GP"): "relativistic + GP",
    ("wgan-gp", "R1, R2"): "wgan + R1, R2",
    ("wgan-gp", "spectral norm in D"): "wgan + spectral norm in D",
}


def run_toy(options: argparse.Namespace) -> Section | None:
    """Make the table of the named rows; a CSV file and figures beside the page."""
    found = collect_cells(options)
    if not found:
        return None
    pictures = ""
    if options.out is not None:
        path = options.out.parent / "results" / "stability_toy.csv"
        write_rows(path, CSV_COLUMNS, make_lines(found))
        pictures = plot_samples(found, options)
    done = [row for row in ROWS if (row, "grid") in found or (row, "ring") in found]
    rows = [make_noise_row(), *(make_row(row, found) for row in done)]
    missing = len(ROWS) - len(done)
    todo = f" Rows not measured yet: {missing} of {len(ROWS)}." if missing else ""
    return Section(
        TITLE,
        describe(found.values()) + todo + pictures,
        COLUMNS,
        rows,
    )


def plot_samples(
    found: dict[tuple[str, str], Figures], options: argparse.Namespace
) -> str:
    """Plot the samples on each problem; return Markdown that shows the figures."""
    shown = []
    for end, (problem, mixture) in product(PICTURES, MIXTURES.items()):
        files = {
            row: cell_path(options.work, row, problem).with_suffix(".npy")
            for row in PICTURES[end]
            if (row, problem) in found
        }
        points = {row: np.load(file) for row, file in files.items() if file.is_file()}
        if points:
            name = f"stability_{problem}{end}.png"
            plot_points(
                options.out.parent / name, points, mixture.centres.numpy(), EDGE
            )
            shown.append(f"![Samples on the {problem}, {SAY[end]}]({name})")
    return "\n\n" + "\n\n".join(shown)


def run_remedies(options: argparse.Namespace) -> Section | None:
    """Make the table of the same rows by remedy, once they are finished."""
    options = argparse.Namespace(**vars(options) | {"table_only": True, "rows": []})
    found = collect_cells(options)
    if not any(row == name for row, _ in found for name in BASES.values()):
        return None
    rows = [["nothing", *(say_both(BASES[name], found) for name in NAMED)]]
    remedies = [row.partition(" + ")[2] for row in ROWS if row.startswith("bce-ns + ")]
    remedies.sort(key=lambda name: -share_found(f"bce-ns + {name}", found))
    for remedy in remedies:
        names = [IN_PLACE.get((n, remedy), f"{n} + {remedy}") for n in NAMED]
        rows.append([remedy, *(say_both(name, found) for name in names)])
    prose = (
        "Modes found of the 25 on the grid and of the 8 on the ring, means over five "
        "seeds, of the table below; the remedies are ordered by the mean share of "
        "modes that bce-ns finds on both. The default is relativistic with R1 and R2. "
        "wgan-gp keeps GP and the default R1 and R2, except where the row names "
        "another penalty; spectral norm takes GP's place too. Points are no images: "
        "the tables of images show what a remedy does there."
    )
    return Section(REMEDIES, prose, ("remedy", *NAMED), rows)


def say_both(row: str, found: dict[tuple[str, str], Figures]) -> str:
    cells = [found.get((row, problem)) for problem in MIXTURES]
    modes = [np.mean(figures["modes"]) for figures in cells if figures is not None]
    return " and ".join(f"{m:.3g}" for m in modes) if len(modes) == len(cells) else "–"


def share_found(row: str, found: dict[tuple[str, str], Figures]) -> float:
    """Return the mean share of both problems' modes; 0 if not measured."""
    shares = [
        np.mean(found[row, problem]["modes"]) / len(mixture.centres)
        for problem, mixture in MIXTURES.items()
        if (row, problem) in found
    ]
    return float(np.mean(shares)) if shares else 0.0


def make_noise_row() -> list[str]:
    """Count the modes that uniform noise finds."""
    cells = ["uniform noise (control)"]
    for mixture in MIXTURES.values():
        random = torch.Generator().manual_seed(0)
        counts = [
            count_modes(draw_noise(mixture, SAMPLES, random), mixture) for _ in range(5)
        ]
        cells += [
            say_modes({"modes": [count.modes for count in counts]}),
            f"{100 * np.mean([count.quality for count in counts]):.0f}",
        ]
    return [*cells, "–"]


def collect_cells(options: argparse.Namespace) -> dict[tuple[str, str], Figures]:
    """Collect (row, problem) → figures, finished before or measured now."""
    return {
        (row, problem): figures
        for row, problem, figures in iterate_cells(options)
        if figures is not None
    }


def iterate_cells(
    options: argparse.Namespace,
) -> Iterator[tuple[str, str, Figures | None]]:
    for row in ROWS:
        if options.rows and row not in options.rows:
            continue
        for problem in MIXTURES:
            path = cell_path(options.work, row, problem)
            request = {
                "row": row,
                "problem": problem,
                "steps": options.steps or MIXTURES[problem].steps,
                "seeds": list(range(options.seeds or 5)),
                "settings": COMMON | ROWS[row],
            }
            yield row, problem, keep(
                path, lambda a=request, at=path: measure(a, at),
                request=request, table_only=options.table_only,
            )  # fmt: skip


def cell_path(work: Path, row: str, problem: str) -> Path:
    return work / "toy" / f"{make_slug(row)}-{problem}.json"


def measure(request: Figures, path: Path) -> Figures:
    """Train a row's seeds together and count what they found."""
    mixture = MIXTURES[request["problem"]]
    config = TrainConfig(**request["settings"])
    config = config.replace(images=request["steps"] * config.batch)
    trainer = ToyTrainer(config, mixture.sample, 2, request["seeds"], Size())
    trainer.train()
    points = trainer.sample_average(SAMPLES)
    path.parent.mkdir(parents=True, exist_ok=True)
    if request["row"] in PICTURED:
        shown = points[0, :SHOWN].numpy().astype(np.float16)
        np.save(path.with_suffix(".npy"), shown)
    counts = [count_modes(own, mixture) for own in points]
    return {
        "modes": [count.modes for count in counts],
        "quality": [round(count.quality, 4) for count in counts],
    }


def make_row(row: str, found: dict[tuple[str, str], Figures]) -> list[str]:
    cells, seconds = [row], 0.0
    for problem in MIXTURES:
        figures = found.get((row, problem))
        if figures is None:
            cells += ["–", "–"]
            continue
        seconds += figures["seconds"]
        cells += [say_modes(figures), f"{100 * np.mean(figures['quality']):.0f}"]
    return [*cells, f"{seconds:.0f}"]


def say_modes(figures: Figures) -> str:
    """Say the mean over the seeds, and the range where they differ."""
    modes = figures["modes"]
    if min(modes) == max(modes):
        return str(modes[0])
    return f"{np.mean(modes):.1f} ({min(modes)}–{max(modes)})"


def make_lines(found: dict[tuple[str, str], Figures]) -> list[list[Any]]:
    return [
        [
            row, problem, seed, figures["modes"][k], figures["quality"][k],
            figures["seconds"], figures["machine"],
        ]
        for (row, problem), figures in found.items()
        for k, seed in enumerate(figures["seeds"])
    ]  # fmt: skip


def describe(cells: Iterable[Figures]) -> str:
    machines = join_machines(figures["machine"] for figures in cells)
    grid, ring, size = MIXTURES["grid"], MIXTURES["ring"], Size()
    return (
        f"{machines} Points in [-1, 1]²; standard deviation"
        f" of a mode {grid.std:g} on the grid, whose modes are .5 apart, and "
        f"{ring.std:g} on the ring of radius 1. In all rows both networks are "
        f"perceptrons of {size.depth} hidden layers of {size.width} features with "
        "leaky ReLU, unless the row says otherwise; z has "
        f"{COMMON['latent']} numbers. G and D take turns for {grid.steps:,} and "
        f"{ring.steps:,} steps of {COMMON['batch']} points; in the one row "
        "with five critic steps D takes as many, G a fifth. "
        f"Adam({COMMON['beta1']:g}, {COMMON['beta2']:g}) with a learning rate of "
        f"{COMMON['lr']:g}, by a cosine down to {COMMON['lr_final']:g}. Steps, learning"
        " rate and γ were chosen by the row of the default's loss and penalties. "
        f"γ of R1 and R2 is {GAMMA:g}, which suits modes so "
        "small, where the default for images is larger; that of GP "
        f"{GAMMA_GP:g}, as in the toy problems of its authors' code; weights are "
        f"clipped at {CLIP:g}; diversity terms have their usual weights. {SAMPLES:,} "
        "samples of the averaged generator for each of five seeds: a sample is good "
        f"within {NEAR:g} standard deviations of a mode (Srivastava et al., *VEEGAN*, "
        "2017; Lin et al., *PacGAN*, 2018), which 98.9 % of real points are; a mode"
        f" is found when good samples come to at least {LEAST:.0%} of its fair "
        "share, which noise seldom does. Modes: mean over the seeds, and least–most"
        " where they differ. Seconds: of all five seeds, on one thread of a busy "
        "machine."
    )
