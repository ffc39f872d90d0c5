"""Stores of filled cells with a known fault, made by translators that need no training.

A planted translator gives real images that nobody saw in place of translations: of the
same class in the target domain, as a perfect one would, or of whatever the fault says.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.translate_rows import read_problem
from benchmarks.verdicts.plants import soften, uniform_noise
from ganaug.config import TrainConfig
from ganaug.data.fingerprint import digest_images
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.synth.fill import label, ordering
from ganaug.synth.real_images import RealImages
from ganaug.synth.verdict.record import CELL_FIGURES, StoreVerdict

PER_CELL = 8  # images wanted of each cell
TRAINED = 24  # real images of a cell that was seen, at most
STEPS, TRIES = 100, 1  # of each teacher, and of each image: shorter than in use
CLASSES = 6  # the first ones
SETS = ("digits-domains", "digits-4")

Images = NDArray[np.uint8]  # (n, h, w, c)


@dataclass(frozen=True)
class Journey:
    """An image on its way: its class, its domain and its target; k and d of each."""

    label: int
    domain: int
    target: int
    index: int
    classes: int
    domains: int

    @property
    def partner(self) -> int:
        """The class that changes places with this one."""
        other = self.label + 1 - 2 * (self.label % 2)
        return other if other < self.classes else self.label


@dataclass(frozen=True)
class FillPlant:
    """A translator with a fault, or with none.

    Attributes:
        name: what was planted.
        truth: healthy, which must not be called poor; or poor, which must not be called
            good.
        show: class and domain of the real image that is shown; None leaves the image
            as it is.
        spoil: what happens to it then.
    """

    name: str
    truth: str
    show: Callable[[Journey], tuple[int, int] | None]
    spoil: Callable[[Images], Images] | None = None


def keep(way: Journey) -> tuple[int, int]:
    return way.label, way.target


def leave(way: Journey) -> None:
    return None


def exchange(way: Journey) -> tuple[int, int]:
    label = way.label if way.domain == way.target else way.partner
    return label, way.target


def exchange_half(way: Journey) -> tuple[int, int]:
    return exchange(way) if way.index // way.domains % 2 else keep(way)


def confuse(way: Journey) -> tuple[int, int]:
    return (way.label + 1) % way.classes, way.target


def miss(way: Journey) -> tuple[int, int]:
    return way.label, (way.target + 1) % way.domains


def make_noise(images: Images) -> Images:
    rows = images[:, 0, 0].sum(axis=1).astype(np.int64)
    return uniform_noise(images, rows, rows)


def erase(images: Images) -> Images:
    blank = np.median(images, axis=(1, 2), keepdims=True)
    return np.broadcast_to(blank, images.shape).astype(np.uint8)


def blur(images: Images) -> Images:
    labels = np.zeros(len(images), np.int64)
    return soften(images, labels, labels)


FILL_PLANTS = (
    FillPlant("unseen real images", "healthy", keep),
    FillPlant("unseen real images, softer", "healthy", keep, blur),
    FillPlant("sources unchanged", "poor", leave),
    FillPlant("classes exchanged, there and back", "poor", exchange),
    FillPlant("every second exchanged", "poor", exchange_half),
    FillPlant("the next class", "poor", confuse),
    FillPlant("the next domain", "poor", miss),
    FillPlant("noise", "poor", keep, make_noise),
    FillPlant("nothing but the background", "poor", keep, erase),
)


@dataclass(frozen=True, eq=False)
class PlantedTranslator:
    """Answers with real images that nobody saw; it knows each image that it gave.

    Attributes:
        data: images that it counts as trained on.
        others: the images that it answers with.
        plant: the fault.
    """

    data: LabelledImages
    others: LabelledImages
    plant: FillPlant
    known: dict[bytes, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for i, image in enumerate(self.data.images):
            place = int(self.data.labels[i]), int(self.data.domains[i])
            self.known[image.tobytes()] = place

    @property
    def config(self) -> TrainConfig:
        height, width = self.data.size
        return TrainConfig(height=height, width=width, channels=self.data.channels)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.data.classes

    @property
    def domains(self) -> tuple[str, ...]:
        return self.data.domain_names

    @property
    def data_digest(self) -> str:
        return digest_images(self.data, self.data.hash_images())

    @property
    def data_size(self) -> tuple[int, int]:
        return self.data.size

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    def translate(self, images, domain, seed=0, indices=None):  # type: ignore[no-untyped-def]
        given = [
            self._answer(image, int(target), int(index))
            for image, target, index in zip(images, domain, indices, strict=True)
        ]
        return np.stack(given) if given else images

    def _answer(self, image: NDArray[np.uint8], target: int, index: int) -> Images:
        label, domain = self.known[image.tobytes()]
        counts = len(self.classes), len(self.domains)
        shown = self.plant.show(Journey(label, domain, target, index, *counts))
        if shown is None:
            return image
        same = (self.others.labels == shown[0]) & (self.others.domains == shown[1])
        rows = np.flatnonzero(same)
        answer = self.others.images[rows[[index // counts[1] % len(rows)]]]
        if self.plant.spoil is not None:
            answer = self.plant.spoil(answer)
        self.known.setdefault(answer.tobytes(), shown)
        return answer[0]


def judge_fills(name: str, folder: str, work: Path) -> Iterator[dict[str, object]]:
    """Make and judge every store of a set: a row for each."""
    data, others = read_cells(name, folder)
    for plant in FILL_PLANTS:
        translator = PlantedTranslator(data, others, plant)
        verdict = make_filled(translator, work / f"{name}-{plant.name}")
        figures = {
            figure: round(fmean(getattr(cell, figure) for cell in verdict.cells), 3)
            for figure in CELL_FIGURES
        }
        known = {"set": name, "store": plant.name, "truth": plant.truth}
        print(f"{name} {plant.name}: {verdict.sentence}", flush=True)
        yield {**known, **figures, "word": verdict.word}


def make_filled(translator: PlantedTranslator, path: Path) -> StoreVerdict:
    """Fill the cells of one store, through all filters, and judge it."""
    shutil.rmtree(path, ignore_errors=True)
    weights = path.with_suffix(".weights")
    weights.write_bytes(b"")  # a store has a copy of what drew it
    every = np.arange(len(translator.data))
    label.MOST_STEPS, ordering.TRIES = STEPS, TRIES
    store = ordering.fill_cells(
        translator,
        RealImages(translator.data, every, every[:0], ""),
        path,
        generator=weights,
        options=ordering.FillOptions(per_cell=PER_CELL),
    )
    assert store.verdict is not None, "every store has candidates"
    return store.verdict


def read_cells(name: str, folder: str) -> tuple[LabelledImages, LabelledImages]:
    """Read the images of a set that lacks cells, and others of all its cells."""
    if name == "digits-domains":
        data, others = load_images(name), load_images(f"{name}-test")
    else:
        problem = read_problem(name, folder)
        data = problem.train
        others = replace(problem.test, domain_names=problem.domains)
    return _thin(data, TRAINED), _thin(others, len(others))


def _thin(data: LabelledImages, most: int) -> LabelledImages:
    """Keep the first classes, and some images of each cell."""
    assert data.domains is not None, "the domains are known"
    cells = data.labels * len(data.domain_names) + data.domains
    known = np.unique(cells[data.labels < CLASSES])
    rows = [np.flatnonzero(cells == cell)[:most] for cell in known]
    kept = data.subset(np.sort(np.concatenate(rows)))
    return replace(kept, classes=data.classes[:CLASSES])
