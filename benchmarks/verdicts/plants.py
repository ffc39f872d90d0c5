"""Plants: sources of candidates with a known fault, or with none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ganaug.data.images import LabelledImages
from ganaug.synth.synthesizer import Synthesizer

SPREAD = 0.1  # part of a latent that still varies in a collapse
ADDED = 60.0  # grey levels of heavy noise, standard deviation
SOFTNESS = 0.02  # of the side; standard deviation of a blur
SALT = 0.2  # share of pixels that are black or white

Images = NDArray[np.uint8]  # (n, h, w, c)
Rows = NDArray[np.int64]
# images of a healthy source, their labels and indices → images with the fault
Fault = Callable[[Images, Rows, Rows], Images]


class Planted(Synthesizer):
    """A synthesizer whose images go through a fault.

    Args:
        healthy: what draws.
        fault: function of what it drew.
        relabel: function from labels (n,) and indices (n,) to the labels that are drawn
            in their place.
        latents: number of different latents of a class, each varied a little; None for
            as many as images.
    """

    def __init__(
        self,
        healthy: Synthesizer,
        fault: Fault | None = None,
        *,
        relabel: Callable[[Rows, Rows], Rows] | None = None,
        latents: int | None = None,
    ) -> None:
        super().__init__(healthy.generators)
        self.fault, self.relabel, self.few = fault, relabel, latents

    def sample_rows(
        self,
        labels: Rows,
        indices: Rows,
        *,
        seed: int,
        captions: Sequence[str] | None = None,
    ) -> Images:
        asked = labels if self.relabel is None else self.relabel(labels, indices)
        images = super().sample_rows(asked, indices, seed=seed, captions=captions)
        return images if self.fault is None else self.fault(images, labels, indices)

    def _latents(self, labels, indices, seed, names):  # type: ignore[no-untyped-def]
        z = super()._latents(labels, indices, seed, names)
        if self.few is None:
            return z
        few = super()._latents(labels, indices % self.few, seed, names)
        return few + SPREAD * z


class RealSource(Planted):
    """Draws real images that nobody saw, as a perfect generator would.

    Each image comes once for as long as there are some, and then again; `latents` says
    how many there are of a class.
    """

    def __init__(self, healthy: Synthesizer, others: LabelledImages, **faults) -> None:  # type: ignore[no-untyped-def]
        super().__init__(healthy, **faults)
        self.others = others
        rows = [np.flatnonzero(others.labels == k) for k in range(len(others.classes))]
        self.rows = [own[: self.few] for own in rows]

    def _draw_labels(self, labels, indices, seed, sources):  # type: ignore[no-untyped-def]
        pairs = zip(labels.tolist(), indices.tolist(), strict=True)
        return self.others.images[
            [self.rows[k][i % len(self.rows[k])] for k, i in pairs]
        ]


def make_rng(labels: Rows, indices: Rows) -> np.random.Generator:
    return np.random.default_rng([*labels[:4].tolist(), *indices[:4].tolist(), 7])


def uniform_noise(images: Images, labels: Rows, indices: Rows) -> Images:
    rng = make_rng(labels, indices)
    return rng.integers(0, 256, images.shape).astype(np.uint8)


def gaussian_noise(images: Images, labels: Rows, indices: Rows) -> Images:
    rng = make_rng(labels, indices)
    mean, deviation = images.mean(), images.std()
    return to_bytes(rng.normal(mean, deviation, images.shape))


def salt_and_pepper(images: Images, labels: Rows, indices: Rows) -> Images:
    rng = make_rng(labels, indices)
    chance = rng.random(images.shape[:3])[..., None]
    salted = np.where(chance > 1 - SALT / 2, 255, images)
    return np.where(chance < SALT / 2, 0, salted).astype(np.uint8)


def added_noise(images: Images, labels: Rows, indices: Rows) -> Images:
    rng = make_rng(labels, indices)
    return to_bytes(images + rng.normal(0, ADDED, images.shape))


def shuffled_pixels(images: Images, labels: Rows, indices: Rows) -> Images:
    rng = make_rng(labels, indices)
    flat = images.reshape(len(images), -1, images.shape[3])
    order = rng.random(flat.shape[:2]).argsort(axis=1)
    return np.take_along_axis(flat, order[..., None], axis=1).reshape(images.shape)


def mostly(fault: Fault, share: float) -> Fault:
    """Apply a fault to a share of the images."""

    def apply(images: Images, labels: Rows, indices: Rows) -> Images:
        hit = (indices * 7 + labels) % 20 < round(20 * share)
        return np.where(
            hit[:, None, None, None], fault(images, labels, indices), images
        )

    return apply


def jitter(images: Images, labels: Rows, indices: Rows) -> Images:
    """Change brightness and pixels a little, so that no two images are equal."""
    rng = make_rng(labels, indices)
    brighter = rng.uniform(-10, 10, (len(images), 1, 1, 1))
    return to_bytes(images + brighter + rng.normal(0, 4, images.shape))


def soften(images: Images, labels: Rows, indices: Rows) -> Images:
    """Blur a little, as generators do."""
    blur = SOFTNESS * min(images.shape[1:3])
    return to_bytes(gaussian_filter(images.astype(float), (0, blur, blur, 0)))


def to_bytes(values: NDArray[np.float64]) -> Images:
    return np.clip(values.round(), 0, 255).astype(np.uint8)


NOISES: dict[str, Fault] = {
    "uniform": uniform_noise,
    "Gaussian": gaussian_noise,
    "salt and pepper": salt_and_pepper,
    "added to real images": added_noise,
    "shuffled pixels": shuffled_pixels,
}


@dataclass(frozen=True)
class Plant:
    """A store to make.

    Attributes:
        name: what was planted.
        truth: healthy, which must not be called poor; poor, which must not be called
            good; or that of the set's longest GAN.
        run: name of the run that draws.
        real: whether unseen real images stand in place of the generator's.
        fault: what happens to the images.
        share: share of images that get the next class's label.
        latents: number of latents, or of real images, of a class; None for all.
        filtered: whether the filters are on.
        seed: seed of the store.
    """

    name: str
    truth: str
    run: str = "long"
    real: bool = False
    fault: Fault | None = None
    share: float = 0.0
    latents: int | None = None
    filtered: bool = True
    seed: int = 0

    def make(self, healthy: Synthesizer, others: LabelledImages) -> Planted:
        relabel = self._relabel(len(others.classes)) if self.share else None
        if self.real:
            return RealSource(
                healthy, others, fault=self.fault, relabel=relabel, latents=self.latents
            )
        return Planted(healthy, self.fault, relabel=relabel, latents=self.latents)

    def _relabel(self, classes: int) -> Callable[[Rows, Rows], Rows]:
        def shift(labels: Rows, indices: Rows) -> Rows:
            hit = (indices * 7 + labels) % 20 < round(20 * self.share)
            return np.where(hit, (labels + 1) % classes, labels)

        return shift


GAN = "as its GAN"
PLANTS = (
    Plant("GAN", GAN),
    Plant("GAN, other latents", GAN, seed=1),
    Plant("unseen real images", "healthy", real=True),
    Plant("unseen real images, softer", "healthy", real=True, fault=soften),
    Plant("one latent of a class", "poor", latents=1),
    Plant("three latents of a class", "poor", latents=3),
    Plant("one real image of a class", "poor", real=True, latents=1, fault=jitter),
    Plant("three real images of a class", "poor", real=True, latents=3, fault=jitter),
    Plant("noise in 9 of 10", "poor", real=True, fault=mostly(uniform_noise, 0.9)),
    Plant("noise added to real images", "poor", real=True, fault=added_noise),
    Plant("noise, no filters", "poor", fault=gaussian_noise, filtered=False),
    Plant("wrong labels", "poor", real=True, share=1.0),
    Plant(
        "half wrong labels, no filters", "poor", real=True, share=0.5, filtered=False
    ),
    Plant("too short", "poor", run="short"),
)
