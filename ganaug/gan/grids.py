"""Grids: the sizes at which a GAN can draw, and what a larger one would cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from ganaug.config import ResolvedConfig
from ganaug.data.resize import SHORTEST_SIDE
from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.networks.embedding import Discriminator, Generator
from ganaug.gan.networks.stages import Size
from ganaug.gan.objective.packing import pack_images
from ganaug.gan.settings.length import enough_images
from ganaug.training.weights import count_bytes

SIDES = (32, 48, 64, 96, 128, 192, 256)  # pixels of the longer side
LEAST, MOST = 4, 1024  # that may be asked for
SHOWN = 2  # larger grids whose cost is said
MOST_BYTES = 1 << 28  # of networks that are built to count their work


class Step(NamedTuple):
    """A larger grid: pixels of its longer side, and minutes that it needs here."""

    side: int
    minutes: float


def grid_settings(
    size: Size, side: int, given: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """Return height and width of a grid whose longer side has so many pixels.

    Args:
        size: (height, width) of the images, whose proportion the grid has.
        side: pixels of the longer side; more than the images have is allowed.
        given: settings that the user gave beside it.

    Raises:
        ConfigError: the side is not allowed, or height or width is given too.

    Example:
        >>> grid_settings((300, 600), 64), grid_settings((28, 28), 48)
        ({'height': 32, 'width': 64}, {'height': 48, 'width': 48})
    """
    if not LEAST <= side <= MOST:
        raise ConfigError(
            f"a grid of {side} pixels is not possible; give {LEAST} to {MOST}, such as "
            f"{', '.join(map(str, SIDES))}"
        )
    for name in ("height", "width"):
        if name in (given or {}):
            raise ConfigError(f"--grid and --set {name}=… exclude each other")
    height, width = (
        max(SHORTEST_SIDE, round(pixels * side / max(size))) for pixels in size
    )
    return {"height": height, "width": width}


def list_larger(
    config: ResolvedConfig, size: Size, classes: int, rate: float
) -> list[Step]:
    """List the next larger grids up to the images' size or 256, and their time.

    Those whose networks would be too large to count with are left out.

    The time is that of as many images as such a training should see. A step is taken to
    last as long as its multiplications, of which both networks are asked; on a CPU that
    was within a tenth from 32 to 48 pixels.

    Args:
        config: configuration at the grid that was chosen.
        size: (height, width) of the user's images.
        classes: number of classes.
        rate: images per second at that grid; 0 if nobody timed it.
    """
    kind = find_conditioning(config.conditioning)
    if not rate or kind.captions or kind.sources:
        return []
    now, largest = max(config.height, config.width), min(max(size), SIDES[-1])
    sides = [side for side in (*SIDES, largest) if now < side <= largest]
    larger = {
        side: config.replace(**grid_settings(size, side))
        for side in sorted(set(sides))[:SHOWN]
    }
    light = {
        side: each
        for side, each in larger.items()
        if count_bytes(*list_builds(each, classes)) <= MOST_BYTES
    }
    if not light:
        return []
    each_second = rate * count_work(config, classes)
    return [
        Step(side, math.ceil(enough_images((side, side)) * work / each_second / 60))
        for side, work in ((side, count_work(c, classes)) for side, c in light.items())
    ]


@torch.no_grad()
def count_work(config: ResolvedConfig, classes: int) -> int:
    """Count the multiplications and additions of both networks for one image."""
    build_g, build_d = list_builds(config, classes)
    generator, discriminator = build_g().eval(), build_d().eval()
    n = config.pack
    y = torch.zeros(n, dtype=torch.long)
    with FlopCounterMode(display=False) as counter:
        fake = generator(torch.zeros(n, config.latent), generator.embed(y))
        discriminator(pack_images(fake, n), y[:1])
    return int(counter.get_total_flops()) // n


def list_builds(
    config: ResolvedConfig, classes: int
) -> tuple[Callable[[], Generator], Callable[[], Discriminator]]:
    """Return functions that build the generator and the discriminator."""
    known = classes if find_conditioning(config.conditioning).conditioned else 0
    return (
        partial(build_generator, config, known),
        partial(build_discriminator, config, known),
    )
