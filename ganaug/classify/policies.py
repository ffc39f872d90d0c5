"""Policies: classical augmentation by albumentations."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.spelling import suggest

SHIFT = 0.125  # largest shift, as a share of each side
CUTOUT = 0.4  # side of the square that cutout blanks, as a share of each side
OPERATIONS = 2  # changes by RandAugment, for each image

Images = NDArray[np.uint8]  # (n, h, w, c)
Augment = Callable[[Images], Images]


def make_policy(
    name: str,
    shape: tuple[int, int, int],
    *,
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
) -> Augment:
    """Make a function that augments each image of a batch on its own.

    Args:
        name, shape, hflip, vflip: as for `list_steps`.
        seed: seed of the random changes; the global random state is not used.

    Raises:
        DataError: there is no such policy.

    Example:
        >>> augment = make_policy("light", (8, 8, 1))
        >>> augment(np.zeros((2, 8, 8, 1), np.uint8)).shape
        (2, 8, 8, 1)
    """
    steps = list_steps(name, shape, hflip=hflip, vflip=vflip)
    if not steps:
        return _copy
    compose = _import_albumentations().Compose(steps, seed=seed)

    def augment(images: Images) -> Images:
        return np.stack([compose(image=image)["image"] for image in images])

    return augment


def list_steps(
    name: str,
    shape: tuple[int, int, int],
    *,
    hflip: bool = False,
    vflip: bool = False,
) -> list[Any]:
    """List the transforms of a policy, for albumentations' Compose.

    Args:
        name: `none`; `shift`, by up to an eighth of each side, edges repeated;
            `light`, which also blanks a square (cutout: DeVries and Taylor, 2017);
            `rand`, which puts two random changes of shape or intensity before that
            (after RandAugment: Cubuk et al., 2020); `shapes`, which is `rand` without
            its changes of light, contrast and sharpness; `jitter`, which makes colour
            and light anything, for classes that only shape tells apart.
        shape: (h, w, c) of the images.
        hflip: whether every second image is mirrored left-right, under any policy.
        vflip: whether every second one is mirrored up-down.

    Raises:
        DataError: there is no such policy.

    Example:
        >>> [type(step).__name__ for step in list_steps("shift", (8, 8, 1), hflip=True)]
        ['PadIfNeeded', 'RandomCrop', 'HorizontalFlip']
    """
    if name not in POLICIES:
        raise DataError(
            f"policy {name!r}{suggest(name, POLICIES)} is not one of "
            f"{', '.join(POLICIES)}"
        )
    host = _import_albumentations()
    steps = POLICIES[name](host, shape)
    flips = [host.HorizontalFlip(p=0.5)] * hflip + [host.VerticalFlip(p=0.5)] * vflip
    return [*steps, *flips]


def _copy(images: Images) -> Images:
    return images.copy()


def _import_albumentations() -> Any:
    """Import albumentations without its search for a newer release."""
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    import albumentations

    return albumentations


def _do_nothing(host: Any, shape: tuple[int, int, int]) -> list[Any]:
    return []


def _shift(host: Any, shape: tuple[int, int, int]) -> list[Any]:
    return _shift_around(host, shape, [])


def _light(host: Any, shape: tuple[int, int, int]) -> list[Any]:
    sides = [max(1, round(CUTOUT * side)) for side in shape[:2]]
    square = host.CoarseDropout(
        num_holes_range=(1, 1),
        hole_height_range=(sides[0], sides[0]),
        hole_width_range=(sides[1], sides[1]),
        fill=128,
        p=1,
    )
    return _shift_around(host, shape, [square])  # so that it may reach over the edge


def _rand(host: Any, shape: tuple[int, int, int]) -> list[Any]:
    changes = [*_change_shape(host), *_change_intensity(host, shape[2])]
    chosen = host.SomeOf(changes, n=OPERATIONS, replace=False, p=1)
    return [chosen, *_light(host, shape)]


def _shapes(host: Any, shape: tuple[int, int, int]) -> list[Any]:
    changes = [*_change_shape(host), host.Posterize((3, 6), p=1)]
    if shape[2] in (1, 3):
        changes.append(host.Equalize(p=1))
    chosen = host.SomeOf(changes, n=OPERATIONS, replace=False, p=1)
    return [chosen, *_light(host, shape)]


def _jitter(host: Any, shape: tuple[int, int, int]) -> list[Any]:
    shapes = host.SomeOf(_change_shape(host), n=1, replace=False, p=1)
    return [*_change_light(host, shape[2]), shapes, *_light(host, shape)]


def _shift_around(
    host: Any, shape: tuple[int, int, int], between: list[Any]
) -> list[Any]:
    height, width = shape[:2]
    wide = [side + 2 * round(side * SHIFT) for side in (height, width)]
    pad = host.PadIfNeeded(wide[0], wide[1], border_mode=EDGE)
    return [pad, *between, host.RandomCrop(height, width)]


def _change_shape(host: Any) -> list[Any]:
    return [
        host.Affine(rotate=(-20, 20), border_mode=EDGE, p=1),
        host.Affine(shear={"x": (-15, 15)}, border_mode=EDGE, p=1),
        host.Affine(shear={"y": (-15, 15)}, border_mode=EDGE, p=1),
        host.Affine(scale=(0.8, 1.2), border_mode=EDGE, p=1),
    ]


def _change_intensity(host: Any, channels: int) -> list[Any]:
    changes = [
        host.RandomBrightnessContrast((-0.3, 0.3), 0, p=1),
        host.RandomBrightnessContrast(0, (-0.4, 0.4), p=1),
        host.RandomGamma((60, 160), p=1),
        host.Posterize((3, 6), p=1),
        host.GaussianBlur((3, 3), (0.3, 1.0), p=1),
    ]
    if channels in (1, 3):  # albumentations equalises and sharpens no others
        changes += [host.Equalize(p=1), host.Sharpen(p=1)]
    return changes


def _change_light(host: Any, channels: int) -> list[Any]:
    changes = [
        host.RandomBrightnessContrast((-0.5, 0.5), (-0.7, 0.7), p=0.9),
        host.RandomGamma((40, 250), p=0.5),
        host.InvertImg(p=0.25),
        host.GaussNoise((0.02, 0.12), p=0.3),
        host.GaussianBlur((3, 3), (0.3, 1.2), p=0.3),
    ]
    if channels == 3:
        hue = host.HueSaturationValue((-90, 90), (-80, 80), (-20, 20), p=0.8)
        changes += [hue, host.ToGray(p=0.15), host.ChannelShuffle(p=0.2)]
    return changes


EDGE = 1  # OpenCV's BORDER_REPLICATE
POLICIES: dict[str, Callable[[Any, tuple[int, int, int]], list[Any]]] = {
    "none": _do_nothing,
    "shift": _shift,
    "light": _light,
    "rand": _rand,
    "shapes": _shapes,
    "jitter": _jitter,
}
