"""Figures of what goes wrong in a training, each beside a training without it.

    python -m benchmarks.stability.alarms.fault_pictures --out docs

Writes principles-collapse.png, principles-vanishing.png and principles-overfitting.png:
the planted faults of `cases.py` on scikit-learn's digits, about three minutes on one
core. `--only vanishing` draws one of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from benchmarks.stability.alarms.cases import CASES, CPU, EARLY, Case, observe, set_up
from ganaug.gan.monitoring.alarms import LARGEST_GAP
from ganaug.gan.monitoring.diagnosis import Diagnosis

SHOWN = 8  # images of each class
STEPS = 1_000  # batches of the run with a sure discriminator, and of the other
WRONG, RIGHT = "#b4500f", "#2563a8"
SEED, HERE = 0, Path()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=PICTURES)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in [options.only] if options.only else PICTURES:
        figure = PICTURES[name]()
        figure.savefig(options.out / f"principles-{name}.png", dpi=110)


def picture_collapse() -> Figure:
    """Show images of a G that hardly sees z, and of one that does."""
    sick = CASES["collapse"]
    figure = _make_figure(height=3.9)
    pairs = (("collapsed: G hardly sees z", sick), ("the same, unspoilt", _heal(sick)))
    for axes, (title, case) in zip(figure.subplots(1, 2), pairs, strict=True):
        trainer, diagnostics = set_up(case, SEED, HERE)
        diversity = observe(trainer, diagnostics).history[-1].diversity
        images = diagnostics.watch.draw(trainer.average, CPU, trainer.span)
        axes.imshow(_lay_out(images), cmap="gray", vmin=0, vmax=255)
        axes.set_title(f"{title}\nwithin-class diversity {diversity:.2f}", fontsize=10)
        axes.set_axis_off()
    return figure


def picture_vanishing() -> Figure:
    """Plot G's gradient and the slope of its loss, for bce and the default."""
    case = replace(CASES["digits"], settings={"images": 64 * STEPS})
    bce = CASES["vanishing-8"].settings | case.settings
    lines = {
        "bce, 8 steps of D for one of G": (_follow(replace(case, settings=bce)), WRONG),
        "the default": (_follow(case), RIGHT),
    }
    figure = _make_figure(height=3.0)
    left, right = figure.subplots(1, 2)
    _plot(left, lines, "gradient", "norm of G's gradient")
    _plot(right, lines, "slope", "slope of G's loss at the typical fake")
    for axes in (left, right):
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    left.set_ylim(1e-2, 1)
    left.legend(frameon=False, fontsize=9)
    return figure


def picture_overfitting() -> Figure:
    """Plot D's gap with 6 images per class, with and without what helps."""
    case = CASES["overfitting"]
    helped = {"augment": "translation,cutout", "penalties": "r1,r2", "gamma": 10}
    lines = {
        "no augmentation, no penalty": (_follow(case, until=EARLY), WRONG),
        "DiffAugment, R1 and R2": (
            _follow(replace(case, settings=case.settings | helped), until=EARLY),
            RIGHT,
        ),
    }
    figure = _make_figure(height=3.0)
    axes = figure.subplots()
    _plot(axes, lines, "gap", "D's gap, standard deviations")
    axes.axhline(LARGEST_GAP, color="0.5", linewidth=1, linestyle="--")
    axes.legend(frameon=False, fontsize=9)
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "collapse": picture_collapse,
    "vanishing": picture_vanishing,
    "overfitting": picture_overfitting,
}


def _heal(case: Case) -> Case:
    return replace(case, spoil=lambda trainer: None)


def _follow(case: Case, *, until: float = 1.0) -> list[Diagnosis]:
    return observe(*set_up(case, SEED, HERE), until=until).history


def _plot(
    axes: Axes,
    lines: dict[str, tuple[list[Diagnosis], str]],
    figure: str,
    upwards: str,
) -> None:
    for label, (history, colour) in lines.items():
        points = [
            (d.images, getattr(d, figure))
            for d in history
            if getattr(d, figure) is not None
        ]
        axes.plot(*zip(*points, strict=True), color=colour, label=label)
    axes.set_xlabel("real images seen")
    axes.set_ylabel(upwards)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.92")


def _lay_out(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay out images (10·n, 8, 8, 1), sorted by class, as SHOWN in a row per class."""
    rows = images.reshape(10, -1, *images.shape[1:3])[:, :SHOWN]
    rows = np.pad(rows, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=255)
    return rows.swapaxes(1, 2).reshape(10 * rows.shape[2], -1)


def _make_figure(*, height: float) -> Figure:
    return Figure(figsize=(7.6, height), layout="constrained")


if __name__ == "__main__":
    main()
