"""The file that a store of styled images is drawn by: styles, settings, a network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.errors import CheckpointError
from ganaug.files import refuse_damage
from ganaug.records import Types, conform_fields
from ganaug.training.weights import WEIGHTS_CURE, load_tensors, save_tensors
from ganaug.translate.networks.style_generator import StyleGenerator
from ganaug.translate.style.settings import KIND, StyleConfig
from ganaug.translate.style.styles import GIVEN, MODES, StyleSet
from ganaug.translate.style.training import open_generator
from ganaug.translate.style.transfer import FEATURES, StyleTransfer

SETTINGS = ("engine", "features", "alpha", "strength", "preserve_colour", "seed")
SHOWN = "style.{}"  # tensor of a style image, by its number
NETWORK = "network."  # start of the names of the generator's weights


@dataclass(frozen=True, eq=False)
class StyleFile:
    """What a store of styled images is drawn by, but for its real images.

    Attributes:
        mode: which styles a content takes, see `StyleSet.find_styles`.
        settings: arguments of `StyleTransfer`, but for the styles and the device.
        styles: style images; None where they are the store's real ones.
        generator: configuration and network of engine=generate, or None.
    """

    mode: str
    settings: dict[str, Any]
    styles: StyleSet | None
    generator: tuple[StyleConfig, StyleGenerator] | None

    def open(
        self, contents: LabelledImages, own: StyleSet, device: str
    ) -> StyleTransfer:
        """Return what draws, given the real images, and these as styles.

        Raises:
            MissingExtraError: weights that were named cannot be read any more.
        """
        styles = own if self.styles is None else self.styles
        transfer = StyleTransfer(styles, **self.settings, device=device)
        if self.generator is None:
            return transfer.fit(contents)
        transfer.use(*self.generator)
        return transfer


def describe_settings(transfer: StyleTransfer) -> dict[str, Any]:
    """Return the arguments that a transfer was made with, as plain values."""
    values = {name: getattr(transfer, name) for name in SETTINGS}
    features = transfer.features
    if features not in FEATURES:  # a file: it shall be found from anywhere
        features = os.path.abspath(features)
    return {**values, "features": str(features)}


def save_style_file(path: Path, transfer: StyleTransfer, mode: str) -> None:
    """Write what draws; styles that are real images of the store are left out.

    Raises:
        CheckpointError: the disk refuses.
    """
    tensors: dict[str, Tensor] = {}
    names: list[str] = []
    if mode == GIVEN:
        names = list(transfer.styles.names)
        tensors = {
            SHOWN.format(i): torch.from_numpy(np.ascontiguousarray(image))
            for i, image in enumerate(transfer.styles.images)
        }
    values = {
        "kind": KIND,
        "mode": mode,
        "settings": describe_settings(transfer),
        "names": names,
    }
    if transfer.generator is not None:
        config, network = transfer.generator
        values["config"] = config.to_dict()
        tensors |= {NETWORK + k: v for k, v in network.state_dict().items()}
    tensors = tensors or {"none": torch.zeros(1)}  # a file without tensors is refused
    save_tensors(path, tensors, values)


def load_style_file(path: Path) -> StyleFile:
    """Read what `save_style_file` wrote.

    Raises:
        CheckpointError: the file is missing, damaged, altered, or of something else.
    """
    tensors, values = load_tensors(path)
    if values.get("kind") != KIND:
        raise CheckpointError(f"{path} draws no styled images")
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        found = conform_fields(values, FILE_TYPES)
        if found["mode"] not in MODES:
            raise ValueError(f"its mode {found['mode']!r} is not known")
        settings = conform_fields(found["settings"], SETTING_TYPES)
        styles = None
        if found["mode"] == GIVEN:
            images = [_read(tensors, i) for i in range(len(found["names"]))]
            styles = StyleSet(tuple(images), found["names"])
    generator = None
    if "config" in found:
        with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
            config = StyleConfig.from_dict(found["config"])
        own = {
            k.removeprefix(NETWORK): v
            for k, v in tensors.items()
            if k.startswith(NETWORK)
        }
        generator = config, open_generator(config, own, path)
    return StyleFile(found["mode"], settings, styles, generator)


def _read(tensors: dict[str, Tensor], number: int) -> NDArray[np.uint8]:
    name = SHOWN.format(number)
    if name not in tensors:
        raise ValueError(f"it lacks {name}")
    image = tensors[name]
    if image.dtype != torch.uint8 or image.ndim != 3 or image.shape[2] not in (1, 3, 4):
        raise ValueError(f"{name} is no image")
    return np.asarray(image.numpy())


FILE_TYPES: Types = {
    "kind": str,
    "mode": str,
    "settings": dict[str, Any],
    "names": tuple[str, ...],
    "config?": dict[str, Any],
}
SETTING_TYPES: Types = {
    "engine": str,
    "features": str,
    "alpha": float,
    "strength": float,
    "preserve_colour": bool,
    "seed": int,
}
