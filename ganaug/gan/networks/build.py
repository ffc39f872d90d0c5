"""Networks by name, and functions that build them from a config."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from ganaug.config import ResolvedConfig
from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditioners import ConditionSet, count_conditions
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.networks.dcgan import (
    DCGANDiscriminator,
    DCGANGenerator,
    double_widths,
)
from ganaug.gan.networks.embedding import (
    Discriminator,
    Generator,
    GridInput,
    LatentInput,
)
from ganaug.gan.networks.image_to_image import (
    PairDiscriminator,
    RedrawGenerator,
    SourceEncoder,
    SourceInput,
    WarpGenerator,
)
from ganaug.gan.networks.label_planes import LabelPlanes
from ganaug.gan.networks.r3 import R3Discriminator, R3Generator
from ganaug.gan.networks.stages import Size, stage_channels, stage_sizes
from ganaug.spelling import suggest

Network = TypeVar("Network", bound=nn.Module)
Builder = Callable[[ResolvedConfig, ConditionSet], Network]


@dataclass(frozen=True)
class NetworkPair:
    """A generator and a discriminator that suit each other.

    Attributes:
        first_grid: function of a config that returns the channels and (h, w) of the
            generator's first grid.
        draw: function of a config, the module that makes the first grid, and the
            channels of the image; returns a generator.
        judge: function of a config, the conditions, and the channels that D gets beside
            those of its images; returns a discriminator.
    """

    first_grid: Callable[[ResolvedConfig], tuple[int, Size]]
    draw: Callable[[ResolvedConfig, GridInput, int], Generator]
    judge: Callable[[ResolvedConfig, ConditionSet, int], Discriminator]


def build_generator(config: ResolvedConfig, classes: ConditionSet) -> Generator:
    """Build a generator of images (n, c, h, w), roughly in [-1, 1].

    Args:
        config: configuration with the network's name, the conditioning and the sizes.
        classes: number of classes, 0 for none; or captions.

    Example:
        >>> from ganaug.config import TrainConfig
        >>> from ganaug.gan.settings.resolve import resolve_config
        >>> config = resolve_config(TrainConfig(height=28, width=28))
        >>> generator = build_generator(config, 10)
        >>> z, y = torch.zeros(2, 64), torch.tensor([3, 7])
        >>> generator(z, generator.embed(y)).shape
        torch.Size([2, 3, 28, 28])
    """
    family = find_conditioning(config.conditioning).generator
    return _seeded(GENERATORS[family], config, classes, 0)


def build_discriminator(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    """Build a discriminator of images, conditions and a class weight: logits (n,).

    With `pack`, it takes that many images as one, joined along their channels.
    """
    family = find_conditioning(config.conditioning).discriminator
    return _seeded(DISCRIMINATORS[family], config, classes, 1)


def check_network(name: str) -> str:
    """Return the name; raise ConfigError unless NETWORKS has it."""
    if name not in NETWORKS:
        raise ConfigError(
            f"there is no network {name!r}{suggest(name, NETWORKS)}; choose one of "
            f"{', '.join(NETWORKS)}"
        )
    return name


def _seeded(
    build: Builder[Network], config: ResolvedConfig, classes: ConditionSet, part: int
) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed * 2 + part)
        return build(config, classes).to(memory_format=torch.channels_last)


def _generate_from_noise(config: ResolvedConfig, classes: ConditionSet) -> Generator:
    first = _latent_input(config, classes)
    return _find_pair(config).draw(config, first, config.channels)


def _latent_input(config: ResolvedConfig, classes: ConditionSet) -> LatentInput:
    width, size = _find_pair(config).first_grid(config)
    return LatentInput(config.latent, classes, width, size)


def _project_classes(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    return _find_pair(config).judge(config, classes, 0)


def _show_label_planes(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    planes = count_conditions(classes)
    judge = _find_pair(config).judge(config, 0, planes)
    return LabelPlanes(judge, planes) if planes else judge


def _find_pair(config: ResolvedConfig) -> NetworkPair:
    return NETWORKS[check_network(config.network)]


def _redraw_sources(config: ResolvedConfig, classes: ConditionSet) -> Generator:
    """Build a generator that bends a source image and draws over parts of it.

    The named network draws; it begins with the source image and z, in place of a class
    and z, and a further channel of its output says where its drawing shows.
    """
    pair, channels = _find_pair(config), config.channels + 1
    width, size = pair.first_grid(config)
    # weights are drawn in this order in every version, so that a seed always gives the
    # same ones: latent input, network, input of the source image, warp
    start = torch.get_rng_state()
    pair.draw(config, _latent_input(config, 0), channels)
    encoder = _build_encoder(config, width)
    source = SourceInput(encoder, config.latent, width, size, config.slope)
    warp = _warp_sources(config, classes)
    torch.set_rng_state(start)
    _latent_input(config, 0)
    return RedrawGenerator(warp, pair.draw(config, source, channels))


def _warp_sources(config: ResolvedConfig, classes: ConditionSet) -> WarpGenerator:
    width = 2 * config.base_channels
    height, breadth = stage_sizes(config.height, config.width)[0]
    return WarpGenerator(
        _build_encoder(config, width),
        latent=config.latent,
        features=width * height * breadth,
        channels=config.channels,
        size=(config.height, config.width),
        slope=config.slope,
    )


def _build_encoder(config: ResolvedConfig, width: int) -> SourceEncoder:
    return SourceEncoder(
        config.channels,
        halvings=len(stage_sizes(config.height, config.width)) - 1,
        base=config.base_channels,
        width=width,
        norm="batch" in (config.norm or ""),
        slope=config.slope,
    )


def _judge_pairs(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    # the source image is joined to the image as one more image of a pack
    inner = _find_pair(config).judge(config, classes, config.channels)
    return PairDiscriminator(inner)


def _r3_first_grid(config: ResolvedConfig) -> tuple[int, Size]:
    sizes, widths = _r3_stages(config)
    return widths[0], sizes[0]


def _r3_generator(config: ResolvedConfig, first: GridInput, channels: int) -> Generator:
    sizes, widths = _r3_stages(config)
    return R3Generator(
        sizes,
        widths,
        first=first,
        channels=channels,
        depth=config.depth,
        size=(config.height, config.width),
    )


def _r3_discriminator(
    config: ResolvedConfig, classes: ConditionSet, further: int
) -> Discriminator:
    sizes, widths = _r3_stages(config)
    return R3Discriminator(
        sizes,
        widths,
        channels=config.channels * config.pack + further,
        classes=classes,
        depth=config.depth,
        size=(config.height, config.width),
        batch_std=config.batch_std,
    )


def _r3_stages(config: ResolvedConfig) -> tuple[list[Size], list[int]]:
    sizes = stage_sizes(config.height, config.width)
    if config.stem == "strided" and len(sizes) > 1:
        sizes = sizes[:-1]
    return sizes, stage_channels(len(sizes), config.base_channels, config.max_channels)


def _dcgan_first_grid(config: ResolvedConfig) -> tuple[int, Size]:
    sizes, widths = _dcgan_stages(config)
    return widths[0], sizes[0]


def _dcgan_generator(
    config: ResolvedConfig, first: GridInput, channels: int
) -> Generator:
    sizes, widths = _dcgan_stages(config)
    return DCGANGenerator(
        sizes,
        widths,
        first=first,
        channels=channels,
        norm=config.norm,
        slope=config.slope,
    )


def _dcgan_discriminator(
    config: ResolvedConfig, classes: ConditionSet, further: int
) -> Discriminator:
    return DCGANDiscriminator(
        stage_sizes(config.height, config.width),
        channels=config.channels * config.pack + further,
        classes=classes,
        width=config.base_channels,
        norm=config.norm_d,
        slope=config.slope_d,
        batch_std=config.batch_std,
    )


def _dcgan_stages(config: ResolvedConfig) -> tuple[list[Size], list[int]]:
    sizes = stage_sizes(config.height, config.width)
    return sizes, double_widths(sizes, config.base_channels)


# network pairs, by the names in `TrainConfig.network`
NETWORKS: dict[str, NetworkPair] = {
    "r3": NetworkPair(_r3_first_grid, _r3_generator, _r3_discriminator),
    "dcgan": NetworkPair(_dcgan_first_grid, _dcgan_generator, _dcgan_discriminator),
}
# ways for a condition to enter the networks, by the names in a `Conditioning`
GENERATORS: dict[str, Builder[Generator]] = {
    "from-noise": _generate_from_noise,
    "redraw": _redraw_sources,
    "warp": _warp_sources,
}
DISCRIMINATORS: dict[str, Builder[Discriminator]] = {
    "projection": _project_classes,
    "label-planes": _show_label_planes,
    "pairs": _judge_pairs,
}
