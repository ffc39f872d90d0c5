"""Networks by name, and the builders that unpack a config for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from ganaug.config import ResolvedConfig
from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from ganaug.gan.networks.embedding import (
    ConditionSet,
    Discriminator,
    LatentInput,
    count_conditions,
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

Network = TypeVar("Network", bound=nn.Module)
Builder = Callable[[ResolvedConfig, ConditionSet], Network]
# the third number: channels that images have beside those of the data
PlainBuilder = Callable[[ResolvedConfig, ConditionSet, int], Network]


def build_generator(config: ResolvedConfig, classes: ConditionSet) -> nn.Module:
    """Build a generator: (z (n, latent), y (n,)) → (n, c, h, w), about in [-1, 1].

    Args:
        config: its network, conditioning, grid and sizes are read.
        classes: number of classes, 0 for none; or captions.

    Example:
        >>> from ganaug.config import TrainConfig
        >>> from ganaug.gan.settings.resolve import resolve
        >>> config = resolve(TrainConfig(height=28, width=28))
        >>> generator = build_generator(config, 10)
        >>> z, y = torch.zeros(2, 64), torch.tensor([3, 7])
        >>> generator(z, y).shape
        torch.Size([2, 3, 28, 28])
    """
    family = find_conditioning(config.conditioning).generator
    return _seeded(GENERATORS[family], config, classes, 0)


def build_discriminator(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    """Build a discriminator: (images, y (n,), class weight) → logits (n,).

    With `pack`, an image has the channels of so many. Where the condition is a source
    image, the discriminator gets that in the place of y.
    """
    family = find_conditioning(config.conditioning).discriminator
    return _seeded(DISCRIMINATORS[family], config, classes, 1)


def check_network(name: str) -> str:
    """Return the name where NETWORKS has it; raise ConfigError otherwise."""
    if name not in NETWORKS:
        raise ConfigError(
            f"there is no network {name!r}; choose one of {', '.join(NETWORKS)}"
        )
    return name


def _seeded(
    build: Builder[Network], config: ResolvedConfig, classes: ConditionSet, part: int
) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed * 2 + part)
        return build(config, classes).to(memory_format=torch.channels_last)


def _generate_from_noise(config: ResolvedConfig, classes: ConditionSet) -> nn.Module:
    return _plain_pair(config)[0](config, classes, 0)


def _project_classes(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    return _plain_pair(config)[1](config, classes, 0)


def _show_label_planes(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    planes = count_conditions(classes)
    judge = _plain_pair(config)[1](config, 0, planes)
    return LabelPlanes(judge, planes) if planes else judge


def _plain_pair(
    config: ResolvedConfig,
) -> tuple[PlainBuilder[nn.Module], PlainBuilder[Discriminator]]:
    return NETWORKS[check_network(config.network)]


def _redraw_sources(config: ResolvedConfig, classes: ConditionSet) -> nn.Module:
    """Begin the named network with a source image and z, in place of a class and z.

    What it draws goes over a warp of the source, where its further channel says so.
    """
    generator = _plain_pair(config)[0](config, 0, 1)
    assert isinstance(generator.input, LatentInput)
    height, width, channels = generator.input.shape
    encoder = _build_encoder(config, channels)
    generator.input = SourceInput(
        encoder, config.latent, channels, (height, width), config.slope
    )
    return RedrawGenerator(_warp_sources(config, classes), generator)


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
    # the source image is one more image of the pack
    plain = _plain_pair(config)[1]
    return PairDiscriminator(plain(config, classes, config.channels))


def _r3_generator(
    config: ResolvedConfig, classes: ConditionSet, further: int
) -> nn.Module:
    sizes, widths = _r3_stages(config)
    return R3Generator(
        sizes,
        widths,
        channels=config.channels + further,
        latent=config.latent,
        classes=classes,
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


def _dcgan_generator(
    config: ResolvedConfig, classes: ConditionSet, further: int
) -> nn.Module:
    return DCGANGenerator(
        stage_sizes(config.height, config.width),
        channels=config.channels + further,
        latent=config.latent,
        classes=classes,
        width=config.base_channels,
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


# the network pairs by the name in `TrainConfig.network`: what draws and what judges
NETWORKS: dict[str, tuple[PlainBuilder[nn.Module], PlainBuilder[Discriminator]]] = {
    "r3": (_r3_generator, _r3_discriminator),
    "dcgan": (_dcgan_generator, _dcgan_discriminator),
}
# how a condition enters them, by the names in a `Conditioning`
GENERATORS: dict[str, Builder[nn.Module]] = {
    "from-noise": _generate_from_noise,
    "redraw": _redraw_sources,
    "warp": _warp_sources,
}
DISCRIMINATORS: dict[str, Builder[Discriminator]] = {
    "projection": _project_classes,
    "label-planes": _show_label_planes,
    "pairs": _judge_pairs,
}
