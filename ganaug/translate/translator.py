"""Translator: a trained network that carries images into another domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.resize import Size, check_size, resize_images
from ganaug.display.words import count
from ganaug.engine import pick_device
from ganaug.errors import CheckpointError, ConfigError, DataError
from ganaug.files import refuse_damage
from ganaug.gan.generators import map_chunks
from ganaug.gan.inputs.latents import draw_latents
from ganaug.gan.inputs.value_range import Span, read_span
from ganaug.records import Types, conform_fields
from ganaug.spelling import suggest
from ganaug.training.weights import (
    WEIGHTS_CURE,
    fit_network,
    load_tensors,
    save_tensors,
)
from ganaug.translate.networks.generator import DomainGenerator
from ganaug.translate.settings import KIND, TranslateConfig
from ganaug.translate.trainer import build_generator

GENERATOR = "generator.safetensors"
Domain = str | Sequence[str] | Sequence[int] | NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Translator:
    """Carries images into domains: the same object, as it looks there.

    Attributes:
        config: configuration of the training.
        classes: names of the classes that it was trained on; others work too.
        domains: names of the domains that it carries images into.
        data_size: (height, width) of the images that it returns.
        data_digest: digest of the training data, see `Fingerprint.digest`.
        network: the trained network.
        span: grey levels that the network's -1 and 1 stand for.
        device: device that the network is on.

    Example:
        >>> from ganaug.gan.inputs.value_range import full_span
        >>> config = TranslateConfig(height=8, width=8, channels=1, features=8)
        >>> translator = Translator(
        ...     config, ("cat",), ("day", "night"), (8, 8), "",
        ...     build_generator(config, 2).eval(), full_span(1), torch.device("cpu"),
        ... )
        >>> images = np.zeros((3, 20, 16, 1), np.uint8)
        >>> translator.translate(images, domain="night").shape
        (3, 8, 8, 1)
    """

    config: TranslateConfig
    classes: tuple[str, ...]
    domains: tuple[str, ...]
    data_size: Size
    data_digest: str
    network: DomainGenerator
    span: Span
    device: torch.device

    def __repr__(self) -> str:
        domains = count(len(self.domains), "domain")
        return f"Translator({domains}, {self.config.describe()})"

    @staticmethod
    def load(run: Path | str, device: str = "cpu") -> Translator:
        """Read the translator of a finished run.

        Args:
            run: folder of the run, or its generator.safetensors.
            device: `auto`, `cpu`, `cuda` or `mps`.

        Raises:
            CheckpointError: the file is missing, damaged, or no translator.
        """
        path = Path(run)
        path = path / GENERATOR if path.is_dir() else path
        return load_translator(path, pick_device(device))

    def translate(
        self,
        images: NDArray[np.uint8],
        domain: Domain,
        seed: int = 0,
        indices: Sequence[int] | NDArray[np.int64] | None = None,
    ) -> NDArray[np.uint8]:
        """Carry images into domains.

        An image is decided by its source, the domain, the seed and its index; neither
        the number of images nor their order changes it.

        Args:
            images: (n, h, w, c) uint8 of any size; they are resized to the grid that
                the network works at.
            domain: a name, or a name or index into `domains` for each image.
            seed: seed of the looks that are chosen, where a domain has several.
            indices: (n,) number of each image; 0, 1, 2, … by default.

        Returns:
            (n, *data_size, c) uint8.

        Raises:
            ConfigError: there is no such domain, or not one for each image.
            DataError: the images have other channels or another type.
        """
        self._check(images)
        if not len(images):
            return np.empty((0, *self.data_size, self.config.channels), np.uint8)
        places = self._number(domain, len(images))
        numbers = np.arange(len(images)) if indices is None else np.asarray(indices)
        grid = self.config.height, self.config.width
        drawn = map_chunks(
            self._carry,
            torch.from_numpy(resize_images(images, grid)),
            torch.from_numpy(places),
            torch.from_numpy(self._draw_z(places, numbers, seed)),
        )
        return resize_images(drawn.numpy(), self.data_size)

    def _check(self, images: NDArray[np.uint8]) -> None:
        channels = self.config.channels
        if images.ndim != 4 or images.dtype != np.uint8 or images.shape[3] != channels:
            raise DataError(
                f"images have shape {images.shape} and type {images.dtype}; give "
                f"(n, h, w, {channels}) uint8"
            )

    def _number(self, domain: Domain, n: int) -> NDArray[np.int64]:
        """Return the index of each image's domain (n,)."""
        given = [domain] * n if isinstance(domain, str) else list(domain)
        if len(given) != n:
            raise ConfigError(f"{n} images but {len(given)} domains; give one for each")
        known: dict[object, int] = {k: k for k in range(len(self.domains))}
        known |= {name: k for k, name in enumerate(self.domains)}
        for name in given:
            if name not in known:
                hint = suggest(str(name), self.domains)
                raise ConfigError(
                    f"there is no domain {str(name)!r}{hint}; choose from "
                    f"{', '.join(self.domains)}"
                )
        return np.array([known[name] for name in given], np.int64)

    def _draw_z(
        self, places: NDArray[np.int64], numbers: NDArray[np.int64], seed: int
    ) -> NDArray[np.float32]:
        z = np.empty((len(places), self.config.latent), np.float32)
        for place in np.unique(places):
            mine = places == place
            z[mine] = draw_latents(
                seed, self.domains[place], numbers[mine], self.config.latent
            )
        return z

    @torch.inference_mode()
    def _carry(self, images: Tensor, places: Tensor, z: Tensor) -> Tensor:
        x = self.span.to_signal(images.to(self.device))
        carried = self.network(x, places.to(self.device), z.to(self.device))
        return self.span.to_pixels(carried).cpu()


