"""Generators: the trained networks of a run, kept in one file to draw images with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganaug.config import ResolvedConfig
from ganaug.data.images import CAPTION
from ganaug.data.resize import check_size
from ganaug.errors import CheckpointError, ConfigError
from ganaug.files import refuse_damage
from ganaug.gan.inputs.captions import Captions, Encode, check_captions
from ganaug.gan.inputs.conditioners import ConditionSet
from ganaug.gan.inputs.conditions import UNLABELLED, find_conditioning
from ganaug.gan.inputs.source_images import SourceImages, read_sources
from ganaug.gan.inputs.value_range import Span, read_span
from ganaug.gan.networks.build import build_generator
from ganaug.gan.networks.embedding import Generator
from ganaug.gan.settings.resolve import read_config
from ganaug.records import Types, conform_fields
from ganaug.training.weights import (
    WEIGHTS_CURE,
    fit_network,
    load_tensors,
    save_tensors,
)

# class names of generators whose images may show any real class
MERGED = ((UNLABELLED,), (CAPTION,))
CHUNK = 32  # rows in each pass: another number changes the last bit of an image
AT_A_TIME = 8 * CHUNK  # images between two reports of progress, of small ones


@dataclass(frozen=True)
class Member:
    """One network and the classes that it draws, in the order of its own labels."""

    network: Generator
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Generators:
    """The finished networks of a run: one for all classes, or one per class.

    Attributes:
        config: configuration of the training; images are drawn at its height and width.
        classes: all class names, in label order; `("unlabelled",)` without conditions.
        members: networks, each with its classes; together they have every class once.
        data_size: (height, width) of the user's own images.
        data_digest: digest of the training data, see `Fingerprint.digest`.
        device: device that the networks are on.
        span: grey levels that the networks' -1 and 1 stand for.
        captions: training captions, or None where the networks read none.
        sources: source images, or None where the networks need none.
    """

    config: ResolvedConfig
    classes: tuple[str, ...]
    members: tuple[Member, ...]
    data_size: tuple[int, int]
    data_digest: str
    device: torch.device
    span: Span
    captions: Captions | None = None
    sources: SourceImages | None = None

    @torch.inference_mode()
    def draw(self, z: Tensor, labels: Tensor, sources: Tensor | None = None) -> Tensor:
        """Draw images in one pass of each network.

        Another number of rows may change the last bit of an image, see `map_chunks`. A
        network that reads captions gets one training caption of each class.

        Args:
            z: (n, latent).
            labels: (n,) indices into `classes`.
            sources: (n, h, w, c) uint8 source images, where the network needs them; by
                default the first one of each class.

        Returns:
            (n, h, w, c) uint8, on the CPU.
        """
        if self.captions is not None:
            first = [numbers[0] for numbers in self.captions.by_class]
            texts = [self.captions.texts[first[k]] for k in labels.tolist()]
            return self.draw_captions(z, self.captions.read(texts))
        if self.sources is not None and sources is None:
            sources = self.sources.first_of(labels)
        out = torch.empty(
            (len(z), self.config.height, self.config.width, self.config.channels),
            dtype=torch.uint8,
        )
        members, places = self.homes
        drawn_by = members[labels]
        for k in sorted(set(drawn_by.tolist())):
            mine = drawn_by == k
            condition = places[labels[mine]].to(self.device)
            if sources is not None:
                condition = self.span.to_signal(sources[mine].to(self.device))
            out[mine] = self._draw(self.members[k].network, z[mine], condition)
        return out

    @cached_property
    def homes(self) -> tuple[Tensor, Tensor]:
        """The number of each class's member, and of the class in that: both (k,)."""
        found = {
            name: (k, place)
            for k, member in enumerate(self.members)
            for place, name in enumerate(member.classes)
        }
        members, places = zip(*(found[name] for name in self.classes), strict=True)
        return torch.tensor(members), torch.tensor(places)

    @torch.inference_mode()
    def draw_captions(self, z: Tensor, rows: Tensor) -> Tensor:
        """Draw images from z (n, latent) and rows (n, …) that `Captions.read` gave."""
        (member,) = self.members
        return self._draw(member.network, z, rows.to(self.device))

    @torch.inference_mode()
    def embed_classes(self, labels: Tensor) -> Tensor | None:
        """Return the vectors (n, d) by which a joint network knows classes (n,).

        Return None where there are no such vectors: with one network per class, with
        captions, and with source images.
        """
        if len(self.members) > 1 or self.captions is not None or self.sources:
            return None
        (member,) = self.members
        own = [member.classes.index(self.classes[k]) for k in labels.tolist()]
        vectors = member.network.embed(torch.tensor(own, device=self.device))
        return vectors if vectors.shape[1] else None

    @torch.inference_mode()
    def draw_embedded(self, z: Tensor, vectors: Tensor) -> Tensor:
        """Draw images from z (n, latent) and vectors (n, d) of classes."""
        (member,) = self.members
        x = member.network(z.to(self.device), vectors.to(self.device))
        return self.span.to_pixels(x).cpu()

    def _draw(self, network: Generator, z: Tensor, condition: Tensor) -> Tensor:
        x = network(z.to(self.device), network.embed(condition))
        return self.span.to_pixels(x).cpu()


