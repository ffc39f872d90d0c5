"""Corruptions: what cameras and files do to images, each at five severities.

After ImageNet-C (Hendrycks and Dietterich, "Benchmarking neural network robustness to
common corruptions and perturbations", 2019), for images of 32 to 64 pixels: severities
are those of its version of 64 pixels, and blur grows with the image, as wide as in
CIFAR-10-C at 32 pixels. `hue` is no part of it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from ganaug.errors import ConfigError
from ganaug.spelling import suggest

Images = NDArray[np.uint8]  # (n, h, w, c), c of 1 or 3
Change = Callable[[NDArray[np.uint8], float, np.random.Generator], NDArray[np.floating]]

SEVERITIES = 5
CHANNELS = (1, 3)
COLOURED = ("hue",)  # corruptions that grey images do not have
SIDE = 32  # pixels of a side that the widths of blur are for


def corrupt(images: Images, name: str, severity: int, *, seed: int = 0) -> Images:
    """Corrupt each image on its own; equal images become equal ones.

    Args:
        images: (n, h, w, c) uint8, c of 1 or 3.
        name: `noise`, `blur`, `contrast`, `brightness`, `jpeg` or `hue`.
        severity: 1, the mildest, to 5.
        seed: seed of noise and of the direction that a hue turns in.

    Raises:
        ConfigError: there is no such corruption or severity, or grey images have no
            hue.

    Example:
        >>> x = np.full((1, 2, 2, 1), 100, np.uint8)
        >>> corrupt(x, "brightness", 1)[0, 0, 0].tolist()
        [125]
    """
    allowed = list_corruptions(images.shape[3])
    if name not in allowed:
        raise ConfigError(
            f"corruption {name!r}{suggest(name, allowed)} is not one of "
            f"{', '.join(allowed)}"
        )
    if not 1 <= severity <= SEVERITIES:
        raise ConfigError(f"severity={severity} must lie in [1, {SEVERITIES}]")
    change, amounts = CORRUPTIONS[name]
    made = np.empty_like(images)
    for k, image in enumerate(images):
        rng = np.random.default_rng(_seed(image, name, severity, seed))
        changed = change(image, amounts[severity - 1], rng)
        made[k] = np.clip(np.rint(changed), 0, 255).astype(np.uint8)
    return made


def list_corruptions(channels: int) -> tuple[str, ...]:
    """List the corruptions of images with so many channels.

    Example:
        >>> list_corruptions(1)
        ('noise', 'blur', 'contrast', 'brightness', 'jpeg')
    """
    return tuple(n for n in CORRUPTIONS if channels == 3 or n not in COLOURED)


def _seed(image: NDArray[np.uint8], name: str, severity: int, seed: int) -> int:
    digest = hashlib.sha256(f"{seed} {name} {severity} ".encode())
    digest.update(np.ascontiguousarray(image).tobytes())
    return int.from_bytes(digest.digest()[:8], "little")


def _add_noise(
    image: NDArray[np.uint8], deviation: float, rng: np.random.Generator
) -> NDArray[np.floating]:
    return image + 255 * deviation * rng.standard_normal(image.shape)


def _blur(
    image: NDArray[np.uint8], sigma: float, rng: np.random.Generator
) -> NDArray[np.floating]:
    wide = sigma * max(image.shape[:2]) / SIDE
    blurred: NDArray[np.float64] = gaussian_filter(
        image.astype(np.float64), (wide, wide, 0), mode="nearest"
    )
    return blurred


def _lower_contrast(
    image: NDArray[np.uint8], factor: float, rng: np.random.Generator
) -> NDArray[np.floating]:
    means = image.mean(axis=(0, 1), keepdims=True)
    return np.asarray(means + factor * (image - means))


def _brighten(
    image: NDArray[np.uint8], amount: float, rng: np.random.Generator
) -> NDArray[np.floating]:
    """Add to the value of hue, saturation and value."""
    value = image.max(axis=2, keepdims=True).astype(np.float64)
    more = np.minimum(value + 255 * amount, 255)
    scaled = image * (more / np.maximum(value, 1))
    return np.asarray(np.where(value > 0, scaled, more))


def _compress(
    image: NDArray[np.uint8], quality: float, rng: np.random.Generator
) -> NDArray[np.floating]:
    grey = image.shape[2] == 1
    buffer = io.BytesIO()
    Image.fromarray(image[..., 0] if grey else image).save(
        buffer, "JPEG", quality=int(quality)
    )
    return np.asarray(Image.open(buffer), np.float64).reshape(image.shape)


def _turn_hue(
    image: NDArray[np.uint8], degrees: float, rng: np.random.Generator
) -> NDArray[np.floating]:
    turned = np.asarray(Image.fromarray(image).convert("HSV")).copy()
    turned[..., 0] += np.uint8(round(degrees / 360 * 256) * rng.choice([-1, 1]) % 256)
    height, width, _ = image.shape
    made = Image.frombytes("HSV", (width, height), turned.tobytes())
    return np.asarray(made.convert("RGB"), np.float64)


CORRUPTIONS: dict[str, tuple[Change, tuple[float, ...]]] = {
    "noise": (_add_noise, (0.04, 0.08, 0.12, 0.15, 0.18)),  # deviation, share of 255
    "blur": (_blur, (0.4, 0.6, 0.7, 0.8, 1.0)),
    "contrast": (_lower_contrast, (0.4, 0.3, 0.2, 0.1, 0.05)),
    "brightness": (_brighten, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "jpeg": (_compress, (65, 58, 50, 40, 25)),
    "hue": (_turn_hue, (20, 40, 70, 110, 180)),
}
