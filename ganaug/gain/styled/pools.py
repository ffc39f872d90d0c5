"""Styled images of a split: its own images in the look of others, filtered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.flips import check_flips
from ganaug.data.images import LabelledImages
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.errors import DataError
from ganaug.gain.gan_pools import draw_pool
from ganaug.gain.kept import Arrays
from ganaug.gain.pools import PoolMaker
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.styled.inputs import Styles
from ganaug.gain.unlabelled.split_data import CarryMaker
from ganaug.synth.real_images import RealImages
from ganaug.synth.styled.filters import STYLE_FILTERS, StylePipeline, prepare_styles
from ganaug.synth.styled.styler import Styler, gather_contents
from ganaug.training.progress import Status
from ganaug.translate.style.styles import GIVEN, load_styles
from ganaug.translate.style.transfer import StyleTransfer

Engine = Literal["optimise", "generate"]


@dataclass(frozen=True, kw_only=True)
class StyleMaker:
    """Trains what gives real images the look of others.

    Contents, and styles that are not given, are the real images alone.

    Attributes:
        styles: what the images take their look from.
        device: device to draw on.
        engine: see `StyleTransfer`.
        budget: minutes of training, for `generate`.
        training: field of `StyleConfig` → value for its training.
        progress: function to call with the state of the training.
    """

    styles: Styles
    device: torch.device
    engine: Engine = "generate"
    budget: float | None = None
    training: Mapping[str, Any] | None = None
    progress: Callable[[Status], None] | None = None

    def prepare(self, data: LabelledImages, folder: Path, seed: int) -> StylePipeline:
        """Return the filters of styled images, with what draws these.

        Raises:
            DataError: too few classes or groups for the filters to learn from.
        """
        every = np.arange(len(data))
        real = RealImages(data, every, every[:0], "")
        styler = self.open(real, folder, seed)
        examples = prepare_styles(styler, real, teach=True, seed=seed)
        if examples.real.teacher is None:
            raise DataError("a gain needs two classes with images of two groups each")
        return StylePipeline(examples, tuple(STYLE_FILTERS))

    def open(self, real: RealImages, folder: Path, seed: int) -> Styler:
        """Train in that folder, and return what draws styled images."""
        contents, given = gather_contents(real), self.styles.given
        transfer = StyleTransfer(
            contents.as_styles() if given is None else given,
            engine=self.engine,
            seed=seed,
            device=str(self.device),
        )
        transfer.fit(
            real.images,
            folder / "run",
            budget=self.budget,
            set=self.training,
            progress=self.progress,
        )
        mode = self.styles.mode if given is None else GIVEN
        return Styler(transfer, contents, mode, seed)


def pool_by_style(
    maker: StyleMaker, *, per_class: int, size: tuple[int, int]
) -> PoolMaker:
    """Return a maker of pools that draws part of a split in the look of others.

    Args:
        maker: trains what draws them.
        per_class: images to draw; fewer are drawn where the filters reject nearly all.
        size: (height, width) of the images.
    """

    def make(fit: LabelledImages, folder: Path, seed: int) -> Arrays:
        data = to_grid(fit, size)
        pipeline = maker.prepare(data, folder, seed)
        styler = pipeline.examples.styler
        seen = data.images[styler.contents.rows]
        made = draw_pool(styler, pipeline, seen, per_class, seed)
        flips = [bool(flip.safe) for flip in check_flips(data, seed=seed)]
        return {**made, "flips": np.array(flips)}

    return make


def carry_by_style(maker: StyleMaker, per_class: int) -> CarryMaker:
    """Return a maker that draws labelled images in the look of unlabelled ones.

    Args:
        maker: trains what draws them; its own styles are not used.
        per_class: candidates of each class; those that pass the filters are kept.
    """

    def make(
        data: LabelledImages,
        pool: UnlabelledImages,
        folder: Path,
        guesses: NDArray[np.float32],
        *,
        policy: str,
        seed: int,
    ) -> Arrays:
        styles = Styles(pool.domain, load_styles(pool.images))
        pipeline = replace(maker, styles=styles).prepare(data, folder, seed)
        styler, k = pipeline.examples.styler, len(data.classes)
        labels = np.repeat(np.arange(k), per_class)
        indices = np.tile(np.arange(per_class), k)
        images = styler.sample_rows(labels, indices, seed=seed)
        kept = pipeline.judge(images, labels, indices).kept
        sources = styler.contents.rows[styler.find_contents(labels, indices)]
        return {
            "images": images[kept],
            "labels": labels[kept],
            "sources": sources[kept],
        }

    return make
