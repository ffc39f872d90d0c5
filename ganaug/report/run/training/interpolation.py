"""Interpolation: images between two synthetic images, and between two classes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.gan.generators import Generators, map_chunks
from ganaug.gan.inputs.latents import draw_latents
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import spread_evenly

STEPS = 9  # images from one end to the other
ROWS = 6  # rows within classes, and rows between classes
SIDE = 96  # most pixels of an image's longer side


def describe_interpolations(material: RunMaterial) -> dict[str, Any] | None:
    """Return rows of images between two latents of a class, and between two classes."""
    if material.synthesizer is None:
        return None
    made = material.synthesizer.generators
    chosen = [made.classes[k] for k in spread_evenly(len(made.classes), ROWS + 1)]
    within = [_describe_within(made, name) for name in chosen[:ROWS]]
    between = [
        row
        for a, b in pairwise(chosen)
        if (row := _describe_between(made, a, b)) is not None
    ]
    return {"within": within, "between": between[:ROWS], "steps": STEPS}


def slerp(
    a: NDArray[np.floating], b: NDArray[np.floating], t: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return points on the great circle from a to b, which are as long as a and b.

    Shoemake, "Animating rotation with quaternion curves" (1985); for latents White,
    "Sampling generative networks" (2016), section 2.1.

    Args:
        a, b: (d,) ends.
        t: (n,) positions from 0 (a) to 1 (b).

    Returns:
        (n, d) float32.

    Example:
        >>> slerp(np.array([1.0, 0]), np.array([0, 1.0]), np.array([0.5])).round(2)
        array([[0.71, 0.71]], dtype=float32)
    """
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    cosine = float(a @ b / lengths) if lengths > 0 else 1.0
    angle = np.arccos(np.clip(cosine, -1, 1))
    t = np.asarray(t)[:, None]
    if np.sin(angle) < 1e-6:  # the same direction, or opposite ones: a straight line
        return np.asarray((1 - t) * a + t * b, np.float32)
    points = np.sin((1 - t) * angle) * a + np.sin(t * angle) * b
    return np.asarray(points / np.sin(angle), np.float32)


def _describe_within(made: Generators, name: str) -> dict[str, Any]:
    a, b = draw_latents(0, name, [0, 1], made.config.latent)
    z = torch.from_numpy(slerp(a, b, np.linspace(0, 1, STEPS)))
    y = torch.full((STEPS,), made.classes.index(name))
    return {"name": name, "images": _show(map_chunks(made.draw, z, y))}


def _describe_between(made: Generators, a: str, b: str) -> dict[str, Any] | None:
    """Draw one latent from class a to b; None if each network has a single class."""
    ends = made.embed_classes(torch.tensor([made.classes.index(k) for k in (a, b)]))
    if ends is None:
        return None
    first, last = ends.cpu().numpy()
    steps = torch.from_numpy(slerp(first, last, np.linspace(0, 1, STEPS)))
    z = torch.from_numpy(draw_latents(0, a, [0], made.config.latent))
    images = map_chunks(made.draw_embedded, z.expand(STEPS, -1), steps)
    return {"name": a, "other": b, "images": _show(images)}


def _show(images: torch.Tensor) -> list[InlineImage]:
    return [encode_image(image, side=SIDE) for image in images.numpy()]
