"""Checks before a network learns: does it accept the images, is it still the same?"""

from __future__ import annotations

import hashlib
import re

import torch
from torch import Tensor, nn

from ganaug.errors import ConfigError
from ganaug.gain.classifiers.digests import digest_code
from ganaug.gain.classifiers.specs import Build, ClassifierSpec, OnFeatures


def check_network(
    spec: ClassifierSpec, size: tuple[int, int], channels: int, n_classes: int
) -> None:
    """Pass two images through a network, as a fit would.

    Raises:
        ConfigError: the network fails, or returns anything but (2, n_classes) logits.
    """
    if isinstance(spec.build, OnFeatures):
        return
    network = spec.build(size, channels, n_classes, 0)
    wanted = f"{spec.phrase} must return (n, {n_classes}) logits"
    images = torch.zeros(2, channels, *size)
    try:
        found = network.train()(images)
    except Exception as error:
        raise ConfigError(
            f"{wanted}; for images with {size[0]}×{size[1]} pixels and {channels} "
            f"channels it raised {type(error).__name__}: {error}"
        ) from error
    shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
    if shape != (2, n_classes):
        raise ConfigError(f"{wanted}, but it returned {shape} for two images")


def digest_network(
    build: Build, size: tuple[int, int], channels: int, n_classes: int
) -> str:
    """Return a digest of an untrained network: layers, code and initial weights.

    Weights are omitted where two networks with the same seed differ in them.
    """
    network, other = (build(size, channels, n_classes, 0) for _ in range(2))
    layers = re.sub(r" at 0x[0-9a-f]+", "", repr(network))  # addresses in memory
    digest = hashlib.sha256(layers.encode())
    for layer in network.modules():
        if not type(layer).__module__.startswith(("torch.", "torchvision.")):
            digest.update(digest_code(type(layer).forward).encode())
    values, others = _known_weights(network), _known_weights(other)
    digest.update(repr([(k, tuple(v.shape)) for k, v in values.items()]).encode())
    if all(k in others and torch.equal(v, others[k]) for k, v in values.items()):
        for value in values.values():
            plain = value.cpu().reshape(-1).view(torch.uint8)  # numpy lacks bfloat16
            digest.update(plain.numpy().tobytes())
    return digest.hexdigest()


def _known_weights(network: nn.Module) -> dict[str, Tensor]:
    found = network.state_dict().items()
    return {k: v for k, v in found if isinstance(v, Tensor)}
