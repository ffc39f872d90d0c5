"""StyleTransfer: contents in the look of styles, by either engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_pixels
from ganaug.engine import pick_device
from ganaug.errors import ConfigError, DataError
from ganaug.spelling import suggest
from ganaug.translate.style.colours import give_lightness, measure_lightness
from ganaug.translate.style.descent import StyleWeights, optimise
from ganaug.translate.style.features import Look, StyleFeatures
from ganaug.translate.style.styles import load_styles

Engine = Literal["optimise", "generate"]
Images = NDArray[np.uint8]
ENGINES = ("optimise", "generate")
FEATURES = ("random", "classifier")
LEVELLED = 64  # images that the features are brought to one scale on
WIDTH = 16  # channels of the first block of random features


class StyleTransfer:
    """Draws contents in the look of styles.

    Args:
        styles: anything that `load_styles` takes.
        engine: `optimise` moves each image by gradient descent, exact and slow (Gatys
            et al., 2016); `generate` draws it in one pass of a trained network.
        features: `random`, a fixed network; `classifier`, trained on the contents when
            `fit` is called; or torchvision's weight file of VGG19.
        alpha: from 0, the content as it is, to 1, the whole style.
        strength: factor of the style loss.
        preserve_colour: whether each content keeps its colours and only its lightness
            changes (Gatys et al., "Preserving Color in Neural Artistic Style Transfer",
            2016).
        seed: seed of random features.
        device: `auto`, `cpu`, `cuda` or `mps`.

    Attributes:
        styles: the styles.

    Raises:
        ConfigError: an argument is not allowed.
        DataError: the styles cannot be read.
        MissingExtraError: the file has no weights of VGG19.

    Example:
        >>> from ganaug.data.load import load_images
        >>> digits = load_images("digits").subset(np.arange(8))
        >>> transfer = StyleTransfer(digits.images[4:])
        >>> transfer.apply(digits.images[:2], [3, 1], alpha=0).shape
        (2, 8, 8, 1)
    """

    def __init__(
        self,
        styles: Any,
        *,
        engine: Engine = "optimise",
        features: str | Path = "random",
        alpha: float = 1.0,
        strength: float = 1.0,
        preserve_colour: bool = False,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        if engine not in ENGINES:
            raise ConfigError(
                f"engine={engine} is not allowed{suggest(engine, ENGINES)}; choose "
                f"from {', '.join(ENGINES)}"
            )
        if not strength > 0:
            raise ConfigError(f"strength={strength} must be above 0")
        check_alpha(alpha)
        self.styles = load_styles(styles)
        self.engine, self.features = engine, features
        self.alpha, self.strength = alpha, strength
        self.preserve_colour, self.seed = preserve_colour, seed
        self.device = pick_device(device)
        self.look: Look | None = None

    def __repr__(self) -> str:
        return f"StyleTransfer({len(self.styles)} styles, {self.engine})"

    def fit(
        self,
        data: LabelledImages,
        out: Path | str | None = None,
        *,
        budget: float | None = None,
    ) -> StyleTransfer:
        """Learn what the engine needs of the contents; returns itself.

        Args:
            data: the contents.
            out: folder of the training's run, for `generate`.
            budget: minutes of training, for `generate`.
        """
        self._open_features()
        return self

    def apply(
        self,
        images: Images,
        styles: Sequence[int] | NDArray[np.int64],
        *,
        alpha: float | Sequence[float] | NDArray[np.float64] | None = None,
    ) -> Images:
        """Draw each image in its style.

        An image's result follows from itself, its style and alpha; the others of the
        batch do not change it.

        Args:
            images: (n, h, w, c) uint8, c in 1, 3, 4; an opacity stays as it is.
            styles: (n,) indices into `styles`.
            alpha: one for all or for each, in [0, 1]; by default that of `__init__`.

        Returns:
            (n, h, w, c) uint8.

        Raises:
            ConfigError: alpha is outside [0, 1], or there is no such style.
            DataError: the images have another form.
        """
        places = self._check(images, styles)
        shares = np.broadcast_to(self.alpha if alpha is None else alpha, len(images))
        check_alpha(shares)
        drawn = images.copy()
        known = self.styles.match(min(3, images.shape[3]))
        for i, (place, share) in enumerate(zip(places, shares, strict=True)):
            if share:
                colours = images[i : i + 1, ..., :3]
                style = known.images[place][None]
                drawn[i, ..., :3] = self._draw(colours, style, float(share))[0]
        return drawn

    def _check(self, images: Images, styles: Any) -> NDArray[np.int64]:
        if images.ndim != 4 or images.dtype != np.uint8:
            raise DataError(
                f"images have shape {images.shape} and type {images.dtype}; give "
                "(n, h, w, c) uint8"
            )
        if images.shape[3] not in (1, 3, 4):
            raise DataError(f"images have {images.shape[3]} channels; give 1, 3 or 4")
        places = np.asarray(styles, np.int64)
        if places.shape != (len(images),):
            raise ConfigError(
                f"{len(images)} images but styles of shape {places.shape}; give the "
                "index of one for each"
            )
        if len(places) and not 0 <= places.min() <= places.max() < len(self.styles):
            raise ConfigError(
                f"styles run from {places.min()} to {places.max()}; give indices from "
                f"0 to {len(self.styles) - 1}"
            )
        return places

    def _draw(self, content: Images, style: Images, alpha: float) -> Images:
        own, other = _to_signal(content), _to_signal(style)
        if not self.preserve_colour:
            return _to_pixels(self._move(own, other, alpha))
        shown = own.shape[1]
        grey, other = (
            measure_lightness(x).expand(-1, shown, -1, -1) for x in (own, other)
        )
        moved = self._move(grey, other, alpha)
        return _to_pixels(give_lightness(own, measure_lightness(moved)))

    def _move(self, content: Tensor, style: Tensor, alpha: float) -> Tensor:
        usual = StyleWeights()
        weights = replace(usual, style=usual.style * self.strength)
        return optimise(
            content.to(self.device),
            style.to(self.device),
            self._open_features(),
            alpha=alpha,
            weights=weights,
        ).cpu()

    def _open_features(self) -> Look:
        """Build the network once, and bring its layers to one scale on the styles."""
        if self.look is None:
            look = StyleFeatures(seed=self.seed, width=WIDTH)
            if self.features != "random":
                look = StyleFeatures(self.features)
            look = look.to(self.device)
            look.level(self._show_styles().to(self.device))
            self.look = look
        return self.look

    def _show_styles(self) -> Tensor:
        """Return some styles in one size."""
        every = -(-len(self.styles) // LEVELLED)
        some = self.styles.match(3).images[::every]
        size = some[0].shape[:2]
        return _to_signal(np.stack([resize_pixels(image, size) for image in some]))


def check_alpha(alpha: Any) -> None:
    """Raise ConfigError unless each alpha lies in [0, 1]."""
    values = np.asarray(alpha, np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ConfigError(f"alpha={alpha} must lie in [0, 1]")


def _to_signal(images: Images) -> Tensor:
    return torch.from_numpy(images.copy()).permute(0, 3, 1, 2).float() / 127.5 - 1


def _to_pixels(x: Tensor) -> Images:
    pixels = ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).numpy()
