"""Class conditioning against image conditioning, on few images of a class.

    python benchmarks/image_conditioning.py --data-dir DATA --out table.md

Each cell trains the plan's `dcgan` pair on so many fashion-mnist images per class, for
the same number of images seen, on one thread, and is saved under `--work` with the
processor seconds that it took, where the next call finds it. **Agreement**: the share
of drawn images that a classifier, trained on other real images, puts into the class
asked for; its accuracy on held-out real ones is printed first. **Diversity**: mean
distance between two drawn images of a class over that between two held-out real ones,
in the classifier's features and in those of a fixed random network. **Kernel
distance** to held-out real images, averaged over classes, in the random network's
features. **Nearest**: the median over drawn images of the distance to the nearest
training image of the class, over the same of held-out real images; far below 1 means
copies.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.classify.fit import fit_classifier
from ganaug.classify.random_net import random_features
from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.gan.plan import GAMMA, measure_spread
from ganaug.gan.sample_grid import save_grid
from ganaug.gan.signal import measure_span
from ganaug.gan.trainer import Trainer
from ganaug.metrics.diversity import within_class_diversity
from ganaug.metrics.kernel import kernel_distance

Pixels = NDArray[np.uint8]

CONDITIONINGS = ("class", "image", "image-warp")
HELD, TAUGHT = 100, 1000  # real images per class to judge by, and to train the judge
DRAWN = 100  # of each class
COLUMNS = 12  # of the picture: the sources' one, then drawn images
FIGURES = ("agreement", "diversity", "random", "distance", "nearest", "seconds")


def main() -> None:
    options = read_options()
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    real = read_real(options.data_dir)
    judge = None
    for per_class in options.per_class:
        for name in options.only:
            cell = options.work / f"{name}-{per_class}-{options.images}.json"
            if cell.is_file():
                continue
            judge = judge or Judge(real)
            found = measure(real, judge, per_class, name, options)
            cell.write_text(json.dumps(found))
    write_table(options)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("GANAUG_DATA"))
    parser.add_argument("--per-class", type=int, nargs="+", default=[5, 20])
    parser.add_argument("--only", nargs="+", default=CONDITIONINGS)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--work", type=Path, default=Path("image-conditioning"))
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def read_real(folder: Path | None) -> dict[str, LabelledImages]:
    """Disjoint parts: to train on, to hold out, and to teach the judge."""
    if folder is None or not (Path(folder) / "fashion-mnist.npz").is_file():
        raise SystemExit("fashion-mnist.npz is missing; set --data-dir or GANAUG_DATA")
    with np.load(Path(folder) / "fashion-mnist.npz") as arrays:
        pixels, labels = arrays["x_train"][..., None], arrays["y_train"]
    everything = LabelledImages(pixels, labels, tuple(map(str, range(10))))
    order = np.random.default_rng(0).permutation(len(everything))
    ranks = np.empty(len(order), np.int64)
    for k in range(len(everything.classes)):
        own = order[everything.labels[order] == k]
        ranks[own] = np.arange(len(own))
    cuts = {"held": (0, HELD), "taught": (HELD, HELD + TAUGHT)}
    cuts["train"] = (HELD + TAUGHT, HELD + TAUGHT + 500)
    return {
        name: everything.subset(np.flatnonzero((ranks >= low) & (ranks < high)))
        for name, (low, high) in cuts.items()
    }


class Judge:
    """Figures of images (n, h, w, c) with the classes asked for."""

    def __init__(self, real: dict[str, LabelledImages]) -> None:
        taught, self.held = real["taught"], real["held"]
        self.network = fit_classifier(
            taught.images, taught.labels, len(taught.classes), steps=800, width=16
        )
        opinion = self.network.predict_proba(self.held.images).argmax(axis=1)
        self.accuracy = float((opinion == self.held.labels).mean())
        print(f"the judge's accuracy: {self.accuracy:.3f}", flush=True)

    def __call__(
        self,
        images: Pixels,
        labels: NDArray[np.int64],
        train: LabelledImages,
    ) -> dict[str, float]:
        agreed = self.network.predict_proba(images).argmax(axis=1) == labels
        return {
            "agreement": float(agreed.mean()),
            "diversity": self._compare(self.network.features, images, labels),
            "random": self._compare(random_features, images, labels),
            "distance": self._distance(images, labels),
            "nearest": self._nearest(images, labels, train),
        }

    def _compare(
        self,
        extract: Callable[[Pixels], NDArray[np.float32]],
        images: Pixels,
        labels: NDArray[np.int64],
    ) -> float:
        fake = within_class_diversity(extract(images), labels)
        real = within_class_diversity(extract(self.held.images), self.held.labels)
        return float(np.mean([fake[k] / real[k] for k in fake]))

    def _distance(self, images: Pixels, labels: NDArray[np.int64]) -> float:
        x, y = random_features(images), random_features(self.held.images)
        of_class = [
            kernel_distance(x[labels == k], y[self.held.labels == k])
            for k in np.unique(labels)
        ]
        return float(np.mean(of_class))

    def _nearest(
        self,
        images: Pixels,
        labels: NDArray[np.int64],
        train: LabelledImages,
    ) -> float:
        ratios = []
        for k in np.unique(labels):
            seen = random_features(train.images[train.labels == k])
            near = [
                np.median(cdist(random_features(x), seen).min(axis=1))
                for x in (images[labels == k], self.held.images[self.held.labels == k])
            ]
            ratios.append(near[0] / near[1])
        return float(np.mean(ratios))


def measure(
    real: dict[str, LabelledImages],
    judge: Judge,
    per_class: int,
    name: str,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Train, draw and judge; a picture is left beside the cell."""
    within = np.concatenate(
        [np.flatnonzero(real["train"].labels == k)[:per_class] for k in range(10)]
    )
    train = real["train"].subset(within)
    start = time.process_time()
    trainer = train_gan(options.images, train, name, options.width)
    seconds = time.process_time() - start
    images, labels = draw(trainer, DRAWN)
    found: dict[str, Any] = judge(images, labels, train)
    found["seconds"] = round(seconds)
    shown = images.reshape(10, DRAWN, *images.shape[1:])[:, :COLUMNS]
    picture = options.work / f"{name}-{per_class}-{options.images}.png"
    save_grid(picture, shown.reshape(-1, *images.shape[1:]), COLUMNS)
    print(name, per_class, found, flush=True)
    return found


