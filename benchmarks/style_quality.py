"""Style transfer: does the style come, does the content stay, and what does it cost?

    OMP_NUM_THREADS=1 python -m benchmarks.style_quality --data-dir FOLDER --work FOLDER

Both engines draw sign-digits in the look of other images of the set. The generator is
trained first, and a classifier on all real images; both stay in the work folder, so
that the same command measures again.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measuring import (
    HERE,
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_call,
    update_page,
)
from ganaug import StyleTransfer, TrainConfig
from ganaug.classify.fit import fit_classifier
from ganaug.classify.network import build_classifier
from ganaug.data.images import LabelledImages
from ganaug.gan.networks.build import build_generator
from ganaug.gan.settings.resolve import resolve_config
from ganaug.training.weights import fit_network, load_tensors, save_tensors
from ganaug.translate.objective.style import (
    content_loss,
    gram_matrix,
    style_loss,
    total_variation,
)
from ganaug.translate.style.descent import StyleWeights, optimise
from ganaug.translate.style.features import STYLE_LAYERS, Look, StyleFeatures
from ganaug.translate.style.run_folder import StyleRun
from ganaug.translate.style.signals import to_signal
from ganaug.translate.style.training import load_generator

Images = NDArray[np.uint8]
DATA = "sign-digits"
TRAINED = 6_000  # contents that the generator's training styles
CLASSIFIER_STEPS = 450
PAIRS = {"generate": 400, "optimise": 60}  # measured
WIDTH = 16  # channels of the first block of the features
COLUMNS = ("what", "generate", "optimise", "target", "")
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
    transfers = {
        "generate": StyleTransfer(train, engine="generate").fit(
            train, given.work / "run", set={"images": TRAINED}
        ),
        "optimise": StyleTransfer(train),
    }
    judge = open_classifier(everything, given.work / "classifier.safetensors")
    found = {
        name: measure_quality(transfer, train, PAIRS[name], judge)
        for name, transfer in transfers.items()
    }
    sections = [
        tabulate_quality(found),
        time_generate(given.work / "run", given.repeats),
        time_optimise(train, given.repeats),
    ]
    update_page(given.out, HEADING, sections, introduction=introduce())
    print(given.out.read_text(encoding="utf-8"))


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
    transfer: StyleTransfer,
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


def tabulate_quality(found: dict[str, Figures]) -> Section:
    """Write the figures of both engines beside their targets."""
    each = [found["generate"], found["optimise"]]
    rows: list[list[str]] = []
    for what, values, form, target, at_least in (
        ("Gram distance falls by", [f.gram for f in each], "{:.1f}×", 5, True),
        ("class right, %", [100 * f.agreement for f in each], "{:.1f}", 90, True),
        ("structural similarity", [f.similarity for f in each], "{:.2f}", 0.4, True),
        ("grey levels with alpha 0", [f.change for f in each], "{}", 2, False),
    ):
        worst = min(values) if at_least else max(values)
        rows.append(
            [
                what,
                *(form.format(v) for v in values),
                *say_target(worst, target, at_least=at_least, why="see the figure"),
            ]
        )
    pairs = " and ".join(f"{f.pairs}" for f in each)
    return Section(
        "Quality",
        f"{DATA}, 64×64, default strength: {pairs} contents, each in the look of "
        f"another training image. The generator was trained on {TRAINED:,} pairs. "
        "Gram distances are measured in random features of another seed than those "
        "that were trained with; the classifier has seen all real images.",
        COLUMNS,
        rows,
    )


def time_generate(folder: Path, repeats: int) -> Section:
    """Time the style generator beside a GAN's of as many operations."""
    style = load_generator(StyleRun.load(folder))
    x, alpha = torch.rand(16, 3, 64, 64) * 2 - 1, torch.ones(16)
    code = style.describe(x)
    wanted = count_operations(lambda: style(x, code, alpha))
    sizes = range(8, 129, 4)
    counts = {n: count_operations(draw_by_gan(n)) for n in sizes}
    size = min(sizes, key=lambda n: abs(counts[n] - wanted))
    own = {"style": lambda: style(x, code, alpha), "gan": draw_by_gan(size)}
    times = compare_times(own, 4 * repeats)
    ratio = median_ratio(times["style"], times["gan"])
    rows = [
        [
            f"{1e3 * np.median(times['style']) / 16:.2f}",
            f"{1e3 * np.median(times['gan']) / 16:.2f}",
            f"{counts[size] / wanted:.2f}",
            f"{ratio:.2f}",
            *say_target(ratio, 3, at_least=False, why="see the figure"),
        ]
    ]
    columns = (
        "generate, ms",
        "GAN, ms",
        "operations of the GAN",
        "ratio",
        "target",
        "",
    )
    return Section(
        "Speed of generate",
        "One image of 64×64 in a batch of 16, its style read before, beside a dcgan "
        "generator whose operations come nearest (1 means as many).",
        columns,
        rows,
    )


