"""Transforms for albumentations' Compose."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from albumentations.core.transforms_interface import ImageOnlyTransform
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.mixing.real.image_format import convert_image, find_format
from ganaug.mixing.resolution import enlarge
from ganaug.plugins.styles import StyleSource
from ganaug.plugins.synthetic_source import MOST_PICKS, SyntheticSource, check_blend

Image = NDArray[np.uint8]
LABEL = "label"  # name of the class beside an image


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


class SyntheticMix(ImageOnlyTransform):  # type: ignore[misc]
    """Replace an image by a synthetic one of its class, or blend it with one.

    The class comes beside the image: `transform(image=image, label=label)`. It stays as
    it is, since both images have it. An image of a class without synthetic ones is
    returned as it came. The path is held, and no images: each process opens it once.

    Args:
        store: folder of a store, or of a run whose generator then draws each image.
        blend_range: share of the synthetic image, drawn evenly from this range in
            [0, 1]; at 1 it replaces the real one.
        p: probability of applying it.
        classes: names of the classes in the order of the labels, as ImageFolder's
            `classes`, where labels are numbers; by default the store's own.

    Raises:
        StoreError, RunError, CheckpointError: there is no store and no run.
        ConfigError: an argument is not allowed.

    Targets:
        image, uint8 or float in [0, 1], (h, w) or (h, w, c) with 1, 3 or 4 channels.

    Example:
        >>> import albumentations as A
        >>> mix = SyntheticMix("photos-synthetic", p=0.25)  # doctest: +SKIP
        >>> A.Compose([mix, A.HorizontalFlip()])(image=x, label="cat")  # doctest: +SKIP
    """

    class InitSchema(ImageOnlyTransform.InitSchema):  # type: ignore[misc]
        store: str | os.PathLike[str]
        blend_range: tuple[float, float]
        classes: Sequence[str] | None

    def __init__(
        self,
        store: str | os.PathLike[str],
        blend_range: tuple[float, float] = (1.0, 1.0),
        p: float = 0.5,
        classes: Sequence[str] | None = None,
    ) -> None:
        super().__init__(p=p)
        self.store, self.blend_range = os.fspath(store), check_blend(blend_range, p)
        self.classes = None if classes is None else list(classes)
        self._source = SyntheticSource(self.store, self.classes)

    def __call__(self, *args: Any, **data: Any) -> Any:
        """Return the data with another image, perhaps.

        Raises:
            ValueError: the label is missing.
        """
        if LABEL not in data and not self.replay_mode:
            raise ValueError(
                "SyntheticMix needs the image's label: transform(image=image, "
                "label=label)"
            )
        return super().__call__(*args, **data)

    @property
    def targets_as_params(self) -> list[str]:
        """Return the names of the data that decide what is drawn."""
        return [LABEL]

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        """Draw a synthetic image's number and its share."""
        low, high = self.blend_range
        return {
            "number": self._source.find_class(data[LABEL]),
            "pick": self.py_random.randrange(MOST_PICKS),
            "blend": self.py_random.uniform(low, high),
        }

    def apply(
        self, img: Any, number: int, pick: int, blend: float, **params: Any
    ) -> Any:
        """Return the image blended with the synthetic one that has that number."""
        if not self._source.has(number):
            return img
        form = find_format(img)
        (drawn,) = self._source.draw(np.array([number]), np.array([pick]))
        synthetic = convert_image(enlarge(drawn, form.size), form)
        if blend == 1:
            return synthetic
        mixed = (1 - blend) * img + blend * synthetic
        mixed = mixed.round() if img.dtype == np.uint8 else mixed
        return mixed.astype(img.dtype)

    def get_transform_init_args_names(self) -> tuple[str, ...]:
        """Return the names of the arguments, for to_dict."""
        return "store", "blend_range", "classes"
