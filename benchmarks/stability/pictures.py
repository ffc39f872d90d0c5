"""The figure of what some rows of the bench drew, class by class."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot as plt
from numpy.typing import NDArray
from PIL import Image

from benchmarks.stability.cells import make_slug
from benchmarks.stability.tables import REAL

CLASSES, EACH = 3, 8  # classes and images of each that are shown
SHOWN = ("bce-ns", "bce-ns + R1", "wgan-gp", "default")
SET = "sign-digits-20"
NAME = "stability_recipes.png"


def keep_strip(
    path: Path, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> None:
    """Keep the first images of the first classes side by side, if the run is shown."""
    if path.parent.name != SET or not path.stem.endswith("-0"):
        return
    chosen = [np.flatnonzero(labels == k)[:EACH] for k in range(CLASSES)]
    strip = np.concatenate(list(images[np.concatenate(chosen)]), axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(strip[..., 0] if strip.shape[2] == 1 else strip).save(path)


def show_pictures(work: Path, rows: Iterable[str], pages: Path) -> str:
    """Save a figure of what some rows drew at seed 0; return its Markdown."""
    names = [REAL, *(row for row in rows if row in SHOWN)]
    files = {name: work / SET / f"{make_slug(name)}-0.png" for name in names}
    strips = {
        name: np.asarray(Image.open(file))
        for name, file in files.items()
        if file.is_file()
    }
    if len(strips) < len(names):
        return ""
    figure, axes = plt.subplots(len(strips), 1, figsize=(7, 0.52 * len(strips)))
    for axis, (name, strip) in zip(axes, strips.items(), strict=True):
        axis.imshow(strip, interpolation="nearest")
        axis.set_title(name, fontsize=7, loc="left", pad=2)
        axis.axis("off")
    figure.subplots_adjust(0, 0, 1, 0.95, hspace=0.45)
    figure.savefig(pages / NAME, dpi=150, metadata={"Software": None})
    plt.close(figure)
    return (
        "\n\n![Rows of hand signs: the real ones differ, those of the default do too, "
        "those of bce-ns alone are one hand again and again; those of bce-ns with R1, "
        f"and of wgan-gp, are nearly one hand, in varying light.]({NAME})\n\n"
        f"*{EACH} of each of {CLASSES} classes of {SET}: held-out real ones, and what "
        "four recipes drew after one training each, the first of seed 0.*"
    )
