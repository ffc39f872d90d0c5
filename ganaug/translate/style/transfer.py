"""StyleTransfer: contents in the look of styles, by either engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside, resize_pixels
from ganaug.display.consoles import Auto, follow
from ganaug.engine import pick_device
from ganaug.errors import ConfigError, DataError
from ganaug.spelling import suggest
from ganaug.training.bar import show_training
from ganaug.training.progress import Progress
from ganaug.training.weights import file_digest
from ganaug.translate.networks.style_generator import StyleGenerator
from ganaug.translate.style.colours import give_lightness, measure_lightness
from ganaug.translate.style.engines import Engine, Feedforward, Optimiser
from ganaug.translate.style.features import Look, StyleFeatures
from ganaug.translate.style.run_folder import StyleRun
from ganaug.translate.style.settings import StyleConfig
from ganaug.translate.style.signals import to_pixels, to_signal
from ganaug.translate.style.styles import load_styles
from ganaug.translate.style.task_features import TaskFeatures, fit_task_features
from ganaug.translate.style.training import Material, load_generator, train_generator

Images = NDArray[np.uint8]
ENGINES = ("optimise", "generate")
FEATURES = ("random", "classifier")  # names in place of a weight file
LEVELLED = 64  # styles, at most, on which the features are brought to one scale
WIDTH = 16  # channels of the first block of random features
OWN_FIELDS = ("look", "strength", "seed", "channels")  # of StyleConfig
SMALL = 64 * 64  # pixels of the images that an engine's `at_once` counts


class StyleTransfer:
    """Draws contents in the look of styles.

    Args:
        styles: anything that `load_styles` takes.
        engine: `optimise` moves each image by gradient descent, exact and slow (Gatys
            et al., 2016); `generate` draws it in one pass of a network that `fit`
            trains (Huang and Belongie, 2017).
        features: `random`, a fixed network; `classifier`, trained on the contents by
            `fit`; or torchvision's weight file of VGG19, see `download_weights`.
        alpha: from 0, the content as it is, to 1, the whole style.
        strength: factor of the style loss.
        preserve_colour: whether each content keeps its colours and only its lightness
            changes, see `give_lightness`.
        seed: seed of random features and of the training.
        device: `auto`, `cpu`, `cuda` or `mps`.

    Attributes:
        styles: the styles.
        generator: configuration and network of `generate`; None before `fit`.

    Raises:
        ConfigError: an argument is not allowed.
        DataError: the styles cannot be read.
        MissingExtraError: there is no such file, or it has no weights of VGG19.

    Example:
        >>> from ganaug.data.load import load_images
        >>> digits = load_images("digits").subset(np.arange(8))
        >>> transfer = StyleTransfer(digits.images[4:])
        >>> transfer.apply(digits.images[:2], [3, 1], alpha=0.5).shape
        (2, 8, 8, 1)
    """

    def __init__(
        self,
        styles: Any,
        *,
        engine: Literal["optimise", "generate"] = "optimise",
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
        if not 0 < strength < float("inf"):
            raise ConfigError(f"strength={strength} must be above 0 and finite")
        check_alpha(alpha)
        self.styles = load_styles(styles)
        self.engine, self.features = engine, features
        self.alpha, self.strength = alpha, strength
        self.preserve_colour, self.seed = preserve_colour, seed
        self.device = pick_device(device)
        self.generator: tuple[StyleConfig, StyleGenerator] | None = None
        self._drawer: Engine | None = None
        self._channels: int | None = None  # None where any number will do
        self._read: dict[tuple[int, int, int], Tensor] = {}
        if engine == "optimise" and features != "classifier":
            self._drawer = Optimiser(self._open_features(), strength)

    def __repr__(self) -> str:
        return f"StyleTransfer({len(self.styles)} styles, {self.engine})"

    def describe_features(self) -> str:
        """Say what the style is measured with, for output and reports.

        Example:
            >>> StyleTransfer(np.zeros((1, 8, 8, 1), np.uint8)).describe_features()
            'a random VGG19 of seed 0'
        """
        if self.features == "random":
            return f"a random VGG19 of seed {self.seed}"
        if self.features == "classifier":
            return "cross-fitted classifiers of these images"
        path = Path(self.features)
        digest = f" (SHA-256 {file_digest(path)})" if path.is_file() else ""
        return f"the VGG19 of {path.name}{digest}"

    def fit(
        self,
        data: LabelledImages,
        out: Path | str | None = None,
        *,
        budget: float | None = None,
        set: Mapping[str, Any] | None = None,  # noqa: A002 (as the command has it)
        progress: Progress | Auto | None = None,
    ) -> StyleTransfer:
        """Learn what the engine needs of the contents; returns itself.

        `generate` trains its network; the same call again resumes or reads the run.
        `optimise` trains classifiers where their features are asked for, else nothing.

        Args:
            data: the contents.
            out: folder of the training's run, for `generate`. It holds all styles.
            budget: minutes of training, for `generate`; 6 by default.
            set: field of `StyleConfig` → value, in place of the usual.
            progress: function that is called about twice a second with a `Status`;
                `auto` shows a bar in a terminal or notebook, None nothing.

        Raises:
            ConfigError: a setting is not allowed, or `out` is missing.
            RunError: the folder is in use, contains other files, or is a run of other
                images.
            StoppedError: Ctrl-C or SIGTERM stopped it; the state is saved.
        """
        channels = min(3, data.channels)
        if self.engine == "optimise":
            if self.features == "classifier":
                look = self._open_features(data)
                self._drawer, self._channels = Optimiser(look, self.strength), channels
            return self
        if out is None:
            raise ConfigError("engine=generate needs a folder for its training: out=")
        material = Material(
            contents=data,
            styles=self.styles.match(channels),
            look=self._open_features(data),
            device=self.device,
        )
        for name in OWN_FIELDS:
            if name in (set or {}):
                raise ConfigError(
                    f"set {name}= is decided by StyleTransfer's own arguments and the "
                    "contents; omit it"
                )
        own = {
            "look": str(self.features) if self.features in FEATURES else "vgg19",
            "strength": self.strength,
            "seed": self.seed,
        }
        with follow(progress, show_training) as tell:
            run = train_generator(
                material, Path(out), {**own, **(set or {})},
                budget=budget, progress=tell,
            )  # fmt: skip
        self.use(run.config, load_generator(run))
        return self

    @staticmethod
    def load(
        run: Path | str,
        device: str = "cpu",
        *,
        styles: Any = None,
        alpha: float = 1.0,
        preserve_colour: bool = False,
    ) -> StyleTransfer:
        """Read the style generator of a finished run.

        Args:
            run: folder of the run.
            device: `auto`, `cpu`, `cuda` or `mps`.
            styles: other styles than those that it was trained on.
            alpha, preserve_colour: as for `StyleTransfer`.

        Raises:
            RunError: the folder is no style generator's run.
            CheckpointError: its training is not finished, or a file is damaged.
        """
        found = StyleRun.load(run)
        config = found.config
        transfer = StyleTransfer(
            found.styles if styles is None else styles,
            engine="generate",
            features=config.look,
            alpha=alpha,
            strength=config.strength,
            preserve_colour=preserve_colour,
            seed=config.seed,
            device=device,
        )
        transfer.use(config, load_generator(found))
        return transfer

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
            ConfigError: alpha is outside [0, 1], there is no such style, or `fit` must
                be called first.
            DataError: the images have another form.
        """
        engine, places = self._check(images, styles)
        check_alpha(self.alpha if alpha is None else alpha)
        shares = np.broadcast_to(
            np.asarray(self.alpha if alpha is None else alpha, np.float32), len(images)
        )
        drawn = images.copy()
        rows = np.flatnonzero(shares > 0)
        pixels = images.shape[1] * images.shape[2]
        size = max(1, engine.at_once * SMALL // max(SMALL, pixels))
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            # always as many, so that no image depends on their number
            full = np.concatenate([part, part[:1].repeat(size - len(part))])
            made = self._draw(engine, images[full, ..., :3], places[full], shares[full])
            drawn[part, ..., :3] = made[: len(part)]
        return drawn

    def _check(self, images: Images, styles: Any) -> tuple[Engine, NDArray[np.int64]]:
        if self._drawer is None:
            raise ConfigError("this StyleTransfer learns from the contents: call fit")
        check_images(images, self._channels)
        places = np.asarray(styles, np.int64 if len(styles) == 0 else None)
        if places.shape != (len(images),) or places.dtype.kind not in "iu":
            raise ConfigError(
                f"{len(images)} images but styles of shape {places.shape} and type "
                f"{places.dtype}; give the index of one for each"
            )
        if len(places) and not 0 <= places.min() <= places.max() < len(self.styles):
            raise ConfigError(
                f"styles run from {places.min()} to {places.max()}; give indices from "
                f"0 to {len(self.styles) - 1}"
            )
        return self._drawer, places.astype(np.int64)

    def _draw(
        self,
        engine: Engine,
        contents: Images,
        places: NDArray[np.int64],
        shares: NDArray[np.float32],
    ) -> Images:
        content = to_signal(contents).to(self.device)
        longest = max(contents.shape[1:3])
        read = [self._read_style(engine, i, content.shape[1], longest) for i in places]
        made = engine.draw(content, read, torch.from_numpy(shares).to(self.device))
        if self.preserve_colour:
            made = give_lightness(content, measure_lightness(made))
        return to_pixels(made)

    def _read_style(
        self, engine: Engine, place: int, channels: int, longest: int
    ) -> Tensor:
        """Read a style once, no larger than the contents, so that strokes stay fine."""
        key = (int(place), channels, longest)
        if key not in self._read:
            (image,) = self.styles.take([place]).match(channels).images
            image = resize_pixels(image, fit_inside(image.shape[:2], longest))
            self._read[key] = engine.read(to_signal(image[None]).to(self.device))
        return self._read[key]

    def use(self, config: StyleConfig, network: StyleGenerator) -> None:
        """Draw with the generator of a training from now on."""
        self.generator = config, network.to(self.device)
        self._drawer = Feedforward(network)
        self._channels = config.channels
        self._read.clear()

    def _open_features(self, data: LabelledImages | None = None) -> Look:
        """Build the features, with all layers on one scale on the styles."""
        look: StyleFeatures | TaskFeatures
        channels = 3
        if self.features == "classifier":
            assert data is not None, "fit gives the contents"
            look, channels = fit_task_features(data, seed=self.seed), data.channels
        elif self.features == "random":
            look = StyleFeatures(width=WIDTH, seed=self.seed)
        else:
            look = StyleFeatures(self.features)
        look = look.to(self.device).to(memory_format=torch.channels_last)
        look.level(self._show_styles(min(3, channels)))
        return look

    def _show_styles(self, channels: int) -> Tensor:
        """Return some styles in one size."""
        every = -(-len(self.styles) // LEVELLED)
        some = range(0, len(self.styles), every)
        images = self.styles.take(some).match(channels).images
        size = images[0].shape[:2]
        shown = np.stack([resize_pixels(image, size) for image in images])
        return to_signal(shown).to(self.device)


def check_alpha(alpha: Any) -> None:
    """Raise ConfigError unless each alpha lies in [0, 1]."""
    values = np.asarray(alpha, np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ConfigError(f"alpha={alpha} must lie in [0, 1]")


def check_images(images: Images, channels: int | None) -> None:
    """Raise DataError unless images are (n, h, w, c) uint8 with fitting channels."""
    if images.ndim != 4 or images.dtype != np.uint8:
        raise DataError(
            f"images have shape {images.shape} and type {images.dtype}; give "
            "(n, h, w, c) uint8"
        )
    if images.shape[3] not in (1, 3, 4):
        raise DataError(f"images have {images.shape[3]} channels; give 1, 3 or 4")
    if channels not in (None, min(3, images.shape[3])):
        raise DataError(
            f"images have {images.shape[3]} channels, but those that it learned from "
            f"had {channels}; give images like them"
        )
