"""Figures of the stability bench: what the rows draw, and how gradients fade."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from numpy.typing import NDArray

COLUMNS = 4
OUTSIDE = 0.05  # share of points beyond a panel, from which the panel says so
BLUE = "#20639b"


def plot_points(
    path: Path, points: Mapping[str, NDArray], centres: NDArray, edge: float
) -> None:
    """Plot a panel per row: its points (n, 2) over the modes (k, 2)."""
    rows = math.ceil(len(points) / COLUMNS)
    figure, axes = plt.subplots(
        rows, COLUMNS, figsize=(7, 1.9 * rows), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, (name, own) in zip(axes.flat, points.items(), strict=False):
        axis.scatter(*centres.T, s=30, c="#f2c14e", linewidths=0)
        axis.scatter(*own.T, s=0.8, c=BLUE, linewidths=0)
        axis.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal")
        axis.set_title(name, fontsize=7)
        outside = float((abs(own) > edge).any(axis=1).mean())
        if outside >= OUTSIDE:
            axis.text(0, 0, f"{outside:.0%} outside", fontsize=7, ha="center")
    _save(figure, path)


def plot_norms(
    path: Path, lines: Mapping[tuple[str, str], tuple[Sequence[int], Sequence[float]]]
) -> None:
    """Plot norms over steps, by (loss, activation); a panel per activation, log-log."""
    activations = list(dict.fromkeys(activation for _, activation in lines))
    figure, axes = plt.subplots(
        1, len(activations), figsize=(7, 2.8), sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for axis, activation in zip(axes.flat, activations, strict=True):
        for (loss, of), (steps, norms) in lines.items():
            if of == activation:
                axis.plot(steps, norms, marker=".", label=loss)
        axis.set_xscale("symlog", linthresh=10)
        axis.set_yscale("log")
        axis.set_title(activation, fontsize=9)
        axis.set_xlabel("steps of D")
    axes.flat[0].set_ylabel("norm of G's gradient")
    axes.flat[0].legend(fontsize=7)
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