def train_gan(
    images: int, train: LabelledImages, conditioning: str, width: int
) -> Trainer:
    """A trainer that has seen so many images; the plan's settings."""
    gamma = round(GAMMA * measure_spread(train, TrainConfig.stretch), 3)
    config = TrainConfig(
        height=28, width=28, channels=1, network="dcgan", base_channels=width,
        norm="batch", gamma=gamma, conditioning=conditioning, images=images,
        ema=float(max(500, images // 25)),
    )  # fmt: skip
    pixels, labels = torch.from_numpy(train.images), torch.from_numpy(train.labels)
    span = measure_span(train.images, config.stretch)
    trainer = Trainer(config, pixels, labels, 10, torch.device("cpu"), span)
    while trainer.seen < images:
        trainer.step()
    return trainer


@torch.inference_mode()
def draw(trainer: Trainer, n: int) -> tuple[Pixels, NDArray[np.int64]]:
    """n images of each class, from each class's sources in turn."""
    labels = torch.arange(10).repeat_interleave(n)
    z = torch.randn(
        len(labels), trainer.config.latent, generator=torch.Generator().manual_seed(0)
    )
    told = trainer.teller.tell(trainer.teller.name(labels))
    drawn = [
        trainer.span.to_pixels(trainer.average(*chunk))
        for chunk in zip(z.split(50), told.split(50), strict=True)
    ]
    return torch.cat(drawn).numpy(), labels.numpy()


def write_table(options: argparse.Namespace) -> None:
    lines = [
        "| images per class | conditioning | agreement | diversity | diversity (random "
        "net) | kernel distance | nearest | processor seconds |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for per_class in options.per_class:
        for name in options.only:
            cell = options.work / f"{name}-{per_class}-{options.images}.json"
            row = json.loads(cell.read_text())
            figures = " | ".join(
                f"{row[k]:,}" if k == "seconds" else f"{row[k]:.3f}" for k in FIGURES
            )
            lines.append(f"| {per_class} | `{name}` | {figures} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.out:
        options.out.write_text(text)


if __name__ == "__main__":
    main()
