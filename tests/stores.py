"""Generators that draw noise, and digests of the folders that tests make."""

import hashlib

import torch

from ganaug.config import TrainConfig
from ganaug.gan.generators import Generators, Member, save_generators
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.networks.build import build_generator

CLASSES = ("ant", "bee", "cat")


def save_untrained(folder, *, channels=3, classes=CLASSES, data_size=(8, 12)):
    """Save a generator file of 8×12 images in a new folder."""
    config = TrainConfig(
        height=8,
        width=12,
        channels=channels,
        base_channels=16,
        max_channels=16,
        latent=8,
    )
    network = build_generator(config, len(classes)).eval()
    members = (Member(network, classes),)
    cpu, span = torch.device("cpu"), full_span(channels)
    generators = Generators(config, classes, members, data_size, "", cpu, span)
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
