"""Style transfer: does the style come, does the content stay, and what does it cost?

    OMP_NUM_THREADS=1 python -m benchmarks.style_quality --data-dir FOLDER --work FOLDER

Both engines draw sign-digits in the look of other images of the set. The generator is
trained first, and a classifier on all real images; both stay in the work folder, so
that the same command measures again.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    say_target,
    update_page,
)
from benchmarks.style_speed import WIDTH, compare_adam, time_generate, time_optimise
from ganaug import StyleTransfer
from ganaug.classify.fit import fit_classifier
from ganaug.classify.network import build_classifier
from ganaug.data.images import LabelledImages
from ganaug.training.journal import read_journal
from ganaug.training.weights import fit_network, load_tensors, save_tensors
from ganaug.translate.networks.style_generator import measure, restyle
from ganaug.translate.objective.style import gram_matrix, style_loss
from ganaug.translate.style.features import STYLE_LAYERS, StyleFeatures
from ganaug.translate.style.signals import to_pixels, to_signal
from ganaug.translate.style.styles import StyleSet, load_styles

Images = NDArray[np.uint8]
DATA = "sign-digits"
TRAINED = 6_000  # contents that the generator's training styles
CLASSIFIER_STEPS = 450
PAIRS = {"generate": 400, "optimise": 60, "colours alone": 400}  # measured
COLUMNS = ("what", *PAIRS, "target", "")
HEADING = "Style transfer: quality and speed"
PAGE = HERE / "style-quality.md"


@dataclass(frozen=True)
class Figures:
    """What was measured of an engine.

    Attributes:
        gram: mean Gram distance to the style before, over that after.
        agreement: share of images that a classifier of real ones puts into its class.
        similarity: mean structural similarity of lightness to the content.
        change: largest change of a grey level with alpha 0.
        pairs: contents that were styled.
    """

    gram: float
    agreement: float
    similarity: float
    change: int
    pairs: int


def main() -> None:
    """Measure what was asked for, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--work", type=Path, required=True)
    add("--out", type=Path, default=PAGE)
    add("--repeats", type=int, default=5)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    train, everything = load_set(Path(given.data_dir) / f"{DATA}.npz")
    transfers: dict[str, Transfer] = {
        "generate": StyleTransfer(train, engine="generate").fit(
            train, given.work / "run", set={"images": TRAINED}
        ),
        "optimise": StyleTransfer(train),
        "colours alone": Recolouring(load_styles(train, train.channels)),
    }
    judge = open_classifier(everything, given.work / "classifier.safetensors")
    found = {
        name: measure_quality(transfer, train, PAIRS[name], judge)
        for name, transfer in transfers.items()
    }
    sections = [
        tabulate_quality(found, read_journal(given.work / "run")[-1]["seconds"] / 60),
        time_generate(given.work / "run", given.repeats),
        time_optimise(train),
        compare_adam(train),
    ]
    update_page(given.out, HEADING, sections, introduction=introduce())
    print(given.out.read_text(encoding="utf-8"))


class Transfer(Protocol):
    """What draws contents in styles, such as a `StyleTransfer`."""

    styles: StyleSet

    def apply(
        self, images: Images, styles: NDArray[np.int64], *, alpha: float | None = None
    ) -> Images: ...


class Recolouring:
    """Gives contents the mean and deviation of each channel of their styles alone."""

    def __init__(self, styles: StyleSet) -> None:
        self.styles = styles

    def apply(
        self, images: Images, styles: NDArray[np.int64], *, alpha: float | None = None
    ) -> Images:
        content = to_signal(images)
        style = to_signal(np.stack(self.styles.take(styles).images))
        made = restyle(content, torch.cat(measure(style), dim=1))
        return to_pixels(torch.lerp(content, made, 1.0 if alpha is None else alpha))


def introduce() -> str:
    """Say how the page was made, and on what."""
    return (
        "`OMP_NUM_THREADS=1 python -m benchmarks.style_quality --data-dir FOLDER "
        f"--work FOLDER`\n\n{describe_machine()} Other work ran beside it."
    )


def load_set(path: Path) -> tuple[LabelledImages, LabelledImages]:
    """Return the training images, and all."""
    with np.load(path) as data:
        x, y = (
            [np.asarray(data[f"{name}_{part}"]) for part in ("train", "test")]
            for name in "xy"
        )
        names = tuple(map(str, data["class_names"]))
    train = LabelledImages(x[0], y[0].astype(np.int64), names)
    labels = np.concatenate(y).astype(np.int64)
    return train, LabelledImages(np.concatenate(x), labels, names)


