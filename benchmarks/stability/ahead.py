"""A discriminator trained far ahead: what gradient does it leave the generator?

Arjovsky and Bottou, "Towards Principled Methods for Training Generative Adversarial
Networks" (2017), section 2: while G rests, D learns. The better D, the less
of its gradient reaches G by the textbook's loss, and the more by the non-saturating
one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.measuring import Section, join_machines
from benchmarks.stability.cells import Figures, keep, make_slug, write_rows
from benchmarks.stability.plots import plot_norms
from benchmarks.stability.toy_problems import PIXELS, draw_digits
from benchmarks.stability.toy_trainer import ONE, Size, ToyTrainer
from ganaug.config import TrainConfig
from ganaug.gan.inputs.random_draws import Draws
from ganaug.gan.step import generator_loss
from ganaug.gan.trainer import freeze

TITLE = "A discriminator trained far ahead"
MOMENTS = (0, 10, 20, 50, 100, 200, 500, 1_000, 2_000)  # steps of D
SAID = (0, 100, 500, 2_000)
BATCH = 128
COMMON: dict[str, Any] = {
    "network": "dcgan", "augment": None, "latent": 4, "batch": BATCH,
    "lr": 1e-3, "lr_final": 1e-3, "images": 10**9,
}  # fmt: skip
LOSSES: dict[str, dict[str, Any]] = {
    "bce": {"loss": "bce"},
    "bce-ns": {"loss": "bce-ns", "penalties": None, "beta1": 0.5, "beta2": 0.999},
    "wgan-gp": {"loss": "wgan-gp"},
    "relativistic + R1, R2": {"loss": "relativistic", "gamma": 1.0},
}
SLOPES = {"leaky ReLU": 0.2, "ReLU": 0.0}
COLUMNS = (
    "loss", "activation", *(f"after {moment:,}" for moment in SAID),
    "lowest over 0", "last over peak", "last over bce-ns",
)  # fmt: skip
CSV_COLUMNS = ("loss", "activation", "seed", "steps", "norm", "machine")

Key = tuple[str, str]


def run_ahead(options: argparse.Namespace) -> Section | None:
    """Make the table of all finished cells; a CSV file and a plot beside the page."""
    found = collect_cells(options)
    if not found:
        return None
    figure = "" if options.out is None else save_results(options.out.parent, found)
    rows = [make_row(key, found) for key in found]
    return Section(TITLE, describe(found.values()) + figure, COLUMNS, rows)


def collect_cells(options: argparse.Namespace) -> dict[Key, Figures]:
    """Collect (loss, activation) → figures, finished before or measured now."""
    found, most = {}, options.steps or MOMENTS[-1]
    for loss, activation in product(LOSSES, SLOPES):
        path = options.work / "ahead" / f"{make_slug(f'{loss}-{activation}')}.json"
        request = {
            "loss": loss,
            "activation": activation,
            "seeds": list(range(options.seeds or 5)),
            "steps": [moment for moment in MOMENTS if moment <= most],
            "settings": COMMON | LOSSES[loss],
        }
        figures = keep(
            path, lambda r=request: measure(r), request=request,
            table_only=options.table_only,
        )  # fmt: skip
        if figures is not None:
            found[loss, activation] = figures
    return found


def save_results(pages: Path, found: dict[Key, Figures]) -> str:
    """Save the CSV file and the plot beside the page; return the plot's Markdown."""
    path = pages / "results" / "stability_ahead.csv"
    write_rows(path, CSV_COLUMNS, make_lines(found))
    lines = {
        key: (figures["steps"], list(typical(figures).values()))
        for key, figures in found.items()
    }
    plot_norms(pages / "stability_ahead.png", lines)
    return "\n\n![Norm of G's gradient](stability_ahead.png)"


def measure(request: Figures) -> Figures:
    """Measure the norms of G's gradient at each moment, (moments, seeds)."""
    slope, moments = SLOPES[request["activation"]], request["steps"]
    config = TrainConfig(**request["settings"], slope=slope, slope_d=slope)
    trainer = ToyTrainer(config, draw_digits, PIXELS, request["seeds"], Size())
    # the same points for every moment
    real, draws = trainer.draw()
    with torch.no_grad():
        fake = trainer.generator(draws.z)
    norms = []
    for step in range(moments[-1] + 1):
        if step in moments:
            norms.append(measure_gradients(trainer, real, draws))
        shown, others = trainer.draw()
        with torch.no_grad():
            fake = trainer.generator(others.z)
        trainer.teach_discriminator(shown, fake, others)
    return {"norms": norms}


def measure_gradients(trainer: ToyTrainer, real: Tensor, draws: Draws) -> list[float]:
    """Measure the norm of the gradient of G's loss in its weights, for each seed."""
    freeze(trainer.discriminator, True)
    fake = trainer.generator(draws.z)
    loss, _ = generator_loss(
        trainer.objective, real, fake, draws=draws, class_weight=ONE
    )
    weights = list(trainer.generator.parameters())
    gradients = torch.autograd.grad(loss * trainer.seeds, weights)
    freeze(trainer.discriminator, False)
    squares = [g.square().flatten(1).sum(dim=1) for g in gradients]
    norms: list[float] = torch.stack(squares).sum(dim=0).sqrt().tolist()
    return norms


def typical(figures: Figures) -> dict[int, float]:
    """Return moment → median norm over the seeds."""
    medians = np.median(np.array(figures["norms"]), axis=1)
    return dict(zip(figures["steps"], medians.tolist(), strict=True))


def make_row(key: Key, found: dict[Key, Figures]) -> list[str]:
    norms = typical(found[key])
    last, values = max(norms), list(norms.values())
    other = found.get(("bce-ns", key[1]))
    beside = norms[last] / typical(other)[last] if other else float("nan")
    return [
        *key,
        *(f"{norms[moment]:.2g}" if moment in norms else "–" for moment in SAID),
        f"{min(values) / norms[0]:.2g}",
        f"{norms[last] / max(values):.2g}",
        f"{beside:.2g}",
    ]


def make_lines(found: dict[Key, Figures]) -> list[list[Any]]:
    return [
        [*key, seed, step, f"{figures['norms'][i][k]:.4g}", figures["machine"]]
        for key, figures in found.items()
        for i, step in enumerate(figures["steps"])
        for k, seed in enumerate(figures["seeds"])
    ]


def describe(cells: Iterable[Figures]) -> str:
    machines = join_machines(figures["machine"] for figures in cells)
    return (
        f"{machines} Norm of the gradient of G's loss in "
        "all of G's weights, median over five seeds, on scikit-learn's digits as "
        "points of 64 numbers in [-1, 1]: real and fake points do not overlap, as "
        "with images; what vanishes is the gradient of fakes that D can tell apart. "
        "G keeps its first weights, the same in all rows, while D takes "
        f"steps of {BATCH} points from its own (Arjovsky and Bottou, 2017). "
        f"Adam at {COMMON['lr']:g}; bce and bce-ns train the very same D. γ is 1 for "
        "R1 and R2, 20 for GP. The same points at every moment."
    )
