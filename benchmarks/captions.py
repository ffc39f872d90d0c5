"""Can a GAN draw what a caption says, also where no training caption says it?

    python -m benchmarks.captions --out benchmarks/captions.md \\
        --grid benchmarks/captions.png

Composed images: one of scikit-learn's digits in one of 4 colours in one of 4 corners
of a 16×16 canvas, with a caption such as "a red three, top left" or one of its
paraphrases. A fifth of the 160 combinations is never trained; each digit, colour and
corner is in others. Small classifiers of digit, colour and corner, fitted to real
compositions of all combinations with digits that the GAN's images do not use, say what
the drawn images show; their accuracy on further real compositions stands beside it.
A finished run in the folder given by --run is measured again, not trained.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import Section, describe_machine, update_page
from ganaug import LabelledImages, Synthesizer, TrainConfig, load_images, train
from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.classify.random_net import random_features
from ganaug.config import parse_settings
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.metrics.diversity import within_class_diversity

SIDE = 8  # of a digit
DIGITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip
COLOURS = {
    "red": (255, 40, 40),
    "green": (40, 255, 40),
    "blue": (60, 60, 255),
    "yellow": (255, 255, 40),
}
CORNERS = {
    ("top left", "upper left"): (0, 0),
    ("top right", "upper right"): (0, SIDE),
    ("bottom left", "lower left"): (SIDE, 0),
    ("bottom right", "lower right"): (SIDE, SIDE),
}
TEMPLATES = (
    "a {colour} {digit}, {corner}",
    "{corner}: a {digit} in {colour}",
    "the digit {digit}, {colour}, at the {corner}",
    "there is a {colour} {digit} in the {corner} corner",
)
EVERY = list(itertools.product(range(10), range(4), range(4)))
UNSEEN = [(d, c, p) for d, c, p in EVERY if (d + 2 * c + 3 * p) % 5 == 0]
SEEN = [combination for combination in EVERY if combination not in UNSEEN]
COLUMNS = (
    "combinations", "images", "digit", "colour", "corner", "all three", "diversity",
    "target", "",
)  # fmt: skip
TRAINED, JUDGED = 24, 16  # images per combination: to train on, to judge
MEASURED = 5.0  # seconds; a shorter training was done before
CONFIG = TrainConfig(
    network="dcgan", height=16, width=16, channels=3, stretch=None, base_channels=32,
    norm="batch", conditioning="caption", class_ramp=0.0, mismatch=0.05, gamma=0.3,
    penalty_every=4, augment="translation", lr=1e-3, lr_final=1e-4, ema=5_000.0,
    class_sampling="natural", images=200_000, snapshots=4, holdout=0.0,
)  # fmt: skip

Combination = tuple[int, int, int]
Images = NDArray[np.uint8]


def main() -> None:
    options = read_options()
    config = CONFIG.replace(**parse_settings(options.set))
    digits = split_digits()
    data = compose_set(digits[0], SEEN, TRAINED, seed=0)
    started = time.process_time()
    run = train(data, options.run, config=config, device="cpu")
    protocol = describe_protocol(config, data, time.process_time() - started)
    judges = fit_judges(digits[1])
    rows = measure(Synthesizer.load(run, "cpu"), judges, digits[2])
    section = Section("Captions", protocol, COLUMNS, rows)
    print(section.to_markdown())
    if options.grid:
        save_examples(options.grid, Synthesizer.load(run, "cpu"))
    if options.out:
        update_page(options.out, "Captions", [section])


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--run", type=Path, default=Path("captions-run"), help="folder of the run")
    add("--set", action="append", default=[], help="field=value of the configuration")
    add("--out", type=Path, help="page to write the table to")
    add("--grid", type=Path, help="image to write")
    return parser.parse_args()


def describe_protocol(config: TrainConfig, data: LabelledImages, seconds: float) -> str:
    trained = f"Trained in {seconds / 60:.1f} processor minutes"
    if seconds < MEASURED:
        trained = "Trained before"
    changed = ", ".join(
        f"{name}={value}"
        for name, value in config.to_dict().items()
        if value != getattr(TrainConfig(), name)
    )
    return (
        f"{describe_machine()} {len(data):,} training images of {len(SEEN)} "
        f"combinations, with {len(set(data.captions or ())):,} different captions; "
        f"{len(UNSEEN)} combinations were never trained. {trained}. Configuration: "
        f"{changed}. Diversity: mean distance between two images of one caption over "
        "that between two real ones of one combination, in the features of a fixed "
        "random network. Under 0.2 is what the alarm calls collapse; it looks at "
        "classes, whose captions take turns, and is silent about one caption."
    )


def measure(
    synthesizer: Synthesizer, judges: list[Classifier], digits: LabelledImages
) -> list[list[str]]:
    """Make a row for real compositions, trained combinations and unseen ones."""
    real = compose_set(digits, EVERY, JUDGED, seed=2)
    asked = [combination for combination in EVERY for _ in range(JUDGED)]
    far = spread(real.images)
    rows = [make_row("real, not drawn", judges, real.images, asked, far)]
    for name, combinations, least in (("seen", SEEN, 0.9), ("unseen", UNSEEN, 0.7)):
        texts = write_captions(combinations, seed=3)
        captions = [text for text in texts for _ in range(JUDGED)]
        asked = [combination for combination in combinations for _ in range(JUDGED)]
        images = synthesizer.sample(captions=captions, seed=0)
        rows.append(make_row(name, judges, images, asked, far, least))
    return rows


def make_row(
    name: str,
    judges: list[Classifier],
    images: Images,
    asked: Sequence[Combination],
    far: float,
    least: float | None = None,
) -> list[str]:
    right = judge(judges, images) == np.array(asked)
    shares = [*right.mean(axis=0), right.all(axis=1).mean()]
    row = [name, f"{len(asked):,}", *(f"{share:.1%}" for share in shares)]
    row.append(f"{spread(images) / far:.2f}")
    if least is None:
        return [*row, "", ""]
    met = "met" if min(shares[:3]) >= least else "missed"
    return [*row, f"each ≥{least:.0%}", met]


def spread(images: Images) -> float:
    """Measure the mean distance between two images of one combination."""
    groups = np.arange(len(images)) // JUDGED
    return float(np.mean(list(within_class_diversity(
        random_features(images), groups).values())))  # fmt: skip


def split_digits() -> list[LabelledImages]:
    """Split the digits: for the GAN, for the classifiers, and to check the latter."""
    images = load_images("digits")
    order = np.random.default_rng(0).permutation(len(images))
    return [images.subset(part) for part in np.split(order, [900, 1500])]


def compose_set(
    digits: LabelledImages, combinations: Sequence[Combination], n: int, *, seed: int
) -> LabelledImages:
    """Compose n images of each combination, with their captions."""
    asked = [combination for combination in combinations for _ in range(n)]
    rng = np.random.default_rng(seed)
    images = np.zeros((len(asked), 2 * SIDE, 2 * SIDE, 3), np.uint8)
    for image, (digit, colour, corner) in zip(images, asked, strict=True):
        chosen = rng.choice(np.flatnonzero(digits.labels == digit))
        y, x = list(CORNERS.values())[corner]
        shape = digits.images[chosen] / 255 * list(COLOURS.values())[colour]
        image[y : y + SIDE, x : x + SIDE] = np.rint(shape)
    labels = np.array([digit for digit, _, _ in asked], np.int64)
    captions = tuple(write_captions(asked, seed=seed))
    return LabelledImages(images, labels, digits.classes, captions=captions)


def write_captions(asked: Sequence[Combination], *, seed: int) -> list[str]:
    """Write a caption for each, from a template taken at random."""
    rng = np.random.default_rng([seed, 1])
    corners, colours = list(CORNERS), list(COLOURS)
    return [
        rng.choice(TEMPLATES).format(
            digit=DIGITS[digit], colour=colours[colour], corner=rng.choice(corners[p])
        )
        for digit, colour, p in asked
    ]


def fit_judges(digits: LabelledImages) -> list[Classifier]:
    """Fit a classifier of each factor: digit, colour, corner."""
    data = compose_set(digits, EVERY, 20, seed=1)
    asked = np.array([combination for combination in EVERY for _ in range(20)])
    return [
        fit_classifier(data.images, asked[:, k], n, steps=steps, width=16)
        for k, (n, steps) in enumerate([(10, 500), (4, 150), (4, 150)])
    ]


def judge(judges: list[Classifier], images: Images) -> NDArray[np.int64]:
    """Return the digit, colour and corner (n, 3) that the classifiers see."""
    seen = [each.predict_proba(images).argmax(axis=1) for each in judges]
    return np.stack(seen, axis=1)


def save_examples(path: Path, synthesizer: Synthesizer) -> None:
    """Save four seen and four unseen combinations, twelve images of each in a row."""
    texts = write_captions([*SEEN[5::37][:4], *UNSEEN[1::8][:4]], seed=4)
    captions = [text for text in texts for _ in range(12)]
    save_grid(path, synthesizer.sample(captions=captions, seed=1), 12)
    print("\n".join(["", *texts]))


if __name__ == "__main__":
    main()
