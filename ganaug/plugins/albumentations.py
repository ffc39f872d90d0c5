"""Transforms for albumentations' Compose."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from albumentations.core.transforms_interface import ImageOnlyTransform
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.plugins.styles import StyleSource

Image = NDArray[np.uint8]


class StyleMix(ImageOnlyTransform):  # type: ignore[misc]
    """Give an image the look of a random style, by a trained style generator.

    It holds the run's path, not its network: each process reads it once, so that it can
    be pickled and sent to workers.

    Args:
        run: folder that `StyleTransfer.fit` or `ganaug style` trained in, such as
            photos-styled.run.
        alpha_range: share of the style's look, drawn evenly from this range in [0, 1].
        p: probability of applying it.

    Raises:
        RunError, CheckpointError: there is no style generator.
        ConfigError: the range is not allowed.

    Targets:
        image, uint8 (h, w), (h, w, 1), (h, w, 3) or (h, w, 4).

    Example:
        >>> import albumentations as A
        >>> mix = StyleMix("photos-styled.run", (0.3, 0.8), p=0.5)  # doctest: +SKIP
        >>> A.Compose([mix, A.HorizontalFlip()])(image=image)  # doctest: +SKIP
    """

    class InitSchema(ImageOnlyTransform.InitSchema):  # type: ignore[misc]
        run: str | os.PathLike[str]
        alpha_range: tuple[float, float]

    def __init__(
        self,
        run: str | os.PathLike[str],
        alpha_range: tuple[float, float] = (0.5, 1.0),
        p: float = 0.5,
    ) -> None:
        super().__init__(p=p)
        self.run, self.alpha_range = str(run), tuple(alpha_range)
        self._source = StyleSource(self.run, self.alpha_range)

    def get_params(self) -> dict[str, Any]:
        """Draw a style and alpha."""
        low, high = self.alpha_range
        return {
            "style": self.py_random.randrange(len(self._source.transfer.styles)),
            "alpha": self.py_random.uniform(low, high),
        }

    def apply(self, img: Image, style: int, alpha: float, **params: Any) -> Image:
        """Return the image in that style."""
        if img.dtype != np.uint8:
            raise DataError(
                f"StyleMix got an image of {img.dtype}; place it before A.Normalize or "
                "A.ToFloat, where images are uint8"
            )
        flat = img[..., None] if img.ndim == 2 else img
        drawn = self._source.transfer.apply(flat[None], [style], alpha=alpha)[0]
        return np.asarray(drawn.reshape(img.shape))

    def get_transform_init_args_names(self) -> tuple[str, ...]:
        """Return the names of the arguments, for to_dict."""
        return "run", "alpha_range"
