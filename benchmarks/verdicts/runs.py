"""The sets, and GANs trained on them: as long as they need, and far too short."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import ganaug
from benchmarks.gain.problems import read_set
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gan.plan import Plan, make_plan

AUGMENT = "colour,translation,cutout"  # no flips, whose check takes a minute


@dataclass(frozen=True)
class RealSet:
    """A set, how much of it the GAN's user has, and how long its GANs train.

    Attributes:
        name: name of the set.
        per_class: images of each class that the user has.
        lengths: name of a run → real images seen in it.
        grown: whether the longest of these GANs is healthy, by its picture.
        side: pixels of the longest side of its GANs' images, at most.
    """

    name: str
    per_class: int
    lengths: dict[str, int]
    grown: bool = True
    side: int = 32


# a third of the default length or less; of sign-digits that draws noise, and of neu-det
# three classes are blotches
SETS = (
    RealSet("digits", 80, {"long": 250_000, "short": 2_500}),
    RealSet("fashion-mnist", 100, {"long": 32_000, "short": 2_500}),
    RealSet("sign-digits", 100, {"long": 28_000, "short": 2_500}, grown=False, side=24),
    RealSet("neu-det", 140, {"long": 24_000, "short": 2_500}, grown=False),
)


def read_parts(real: RealSet, folder: str) -> tuple[LabelledImages, LabelledImages]:
    """Read the user's images and as many others, both at the GAN's grid."""
    found = read_set(real.name, folder)
    if found is None:
        raise SystemExit(f"{folder} has no {real.name}.npz; see benchmarks/README.md")
    train, test = (to_grid(part, fit_inside(part.size, real.side)) for part in found)
    own, spare = [], []
    for label in range(len(train.classes)):
        rows = np.flatnonzero(train.labels == label)
        own.append(rows[: real.per_class])
        spare.append(rows[real.per_class :])
    rest = train.subset(np.concatenate(spare))
    others = LabelledImages(
        np.concatenate([rest.images, test.images]),
        np.concatenate([rest.labels, test.labels]),
        train.classes,
    )
    return train.subset(np.concatenate(own)), others


def train_run(
    images: LabelledImages, out: Path, seen: int, *, seed: int = 0
) -> ganaug.Run:
    """Train as the plan says for the default budget, but on `seen` images."""
    device = torch.device("cpu")
    plan = make_plan(
        images,
        take_fingerprint(images),
        device=device,
        overrides={
            "images": seen, "augment": AUGMENT, "precision": "float32", "seed": seed,
            "ema": float(min(20_000, max(500, seen // 25))),
        },
    )  # fmt: skip
    return ganaug.train(images, out, config=Plan(plan.config), device="cpu")
