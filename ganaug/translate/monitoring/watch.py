"""TranslationWatch: translates some images, and measures class, domain and variety.

Nothing is measured by images of empty cells: the class is judged by the way there and
back, whose result lies in the cell that the source is from.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.translate.inputs.pairs import UNKNOWN, Indices, list_cells
from ganaug.translate.inputs.translation_set import TranslationSet
from ganaug.translate.networks.generator import DomainGenerator
from ganaug.translate.trainer import TranslationTrainer

SHOWN, COLUMNS = 8, 8  # sources in a grid, and domains, at most
MEASURED = 128  # translations that figures are measured on
JUDGE_WIDTH, JUDGE_STEPS, FEWEST_STEPS = 16, 150, 60  # networks that judge
JUDGE_SHARE = 0.05  # steps of a judge, at most, as a share of the training's
CHUNK = 64

Pixels = NDArray[np.uint8]


class TranslationWatch:
    """Looks at a translator with the same images each time.

    Args:
        trainer: trainer whose average is looked at.
        images: images that it is trained on.
    """

    def __init__(self, trainer: TranslationTrainer, images: TranslationSet) -> None:
        self.trainer, self.images = trainer, images
        self.labels, self.placed = images.labels, images.placed
        random = np.random.default_rng(mix_seed("watch", trainer.config.seed))
        self.sources = choose_sources(self.labels, self.placed, MEASURED, random)
        others = [self._elsewhere(row, random) for row in self.sources]
        self.targets = np.array(others, np.int64)

    @cached_property
    def judges(self) -> tuple[Classifier, Classifier]:
        """Classifiers of classes and of domains, trained when first used."""
        return self._fit(self.labels, 0), self._fit(self.placed, 1)

    def measure(self) -> dict[str, float]:
        """Measure the averaged generator.

        Returns:
            class_kept: share of images whose class is judged the same before and after
                the way there and back.
            domain_reached: share of translations that look like their target domain.
            z_spread: mean distance between two translations of an image with different
                z, relative to that between real images of a cell.
        """
        generator, rows = self.trainer.average, self.sources
        source, homes = self.images.images[rows], self.placed[rows]
        there = self.carry(generator, source, self.targets, 0)
        back = self.carry(generator, there, homes, 0)
        again = self.carry(generator, source, self.targets, 1)
        label, domain = (judge.predict_proba for judge in self.judges)
        kept = label(source).argmax(axis=1) == label(back).argmax(axis=1)
        reached = domain(there).argmax(axis=1) == self.targets
        return {
            "class_kept": float(kept.mean()),
            "domain_reached": float(reached.mean()),
            "z_spread": distance(there, again) / max(self.real_spread, 1e-6),
        }

    def show(self) -> tuple[Pixels, int]:
        """Return tiles for a grid and its columns: sources, then each in each domain.

        Rows are sources, from the classes that are seen in the fewest domains.
        """
        rows = self._choose_rows()
        domains = sorted(set(self.placed[self.placed != UNKNOWN]))[:COLUMNS]
        source = self.images.images[rows]
        carried = [
            self.carry(self.trainer.average, source, np.full(len(rows), d), 0)
            for d in domains
        ]
        tiles = np.stack([source, *carried], axis=1)
        return tiles.reshape(-1, *source.shape[1:]), 1 + len(domains)

    @torch.no_grad()
    def carry(
        self, generator: DomainGenerator, images: Pixels, domains: Indices, draw: int
    ) -> Pixels:
        """Translate images at the grid; `draw` numbers the z that is used."""
        trainer, parts = self.trainer, []
        random = torch.Generator().manual_seed(mix_seed("z", draw))
        for k in range(0, len(images), CHUNK):
            x = torch.from_numpy(images[k : k + CHUNK]).to(trainer.device)
            place = torch.from_numpy(domains[k : k + CHUNK]).to(trainer.device)
            z = torch.randn(len(x), trainer.config.latent, generator=random)
            made: Tensor = generator(
                trainer.span.to_signal(x), place, z.to(trainer.device)
            )
            parts.append(trainer.span.to_pixels(made).cpu().numpy())
        return np.concatenate(parts)

    @cached_property
    def real_spread(self) -> float:
        """Mean distance between real images of a cell."""
        cells = list_cells(self.labels, self.placed).values()
        pairs = [(rows[:-1], rows[1:]) for rows in cells if len(rows) > 1]
        if not pairs:
            return 0.0
        first, second = (np.concatenate(part) for part in zip(*pairs, strict=True))
        return distance(self.images.images[first], self.images.images[second])

    def _fit(self, targets: Indices, seed: int) -> Classifier:
        known = np.flatnonzero(targets != UNKNOWN)
        config = self.trainer.config
        steps = round(JUDGE_SHARE * config.images / config.batch)
        return fit_classifier(
            self.images.images[known],
            targets[known],
            int(targets.max()) + 1,
            steps=min(JUDGE_STEPS, max(FEWEST_STEPS, steps)),
            width=JUDGE_WIDTH,
            policy="shift",
            seed=seed,
        )

    def _elsewhere(self, row: int, random: np.random.Generator) -> int:
        places = set(self.placed.tolist()) - {UNKNOWN, int(self.placed[row])}
        return int(random.choice(sorted(places)))

    def _choose_rows(self) -> Indices:
        labels = self.labels[self.sources]
        pairs = list_cells(self.labels, self.placed)
        width = {k: sum(label == k for label, _ in pairs) for k in set(labels.tolist())}
        # one image of each class first, then a second one
        turns = [int((labels[:i] == labels[i]).sum()) for i in range(len(labels))]
        keys = [
            (turn, width[k]) for turn, k in zip(turns, labels.tolist(), strict=True)
        ]
        order = sorted(range(len(keys)), key=lambda i: keys[i])
        return self.sources[order[:SHOWN]]


def choose_sources(
    labels: Indices, domains: Indices, n: int, random: np.random.Generator
) -> Indices:
    """Choose at most n labelled images with a domain, evenly over cells.

    Example:
        >>> labels, domains = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 1])
        >>> rows = choose_sources(labels, domains, 2, np.random.default_rng(0))
        >>> labels[rows].tolist()
        [0, 1]
    """
    cells = list_cells(labels, domains)
    known = [rows for cell, rows in cells.items() if UNKNOWN not in cell]
    turns = [random.permutation(rows) for rows in known]
    longest = max(map(len, turns), default=0)
    order = [rows[i] for i in range(longest) for rows in turns if i < len(rows)]
    return np.array(order[:n], np.int64)


def distance(a: Pixels, b: Pixels) -> float:
    """Return the mean absolute difference between images, in grey levels."""
    return float(np.abs(a.astype(np.int16) - b).mean())
