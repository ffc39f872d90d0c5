"""Transforms of a recipe: an albumentations Compose from pictures to tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from albumentations import Compose, Normalize
from albumentations.core.transforms_interface import ImageOnlyTransform
from albumentations.pytorch import ToTensorV2
from numpy.typing import NDArray

from ganaug.data.resize import resize_pixels
from ganaug.errors import DataError
from ganaug.plugins.recipes.worker_seeds import WorkerSeeds

Image = NDArray[np.uint8]
Levels = float | Sequence[float]


def compose(
    size: tuple[int, int], steps: list[Any], *, mean: Levels, std: Levels, seed: int
) -> RecipeCompose:
    """Compose a transform from a picture of any size to a tensor.

    Args:
        size: (height, width) that it gets first.
        steps: transforms of images at that size.
        mean, std: of the values in [0, 1], one for all channels or one for each.
        seed: decides the random numbers.

    Returns:
        (h, w), (h, w, c) uint8 or a PIL image → (c, height, width) float32.

    Example:
        >>> transform = compose((4, 6), [], mean=0.5, std=0.5, seed=0)
        >>> transform(np.full((8, 8, 3), 255, np.uint8)).shape
        torch.Size([3, 4, 6])
    """
    ends = [Normalize(mean, std, max_pixel_value=255.0), ToTensorV2()]
    return RecipeCompose([FitSize(*size), *steps, *ends], seed=seed)


class RecipeCompose(Compose):  # type: ignore[misc]
    """A Compose that torchvision's Datasets can call, with a picture alone.

    In each worker of a DataLoader, and in each epoch, it draws other random numbers.
    """

    def __call__(
        self, *args: Any, force_apply: bool = False, **data: Any
    ) -> dict[str, Any] | Any:
        """Return the transformed image, in a dict if it came by name."""
        seed = self.__dict__.setdefault("_worker_seeds", WorkerSeeds()).find_new()
        if seed is not None:
            self.set_random_seed(seed)
        if not args:
            return super().__call__(force_apply=force_apply, **data)
        (picture,) = args
        return super().__call__(force_apply=force_apply, image=np.array(picture))[
            "image"
        ]


class FitSize(ImageOnlyTransform):  # type: ignore[misc]
    """Bring an image to a size as ganaug does, antialiased, and give it channels.

    Args:
        height, width: pixels wanted.

    Targets:
        image, uint8 (h, w) or (h, w, c).
    """

    class InitSchema(ImageOnlyTransform.InitSchema):  # type: ignore[misc]
        height: int
        width: int

    def __init__(self, height: int, width: int, p: float = 1.0) -> None:
        super().__init__(p=p)
        self.height, self.width = height, width

    def apply(self, img: Image, **params: Any) -> Image:
        """Return the image at that size, (height, width, c)."""
        if img.dtype != np.uint8:
            raise DataError(
                f"a recipe's transform got an image of {img.dtype}; give uint8 images, "
                "which it normalises itself"
            )
        pixels = img[..., None] if img.ndim == 2 else img
        return resize_pixels(pixels, (self.height, self.width))

    def get_transform_init_args_names(self) -> tuple[str, ...]:
        """Return the names of the arguments, for to_dict."""
        return "height", "width"
