"""StylePoolMaker: gives a split's images the look of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from ganaug.classify.flips import check_flips
from ganaug.data.images import LabelledImages
from ganaug.errors import DataError
from ganaug.gain.gan_pools import draw_pool
from ganaug.gain.kept import Arrays
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.styled.inputs import Styles
from ganaug.synth.real_images import RealImages
from ganaug.synth.styled.filters import STYLE_FILTERS, StylePipeline, prepare_styles
from ganaug.synth.styled.styler import Styler, gather_contents
from ganaug.training.progress import Status
from ganaug.translate.style.styles import GIVEN
from ganaug.translate.style.transfer import StyleTransfer

Engine = Literal["optimise", "generate"]


class StylePoolMaker:
    """Draws images of part of a split in the look of others, and filters them.

    Contents, and styles that are not given, are images of that part alone.

    Args:
        styles: what the images take their look from.
        per_class: images to draw; fewer are drawn where the filters reject nearly all.
        size: (height, width) of the images.
        device: device to draw on.
        engine: see `StyleTransfer`.
        budget: minutes of training, for `generate`.
        training: field of `StyleConfig` → value for its training.
        progress: function to call with the state of the training.
    """

    def __init__(
        self,
        styles: Styles,
        *,
        per_class: int,
        size: tuple[int, int],
        device: torch.device,
        engine: Engine = "generate",
        budget: float | None = None,
        training: Mapping[str, Any] | None = None,
        progress: Callable[[Status], None] | None = None,
    ) -> None:
        self.styles, self.per_class, self.size = styles, per_class, size
        self.device, self.engine, self.budget = device, engine, budget
        self.training, self.progress = training, progress

    def __call__(self, fit: LabelledImages, folder: Path, seed: int) -> Arrays:
        seen = to_grid(fit, self.size)
        every = np.arange(len(seen))
        real = RealImages(seen, every, every[:0], "")
        styler = self._open(real, folder, seed)
        examples = prepare_styles(styler, real, teach=True, seed=seed)
        if examples.real.teacher is None:
            raise DataError("a gain needs two classes with images of two groups each")
        pipeline = StylePipeline(examples, tuple(STYLE_FILTERS))
        made = draw_pool(
            styler, pipeline, seen.images[styler.contents.rows], self.per_class, seed
        )
        flips = [bool(flip.safe) for flip in check_flips(seen, seed=seed)]
        return {**made, "flips": np.array(flips)}

    def _open(self, real: RealImages, folder: Path, seed: int) -> Styler:
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