def map_chunks(
    draw: Callable[..., Tensor], *columns: Tensor, size: int = CHUNK
) -> Tensor:
    """Draw `size` rows at a time, so that no image depends on the number of images.

    Args:
        draw: function of columns (size, …) that returns images (size, h, w, c).
        columns: (n, …), n at least 1; the last chunk is filled up with its first row.
        size: rows of each pass.

    Returns:
        (n, h, w, c).

    Example:
        >>> map_chunks(lambda z: z.new_full(z.shape, len(z)), torch.zeros(40, 1)).max()
        tensor(32.)
    """
    n, drawn = len(columns[0]), []
    for start in range(0, n, size):
        chunk = [column[start : start + size] for column in columns]
        missing = size - len(chunk[0])
        filled = [torch.cat([c, c[:1].expand(missing, *c.shape[1:])]) for c in chunk]
        drawn.append(draw(*filled)[: size - missing])
    return torch.cat(drawn)


def save_generators(path: Path, generators: Generators) -> None:
    """Write `generator.safetensors`; raises CheckpointError when the disk refuses."""
    tensors = {
        f"{k}.{name}": tensor
        for k, member in enumerate(generators.members)
        for name, tensor in member.network.state_dict().items()
    }
    values = {
        "kind": "generator",
        "config": generators.config.to_dict(),
        "classes": list(generators.classes),
        "members": [list(member.classes) for member in generators.members],
        "data_size": list(generators.data_size),
        "data_digest": generators.data_digest,
        "span": generators.span.to_lists(),
    }
    if generators.captions is not None:
        values["captions"] = generators.captions.to_dict()
    if generators.sources is not None:
        tensors |= generators.sources.to_tensors()
        values |= generators.sources.to_values()
    save_tensors(path, tensors, values)


def load_generators(
    path: Path, device: torch.device | str = "cpu", *, encode: Encode | None = None
) -> Generators:
    """Read what `save_generators` wrote.

    Args:
        path: the generator file.
        device: device to put the networks on.
        encode: encoder of captions, where the training used the user's own.

    Raises:
        CheckpointError: the file is missing, damaged, altered, or not a generator.
        ConfigError: `encode` is missing, is another one, or is not needed.
    """
    tensors, values = load_tensors(path)
    if values.get("kind") != "generator":
        raise CheckpointError(
            f"{path} is not a generator; give the generator.safetensors of a run"
        )
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        values = _check(conform_fields(values, GENERATOR_TYPES), tensors)
    config = read_config(values["config"])
    captions = None
    if "captions" in values:
        with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
            known = check_captions(values["captions"], len(values["classes"]))
        captions = Captions.from_dict(known, encode)
    elif encode is not None:
        raise ConfigError(f"{path} reads no captions; omit encode=")
    members, weights = [], _group_by_member(tensors)
    for k, classes in enumerate(values["members"]):
        conditions = network_conditions(config, len(classes), captions)
        network = fit_network(
            partial(build_generator, config, conditions), weights.get(str(k), {}), path
        )
        network = network.eval().requires_grad_(False).to(device)
        members.append(Member(network, classes))
    where = torch.device(device)
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        return Generators(
            config,
            values["classes"],
            tuple(members),
            data_size=values["data_size"],
            data_digest=values["data_digest"],
            device=where,
            span=read_span(values.get("span"), config.channels).to(where),
            captions=captions,
            sources=read_sources(tensors, values, config),
        )


GENERATOR_TYPES: Types = {
    "kind": str,
    "config": dict[str, Any],
    "classes": tuple[str, ...],
    "members": tuple[tuple[str, ...], ...],
    "data_size": tuple[int, int],
    "data_digest": str,
    "span?": list[list[float]] | None,
    "captions?": dict[str, Any],
    "sources?": tuple[str, ...],
}


def _check(values: dict[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Raise ValueError where each class has not one network."""
    drawn = [name for classes in values["members"] for name in classes]
    if not drawn or sorted(drawn) != sorted(set(values["classes"])):
        raise ValueError("its networks do not draw each class once")
    check_size(values["data_size"])
    return values


def _group_by_member(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Return number of a member, as text → name in its network → tensor."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, own = name.partition(".")
        found.setdefault(number, {})[own] = tensor
    return found


def network_conditions(
    config: ResolvedConfig, classes: int, captions: Captions | None
) -> ConditionSet:
    """Return the conditions of one network: captions, a number of classes, or 0."""
    if captions is not None:
        return captions
    return classes if find_conditioning(config.conditioning).conditioned else 0