def open_classifier(
    data: LabelledImages, path: Path
) -> Callable[[Images], NDArray[np.int64]]:
    """Train a classifier on all real images once; return what it says of images."""

    def build() -> torch.nn.Sequential:
        return build_classifier(data.size, data.channels, len(data.classes))

    if not path.exists():
        made = fit_classifier(
            data.images, data.labels, len(data.classes), steps=CLASSIFIER_STEPS
        )
        save_tensors(path, dict(made.network.state_dict()), {})
    network = fit_network(build, load_tensors(path)[0], path).eval()

    @torch.inference_mode()
    def judge(images: Images) -> NDArray[np.int64]:
        found: NDArray[np.int64] = network(to_signal(images)).argmax(dim=1).numpy()
        return found

    return judge


def measure_quality(
    transfer: Transfer,
    data: LabelledImages,
    pairs: int,
    judge: Callable[[Images], NDArray[np.int64]],
) -> Figures:
    """Style some contents, each as another image of the set, and measure."""
    rows = np.random.default_rng(5).permutation(len(data))[:pairs]
    hashes = data.hash_images()
    places = transfer.styles.find_styles(
        data.labels[rows], np.arange(pairs), mode="any",
        contents=[hashes[i] for i in rows],
    )  # fmt: skip
    contents = data.images[rows]
    styles = np.stack([transfer.styles.images[i] for i in places])[..., :3]
    made = transfer.apply(contents, places)
    same = transfer.apply(contents, places, alpha=0).astype(int)
    before, after = measure_distance(contents, styles), measure_distance(made, styles)
    return Figures(
        before.mean() / after.mean(),
        float((judge(made) == data.labels[rows]).mean()),
        float(np.mean([*map(compare_structure, contents, made)])),
        int(np.abs(same - contents).max()),
        pairs,
    )


@torch.inference_mode()
def measure_distance(images: Images, styles: Images) -> NDArray[np.float64]:
    """Return the style loss (n,) of each image, in random features of another seed."""
    look = StyleFeatures(width=WIDTH, seed=1)
    look.level(to_signal(styles[:64]))
    found = []
    for image, style in zip(images, styles, strict=True):
        seen, wanted = (look(to_signal(x[None]), STYLE_LAYERS) for x in (image, style))
        grams = {name: gram_matrix(x) for name, x in wanted.items()}
        found.append(float(style_loss(seen, grams)))
    return np.array(found)


def compare_structure(a: Images, b: Images) -> float:
    """Return the structural similarity of two images' lightness, in [-1, 1].

    Wang et al., "Image Quality Assessment: From Error Visibility to Structural
    Similarity" (2004), equation 13, with their Gaussian window.
    """
    x, y = (image.astype(float) @ np.array([0.299, 0.587, 0.114]) for image in (a, b))

    def blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.5))

    mean_x, mean_y = blur(x), blur(y)
    variances = blur(x * x) - mean_x**2 + blur(y * y) - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    light = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return float((light * (2 * covariance + c2) / (variances + c2)).mean())


def tabulate_quality(found: dict[str, Figures], minutes: float) -> Section:
    """Write the figures beside their targets, which are for the two engines."""
    each = [found[name] for name in PAIRS]
    rows: list[list[str]] = []
    for what, values, form, target, at_least in (
        ("Gram distance falls by", [f.gram for f in each], "{:.1f}×", 5, True),
        ("class right, %", [100 * f.agreement for f in each], "{:.1f}", 90, True),
        ("structural similarity", [f.similarity for f in each], "{:.2f}", 0.4, True),
        ("grey levels with alpha 0", [f.change for f in each], "{}", 2, False),
    ):
        worst = min(values[:2]) if at_least else max(values[:2])
        rows.append(
            [
                what,
                *(form.format(v) for v in values),
                *say_target(worst, target, at_least=at_least, why="see the figure"),
            ]
        )
    pairs = ", ".join(f"{f.pairs}" for f in each)
    return Section(
        "Quality",
        f"{DATA}, 64×64, default strength: {pairs} contents, each in the look of "
        f"another training image. The generator was trained on {TRAINED:,} pairs, in "
        f"{minutes:.0f} minutes. Beside both, what the style's mean and deviation of "
        "each colour do alone, where both begin. "
        "Gram distances are measured in random features of another seed than those "
        "that were trained with; the classifier has seen all real images.",
        COLUMNS,
        rows,
    )


if __name__ == "__main__":
    main()
