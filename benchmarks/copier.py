"""How many planted copies does the copy filter catch?

    python -m benchmarks.copier [--data-dir FOLDER] [--out FILE]

Training images are changed as a copying GAN might (see `CHANGES`) and judged as
candidates are. The threshold comes from one half of the held-out images, the false
alarms from the other half; the halves are drawn several times.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.measuring import Section, describe_machine, update_page
from ganaug.config import TrainConfig
from ganaug.data.split import hold_out
from ganaug.gan.inputs.training_set import to_grid
from ganaug.metrics.copies import ALARMS, CopySearch, copy_threshold

# label-safe mirrorings (left-right, up-down) of each set
SETS = {
    "sign-digits": (False, False),
    "fashion-mnist": (True, False),
    "neu-det": (True, True),
}
# the grid of a CPU's plan, where that is smaller than the images
SMALLER = {"sign-digits": 32, "neu-det": 32}
PER_CLASS = {"fashion-mnist": 50}
COPIES, FURTHER, HALVES = 300, 1_000, 20
COLUMNS = (
    "set",
    "pixels",
    "change",
    "caught, %",
    "false alarms, %",
    "on other images, %",
    "other images changed alike, flagged, %",
)

Images = NDArray[np.uint8]
Rng = np.random.Generator


def main() -> None:
    options = read_options()
    rows = []
    start = time.perf_counter()
    for name in options.sets:
        rows += measure_set(name, Path(options.data_dir))
        if name in SMALLER:
            rows += measure_set(name, Path(options.data_dir), SMALLER[name])
    seconds = time.perf_counter() - start
    section = Section("Copies", describe_protocol(seconds), COLUMNS, rows)
    print(section.to_markdown())
    if options.out is not None:
        update_page(options.out, "Copies", [section])


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args()


def describe_protocol(seconds: float) -> str:
    return (
        f"{describe_machine()} The pixel distance of `ganaug.metrics.copies`, at the "
        "images' own size and, where that is smaller, on the grid of a CPU's plan. "
        f"Up to {COPIES} training images, changed; noise has a σ "
        "drawn from 0 to .05 of the range for each image (`most noise`: always .05); "
        "`all` makes every change, one after the other. The threshold, aimed at "
        f"{ALARMS:.0%} of false alarms, comes from one half of the held-out images, "
        f"the false alarms from the other; means over {HALVES} halvings. Other images: "
        f"up to {FURTHER} that neither saw; the last column changes the first {COPIES} "
        "of them as the copies were changed, which shows that the change itself is not "
        "taken for copying. neu-det contains near-duplicates of its own. "
        f"Took {seconds:.0f} s."
    )


def measure_set(name: str, folder: Path, side: int | None = None) -> list[list[str]]:
    rng = np.random.default_rng(0)
    images, labels, others, other_labels = read_set(name, folder, rng)
    if side is not None:
        config = TrainConfig(height=side, width=side, channels=images.shape[3])
        images, others = to_grid(images, config), to_grid(others, config)
    seen, held = hold_out(labels)
    flips = SETS[name]
    search = CopySearch(images[seen], labels[seen], hflip=flips[0], vflip=flips[1])
    strangers = search.score(images[held], labels[held]).ratio
    limits, alarms = halve(strangers, rng)
    chosen, other = rng.permutation(seen)[:COPIES], np.arange(len(others))[:COPIES]
    figures = [alarms, share_below(search.score(others, other_labels).ratio, limits)]
    rows = []
    for change, apply in make_changes(flips).items():
        caught = search.score(apply(images[chosen], rng), labels[chosen]).ratio
        unseen = search.score(apply(others[other], rng), other_labels[other]).ratio
        shares = [share_below(caught, limits), *figures, share_below(unseen, limits)]
        cells = [f"{share:.1%}" for share in shares]
        rows.append([name, str(images.shape[1]), change, *cells])
    return rows


def halve(ratios: NDArray[np.float32], rng: Rng) -> tuple[NDArray[np.float64], float]:
    """Find thresholds on halves of the ratios, and the mean alarms on the others."""
    limits, alarms = [], []
    for _ in range(HALVES):
        order = rng.permutation(len(ratios))
        half = len(order) // 2
        limits.append(copy_threshold(ratios[order[:half]]))
        alarms.append((ratios[order[half:]] < limits[-1]).mean())
    return np.array(limits), float(np.mean(alarms))


def share_below(ratios: NDArray[np.float32], limits: NDArray[np.float64]) -> float:
    return float((ratios[:, None] < limits).mean())


def read_set(
    name: str, folder: Path, rng: Rng
) -> tuple[Images, NDArray[np.int64], Images, NDArray[np.int64]]:
    """Read the user's images, and further ones of the same kind."""
    with np.load(folder / f"{name}.npz") as arrays:
        x, y = arrays["x_train"], arrays["y_train"].astype(np.int64)
        other, other_labels = arrays["x_test"], arrays["y_test"].astype(np.int64)
    if x.ndim == 3:
        x, other = x[..., None], other[..., None]
    if name in PER_CLASS:
        n = PER_CLASS[name]
        each = [rng.permutation(np.flatnonzero(y == k))[:n] for k in np.unique(y)]
        x, y = x[np.concatenate(each)], y[np.concatenate(each)]
    some = rng.permutation(len(other))[:FURTHER]
    return x, y, other[some], other_labels[some]


