"""Generators that draw noise, and digests of the folders that tests make."""

import hashlib

import torch

from ganaug.config import TrainConfig
from ganaug.gan.generators import Generators, Member, save_generators
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.networks.build import build_generator
from ganaug.gan.settings.resolve import resolve_config

CLASSES = ("ant", "bee", "cat")


def save_untrained(
    folder, *, channels=3, classes=CLASSES, data_size=(8, 12), digest="", **settings
):
    """Save a generator file of 8×12 images in a new folder."""
    config = TrainConfig(
        **{
            "height": 8, "width": 12, "channels": channels, "base_channels": 16,
            "max_channels": 16, "latent": 8, **settings,
        }
    )  # fmt: skip
    config = resolve_config(config) if settings else config
    conditioning = find_conditioning(config.conditioning)
    groups = [(name,) for name in classes] if conditioning.per_class else [classes]
    members = tuple(
        Member(build_generator(config, len(own) * conditioning.conditioned).eval(), own)
        for own in groups
    )
    cpu, span = torch.device("cpu"), full_span(channels)
    generators = Generators(config, classes, members, data_size, digest, cpu, span)
    folder.mkdir()
    save_generators(folder / "generator.safetensors", generators)
    return folder


def digests(folder):
    """Return path in the folder → digest of the file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
