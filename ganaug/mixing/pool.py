"""Pool: the synthetic images that a SyntheticDataset picks from."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.data.labels.notes import fold
from ganaug.errors import ConfigError, StoreError
from ganaug.mixing.real.real_set import RealSet
from ganaug.mixing.schedule import group_rows, plan_epoch, split_rows
from ganaug.synth.store.meta import META_FILE
from ganaug.synth.store.png import to_pil
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import Synthesizer
from ganaug.translate.run_folder import is_translator_run

EPOCHS_DRAWN = 4  # epochs that images drawn from a run are enough for
MOST_BYTES = 256 << 20  # largest size of such images, unless one epoch needs more

logger = logging.getLogger(__name__)


class StorePool:
    """The images of a store.

    Attributes:
        rows: class name → rows of the store's kept images; only classes with images.
        size: number of images.
        domains: domain of each row, or None where there are none.
        grid: (height, width) at which the GAN drew.
        data_size: (height, width) of the user's own images.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.grid, self.data_size = store.meta.grid, store.meta.data_size
        self.rows = group_rows(store.labels, store.classes)
        self.size, self.domains = len(store), store.domains
        self._folder = os.fspath(store.path)

    def pil_image(self, row: int) -> Image.Image:
        return self.store.pil_image(row)

    def path(self, row: int) -> str:
        """Return the path of the image's file."""
        return os.path.join(self._folder, self.store.paths[row])


class DrawnPool:
    """Images drawn into memory from a run, with the attributes of `StorePool`."""

    def __init__(
        self, synthesizer: Synthesizer, counts: Mapping[str, int], seed: int
    ) -> None:
        classes = synthesizer.classes
        numbers = [classes.index(name) for name in counts]
        labels = np.repeat(np.array(numbers, np.int64), list(counts.values()))
        self.images = synthesizer.sample(labels, seed=seed)
        self.rows = group_rows(labels, classes)
        self.grid = synthesizer.size
        self.data_size = synthesizer.generators.data_size
        self.size, self.domains = len(labels), None

    def pil_image(self, row: int) -> Image.Image:
        return to_pil(self.images[row])


Pool = StorePool | DrawnPool


def open_source(synthetic: Any, device: str = "auto") -> Store | Synthesizer:
    """Open a store, or the synthesizer of a run; take an opened one as it is."""
    if isinstance(synthetic, Store | Synthesizer):
        return synthetic
    path = Path(getattr(synthetic, "path", synthetic))
    if is_translator_run(path):
        raise ConfigError(
            f"{path} is a translator, which draws no images by itself; write a store "
            f"with: ganaug synth {path}"
        )
    if (path / META_FILE).is_file():
        return Store.load(path)
    return Synthesizer.load(path, device)


def fill_pool(
    source: Store | Synthesizer,
    real: RealSet,
    share: float | None,
    *,
    draw: str,
    seed: int,
) -> tuple[Pool, dict[str, int]]:
    """Return a pool, and its number of images per epoch by class name.

    Args:
        source: a store, or the synthesizer of a run.
        real: the real images.
        share: share of synthetic images in an epoch; None takes a whole store.
        draw: how often each class comes, see `ganaug.recipe.Recipe`.
        seed: seed for images drawn from a run.

    Raises:
        ConfigError: the share is None, but a run has no fixed number of images.
        StoreError: there are no images, or some of a class that is not real.
    """
    if isinstance(source, Store):
        pool = StorePool(source)
        if not pool.rows and share != 0:
            raise StoreError(f"{source.path} has no images; run ganaug synth")
        _check_classes(pool.rows, real)
        sizes = {name: len(rows) for name, rows in pool.rows.items()}
        if share != 0:
            _warn_if_poor(source)
        cells = {
            name: len(split_rows(rows, pool.domains))
            for name, rows in pool.rows.items()
        }
        return pool, plan_epoch(real.counts, sizes, share, draw=draw, domains=cells)
    if share is None:
        raise ConfigError(
            "share=None takes a whole store, and this is a run; give a share or a store"
        )
    _check_classes(source.classes, real)
    sizes = dict.fromkeys(source.classes, 0)
    counts = plan_epoch(real.counts, sizes, share, draw=draw)
    return _draw_pool(source, counts, seed), counts


def warn_of_repeats(pool: Pool, counts: Mapping[str, int]) -> None:
    """Log the classes of which an epoch takes more images than the pool has."""
    few = [name for name, n in counts.items() if n > len(pool.rows[name])]
    if few:
        logger.warning(
            f"an epoch takes more synthetic images of {', '.join(few)} than there "
            "are, so some come more than once"
        )


def warn_of_domains(real: RealSet, pool: Pool) -> None:
    """Log where images are to be drawn evenly over cells, and have no domains."""
    if pool.domains is None:
        logger.warning(
            'classes="cells" needs domains, and these synthetic images have none, so '
            "they are drawn evenly over classes; fill cells with: ganaug synth DATA "
            "--fill"
        )
    if real.domains is None:
        logger.warning(
            'classes="cells" needs domains, and the real set has none, so its images '
            "come once each; give it as ganaug.load_images returns it"
        )


def _warn_if_poor(store: Store) -> None:
    """Log in one line that a store is poor, why, and what to do."""
    verdict = store.verdict
    if verdict is not None and verdict.word == "poor":
        step = "" if verdict.next_step is None else f" Next: {verdict.next_step}"
        logger.warning("%s: %s%s", store.path, verdict.sentence, step)


def _check_classes(classes: Iterable[str], real: RealSet) -> None:
    classes = list(classes)
    unknown = [name for name in classes if name not in real.label_of]
    if not unknown:
        return
    said = (
        f"there are synthetic images of {', '.join(unknown)}, but the real classes "
        f"are {', '.join(real.classes)}"
    )
    if real.nameless and set(unknown) == set(classes):
        example = f'{{"{unknown[0]}": {next(iter(real.label_of.values()))}, …}}'
        raise StoreError(f"{said}: {real.nameless}; give it class_to_idx = {example}")
    alike = {fold(name) for name in real.classes} & set(map(fold, unknown))
    why = ", some of which differ only in case or Unicode form" if alike else ""
    raise StoreError(f"{said}{why}; use a store of the same data")


def _draw_pool(
    synthesizer: Synthesizer, per_epoch: Mapping[str, int], seed: int
) -> DrawnPool:
    """Draw images for several epochs, or for fewer if they need too much memory."""
    height, width = synthesizer.size
    size = height * width * synthesizer.config.channels * sum(per_epoch.values())
    times = min(EPOCHS_DRAWN, max(1, MOST_BYTES // max(1, size)))
    counts = {name: n * times for name, n in per_epoch.items()}
    return DrawnPool(synthesizer, counts, seed)
