"""Do synthetic images show the class that was requested, and are they various?

    python -m benchmarks.quality STORE REAL [--grid image.png]

A small classifier is trained on all real training images (REAL: class folders, CSV or
npz) and looks at the synthetic ones: **agreement** is the share that it puts into the
class requested; **diversity** is the mean distance between two synthetic images of a
class over that between two real ones, in the classifier's features and in those of a
fixed random network. `--grid` saves an image of the store, a row per class.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug import LabelledImages, Store, load_images
from ganaug.classify.fit import fit_classifier
from ganaug.classify.random_net import random_features
from ganaug.data.resize import resize_images
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.metrics.diversity import within_class_diversity

COLUMNS, ROWS = 12, 10  # images across and down the grid
MOST = 20_000  # real images that the classifier is trained on


def main() -> None:
    options = read_options()
    synthetic, size = read_store(options.store)
    real = shrink(load_images(str(options.real)), size)
    assert set(synthetic.classes) <= set(real.classes), "other classes"
    judge = fit_classifier(real.images, real.labels, len(real.classes), steps=1500)
    asked = np.array([real.classes.index(name) for name in synthetic.classes])
    wanted = asked[synthetic.labels]
    agreed = judge.predict_proba(synthetic.images).argmax(axis=1) == wanted
    trained = compare(judge.features, real, synthetic.images, wanted)
    random = compare(random_features, real, synthetic.images, wanted)
    print("| class | images | agreement | diversity | diversity (random net) |")
    print("|---|--:|--:|--:|--:|")
    for k in np.unique(wanted):
        mine = wanted == k
        print(
            f"| {real.classes[k]} | {mine.sum()} | {agreed[mine].mean():.3f} "
            f"| {trained[k]:.2f} | {random[k]:.2f} |"
        )
    means = (np.mean(list(d.values())) for d in (trained, random))
    both = " | ".join(f"{m:.2f}" for m in means)
    print(f"| all | {len(wanted)} | {agreed.mean():.3f} | {both} |")
    if options.grid:
        save_grid(options.grid, choose_shown(synthetic), COLUMNS)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("real", type=Path)
    parser.add_argument("--grid", type=Path)
    return parser.parse_args()


def read_store(path: Path) -> tuple[LabelledImages, tuple[int, int]]:
    store = Store.load(path)
    images = np.stack([store.image(i) for i in range(len(store))])
    labels = np.asarray(store.labels, np.int64)
    found = LabelledImages(images, labels, tuple(store.classes))
    return found, found.size


def shrink(images: LabelledImages, size: tuple[int, int]) -> LabelledImages:
    """Draw at most MOST real images, at the size of the synthetic ones."""
    chosen = np.random.default_rng(0).permutation(len(images))[:MOST]
    small = resize_images(images.images, size, rows=chosen)
    return LabelledImages(small, images.labels[chosen], images.classes)


def compare(
    extract: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    real: LabelledImages,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
) -> dict[int, float]:
    """Return class → diversity of the synthetic images over that of the real ones."""
    of_real = within_class_diversity(extract(real.images), real.labels)
    of_fake = within_class_diversity(extract(images), labels)
    return {k: of_fake[k] / of_real[k] for k in of_fake if of_real.get(k)}


def choose_shown(images: LabelledImages) -> NDArray[np.uint8]:
    """Choose the first COLUMNS images of each class, for the grid."""
    shown = [
        images.images[images.labels == k][:COLUMNS]
        for k in range(min(ROWS, len(images.classes)))
    ]
    return np.concatenate([row for row in shown if len(row) == COLUMNS])


if __name__ == "__main__":
    main()