def save_translator(path: Path, translator: Translator) -> None:
    """Write `generator.safetensors`; raises CheckpointError when the disk refuses."""
    values = {**describe_carrying(translator), "span": translator.span.to_lists()}
    save_tensors(path, dict(translator.network.state_dict()), values)


class Described(Protocol):
    """What is written of a translator, or of what carries images without a network."""

    @property
    def config(self) -> TranslateConfig: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def domains(self) -> tuple[str, ...]: ...
    @property
    def data_size(self) -> Size: ...
    @property
    def data_digest(self) -> str: ...


def describe_carrying(made: Described) -> dict[str, Any]:
    """Return the plain values of a weight file."""
    return {
        "kind": KIND,
        "config": made.config.to_dict(),
        "classes": list(made.classes),
        "domains": list(made.domains),
        "data_size": list(made.data_size),
        "data_digest": made.data_digest,
    }


def load_translator(path: Path, device: torch.device) -> Translator:
    """Read what `save_translator` wrote.

    Raises:
        CheckpointError: the file is missing, damaged, altered, or no translator.
    """
    tensors, values = load_tensors(path)
    if values.get("kind") != KIND:
        raise CheckpointError(
            f"{path} is not a translator; give a run that `train_translator` made"
        )
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        values = check_carrying(values)
    config = TranslateConfig.from_dict(values["config"])
    if config.carrier is not None:
        raise CheckpointError(
            f"{path} carries images by {config.carrier}, without a network, and needs "
            "the real images for it: give its folder to synthesize or ganaug synth"
        )
    build = partial(build_generator, config, len(values["domains"]))
    network = fit_network(build, tensors, path)
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        return Translator(
            config,
            values["classes"],
            values["domains"],
            values["data_size"],
            values["data_digest"],
            network.eval().requires_grad_(False).to(device),
            read_span(values.get("span"), config.channels).to(device),
            device,
        )


def check_carrying(values: dict[str, Any]) -> dict[str, Any]:
    """Return the plain values of a weight file, checked.

    Raises:
        ValueError: they have other types, or do not fit together.
    """
    found = conform_fields(values, CARRYING_TYPES)
    check_size(found["data_size"])
    if not found["domains"]:
        raise ValueError("it has no domains")
    return found


CARRYING_TYPES: Types = {
    "kind": str,
    "config": dict[str, Any],
    "classes": tuple[str, ...],
    "domains": tuple[str, ...],
    "data_size": tuple[int, int],
    "data_digest": str,
    "span?": list[list[float]],  # of a network
}