def draw_by_gan(size: int) -> Callable[[], Any]:
    """Return a function that draws 16 images of 64×64 with a dcgan generator."""
    config = resolve_config(
        TrainConfig(
            height=64, width=64, channels=3, network="dcgan", base_channels=size,
        )
    )  # fmt: skip
    network = build_generator(config, 10).eval()
    z, y = torch.randn(16, config.latent), network.embed(torch.arange(16) % 10)
    return lambda: network(z, y)


def count_operations(call: Callable[[], Any]) -> int:
    """Return the multiplications and additions of convolutions and products."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        call()
    return int(counter.get_total_flops())


def compare_times(
    calls: dict[str, Callable[[], Any]], repeats: int
) -> dict[str, list[float]]:
    with torch.inference_mode():
        for call in calls.values():
            call()
        measures = {
            name: (lambda call=call: time_call(call)) for name, call in calls.items()
        }
        return alternate(measures, repeats)


def time_optimise(data: LabelledImages, repeats: int) -> Section:
    """Time `optimise` beside a textbook's loop until that has the same loss."""
    rows = np.random.default_rng(6).permutation(len(data))[: 2 * 4]
    content, style = to_signal(data.images[rows[:4]]), to_signal(data.images[rows[4:]])
    look = StyleFeatures(width=WIDTH)
    look.level(style)
    fast = look.to(memory_format=torch.channels_last)
    start = time.perf_counter()
    made = optimise(content, style, fast)
    own = (time.perf_counter() - start) / 4
    ones = [slice(k, k + 1) for k in range(4)]
    goals = [Textbook(content[k], style[k], fast).weigh(made[k]).item() for k in ones]
    slow = StyleFeatures(width=WIDTH)
    slow.scale = dict(look.scale)
    textbook = [
        Textbook(content[k], style[k], slow).reach(goal)
        for k, goal in zip(ones, goals, strict=True)
    ]
    seconds = float(np.mean([t for t, _ in textbook]))
    reached = sum(done for _, done in textbook)
    ratio = seconds / own
    columns = ("optimise, s", "textbook, s", "reached", "ratio", "target", "")
    row = [f"{own:.2f}", f"{seconds:.2f}", f"{reached} of 4", f"{ratio:.1f}"]
    row += say_target(ratio, 1.5, at_least=True, why="see the figure")
    return Section(
        "Speed of optimise",
        "One image of 64×64, the same random features and weights of the losses. "
        "Textbook: torch's L-BFGS from the content on, one image at a time, until its "
        f"loss is that of `optimise`, or for {MOST} evaluations.",
        columns,
        [row],
    )


MOST = 200  # evaluations of the textbook's loop


class _EndError(Exception):
    """The textbook's loop has the loss wanted, or has had its evaluations."""


class Textbook:
    """Gatys' loop as it is usually written, for one content and style (1, c, h, w)."""

    def __init__(self, content: Tensor, style: Tensor, look: Look) -> None:
        self.content, self.style, self.look = content, style, look
        self.aim()

    @torch.no_grad()
    def aim(self) -> None:
        """Compute what the losses compare with."""
        other = self.look(self.style)
        self.own = self.look(self.content)[self.look.content_layer]
        self.grams = {name: gram_matrix(other[name]) for name in STYLE_LAYERS}

    def weigh(self, drawn: Tensor) -> Tensor:
        """Return the loss."""
        weights, seen = StyleWeights(), self.look(drawn)
        return (
            weights.content * content_loss(seen[self.look.content_layer], self.own)
            + weights.style * style_loss(seen, self.grams)
            + weights.variation * total_variation(drawn)
        )

    def reach(self, goal: float, most: int = MOST) -> tuple[float, bool]:
        """Return the seconds that it takes, and whether it arrived."""
        start = time.perf_counter()
        self.aim()
        drawn = self.content.clone(memory_format=torch.contiguous_format)
        drawn.requires_grad_()
        optimiser = torch.optim.LBFGS([drawn], max_iter=most)
        losses: list[float] = []

        def closure() -> Tensor:
            with torch.no_grad():
                drawn.clamp_(-1, 1)
            optimiser.zero_grad()
            loss = self.weigh(drawn)
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(float(loss.detach()))
            if losses[-1] <= goal or len(losses) >= most:
                raise _EndError
            return loss

        try:
            while True:
                optimiser.step(closure)  # type: ignore[no-untyped-call]
        except _EndError:
            return time.perf_counter() - start, losses[-1] <= goal


if __name__ == "__main__":
    main()
