"""The network pairs by name, and the builder that unpacks a config for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from ganaug.config import ResolvedConfig
from ganaug.errors import ConfigError
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


def build_generator(config: ResolvedConfig, classes: ConditionSet) -> nn.Module:
    """A new generator: (z (n, latent), y (n,)) → (n, c, h, w), [-1, 1] or nearly so.

    Args:
        config: its network, grid and sizes are read.
        classes: number of classes, 0 for an unconditional one; or captions.

    Example:
        >>> from ganaug.config import ResolvedConfig
        >>> from ganaug.gan.settings.resolve import resolve
        >>> config = resolve(TrainConfig(height=28, width=28))
        >>> generator = build_generator(config, 10)
        >>> z, y = torch.zeros(2, 64), torch.tensor([3, 7])
        >>> generator(z, y).shape
        torch.Size([2, 3, 28, 28])
    """
    own = NETWORKS[check_network(config.network)]
    return _seeded(TOLD_BY_IMAGES.get(config.conditioning, own)[0], config, classes, 0)


def build_discriminator(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    """A new discriminator: (images, y (n,), class weight) → logits (n,).

    With `pack` its images have so many times the channels. Networks that are told by
    images get those in the place of y.
    """
    own = NETWORKS[check_network(config.network)]
    return _seeded(TOLD_BY_IMAGES.get(config.conditioning, own)[1], config, classes, 1)


def check_network(name: str) -> str:
    """The name, of NETWORKS; another one raises ConfigError."""
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


def _r3_generator(
    config: ResolvedConfig, classes: ConditionSet, further: int = 0
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


def _r3_discriminator(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    sizes, widths = _r3_stages(config)
    planes = _count_planes(config, classes)
    judge = R3Discriminator(
        sizes,
        widths,
        channels=config.channels * config.pack + planes,
        classes=0 if planes else classes,
        depth=config.depth,
        size=(config.height, config.width),
        batch_std=config.batch_std,
    )
    return LabelPlanes(judge, planes) if planes else judge


def _r3_stages(config: ResolvedConfig) -> tuple[list[Size], list[int]]:
    sizes = stage_sizes(config.height, config.width)
    if config.stem == "strided" and len(sizes) > 1:
        sizes = sizes[:-1]
    return sizes, stage_channels(len(sizes), config.base_channels, config.max_channels)


def _dcgan_generator(
    config: ResolvedConfig, classes: ConditionSet, further: int = 0
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
    config: ResolvedConfig, classes: ConditionSet
) -> Discriminator:
    planes = _count_planes(config, classes)
    judge = DCGANDiscriminator(
        stage_sizes(config.height, config.width),
        channels=config.channels * config.pack + planes,
        classes=0 if planes else classes,
        width=config.base_channels,
        norm=config.norm_d,
        slope=config.slope_d,
        batch_std=config.batch_std,
    )
    return LabelPlanes(judge, planes) if planes else judge


def _count_planes(config: ResolvedConfig, classes: ConditionSet) -> int:
    return count_conditions(classes) if config.conditioning == "concat" else 0


def _image_generator(config: ResolvedConfig, classes: ConditionSet) -> nn.Module:
    """The named network, begun by a source and z in the place of a class and z.

    What it draws goes over a warp of the source, where its further channel says so.
    """
    if config.network not in DRAWERS:
        raise ConfigError(
            f"network={config.network} cannot start from an image; choose one of "
            f"{', '.join(DRAWERS)} with conditioning={config.conditioning}"
        )
    generator = DRAWERS[config.network](config, 0, 1)
    assert isinstance(generator.input, LatentInput)
    height, width, channels = generator.input.shape
    encoder = _build_encoder(config, channels)
    generator.input = SourceInput(
        encoder, config.latent, channels, (height, width), config.slope
    )
    return RedrawGenerator(_warp_generator(config, classes), generator)


def _warp_generator(config: ResolvedConfig, classes: ConditionSet) -> WarpGenerator:
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


def _pair_discriminator(config: ResolvedConfig, classes: ConditionSet) -> Discriminator:
    # the source is one more image of the pack
    inner = config.replace(pack=config.pack + 1)
    return PairDiscriminator(NETWORKS[config.network][1](inner, classes))


NETWORKS: dict[str, tuple[Builder[nn.Module], Builder[Discriminator]]] = {
    "r3": (_r3_generator, _r3_discriminator),
    "dcgan": (_dcgan_generator, _dcgan_discriminator),
}
# generators with so many channels beside the image's, begun by a `LatentInput`
DRAWERS: dict[str, Callable[[ResolvedConfig, ConditionSet, int], nn.Module]] = {
    "r3": _r3_generator,
    "dcgan": _dcgan_generator,
}
# of conditionings by images; `DRAWERS` and `NETWORKS` have what draws and judges
TOLD_BY_IMAGES: dict[str, tuple[Builder[nn.Module], Builder[Discriminator]]] = {
    "image": (_image_generator, _pair_discriminator),
    "image-warp": (_warp_generator, _pair_discriminator),
}