def make_changes(
    flips: tuple[bool, bool],
) -> dict[str, Callable[[Images, Rng], Images]]:
    """Make the changes that a copier may do, by name: images, generator → images."""

    def mirror(x: Images, rng: Rng) -> Images:
        for axis, safe in ((2, flips[0]), (1, flips[1])):
            if safe:
                some = (rng.random(len(x)) < 0.5)[:, None, None, None]
                x = np.where(some, np.flip(x, axis), x)
        return x

    single = {
        "nothing": lambda x, rng: x,
        "noise": add_noise,
        "most noise": lambda x, rng: add_noise(x, rng, least=0.05),
        "shift": shift,
        "mirror": mirror,
        "brightness ±10 %": brighten,
        "JPEG 75": recompress,
    }

    def everything(x: Images, rng: Rng) -> Images:
        for change in (mirror, shift, brighten, add_noise, recompress):
            x = change(x, rng)
        return x

    if not any(flips):
        del single["mirror"]
    return {**single, "all": everything}


def add_noise(x: Images, rng: Rng, least: float = 0.0) -> Images:
    sigma = rng.uniform(least, 0.05, (len(x), 1, 1, 1)) * 255
    return np.clip(np.rint(x + rng.normal(0, sigma, x.shape)), 0, 255).astype(np.uint8)


def shift(x: Images, rng: Rng) -> Images:
    out = np.empty_like(x)
    h, w = x.shape[1:3]
    for i, image in enumerate(x):
        rows = np.arange(h) + rng.integers(-(h // 8), h // 8 + 1)
        columns = np.arange(w) + rng.integers(-(w // 8), w // 8 + 1)
        out[i] = image[rows.clip(0, h - 1)][:, columns.clip(0, w - 1)]
    return out


def brighten(x: Images, rng: Rng) -> Images:
    gain = rng.choice([0.9, 1.1], (len(x), 1, 1, 1))
    return np.clip(np.rint(x * gain), 0, 255).astype(np.uint8)


def recompress(x: Images, rng: Rng) -> Images:
    out = np.empty_like(x)
    for i, image in enumerate(x):
        buffer = io.BytesIO()
        pil_image = Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
        pil_image.save(buffer, "JPEG", quality=75)
        out[i] = np.asarray(Image.open(buffer)).reshape(image.shape)
    return out


if __name__ == "__main__":
    main()
