"""A textbook's loop around the same networks, loss, penalties and augmentation.

Each switch of `Habits` replaces one habit of tutorials by what ganaug does, so that
each factor can be measured.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from ganaug import engine
from ganaug.config import TrainConfig
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.networks.embedding import LatentInput
from ganaug.gan.objective.diffaugment import UNIFORMS, augment, parse_operations
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import squared_gradient

Network = TypeVar("Network", bound=nn.Module)
Batch = tuple[Tensor, Tensor]  # (n, c, h, w) in [-1, 1], (n,) labels


@dataclass(frozen=True)
class Habits:
    """Habits of a training loop; the defaults are the textbook's.

    Attributes:
        data: `folder` (a DataLoader decodes PNG files), `float` (images in memory as
            the network takes them) or `uint8` (in memory as pixels).
        channels_last: memory format of networks and images.
        fused: one kernel for Adam and one for the average; else PyTorch's default
            Adam and a loop over the weights.
        frozen: G's half takes no gradients of D's weights, nor a graph of D(real).
        shared: G's half uses the images drawn for D's half; else it draws anew.
        lazy: penalties every `penalty_every` steps; else in every step.
        precision: number type that networks run in, see `engine.autocast`.
    """

    data: str = "folder"
    channels_last: bool = False
    fused: bool = False
    frozen: bool = False
    shared: bool = False
    lazy: bool = False
    precision: str = "float32"


class TextbookLoop:
    """Networks, optimisers and batches of one GAN; `step` moves them.

    Args:
        config: networks, loss, γ, augmentation, batch and rates are read.
        habits: habits of each step.
        images: (n, h, w, c) uint8.
        labels: (n,) from 0 to 9.
        folder: the same images as PNG files by class.
        workers: processes of the DataLoader.
    """

    def __init__(
        self,
        config: TrainConfig,
        habits: Habits,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        folder: Path,
        workers: int,
    ) -> None:
        self.config, self.habits, self.steps = config, habits, 0
        self.loss = find_loss(config.loss)
        self.operations = parse_operations(config.augment)
        self.generator = self._lay_out(build_generator(config, 10))
        self.discriminator = self._lay_out(build_discriminator(config, 10))
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.adam_g = self._make_adam(self.generator)
        self.adam_d = self._make_adam(self.discriminator)
        self.batches = self._read_batches(images, labels, folder, workers)

    def step(self) -> None:
        real, y = next(self.batches)
        with self._autocast():
            fake = self._generate(y)
            loss = self._discriminator_loss(real, fake.detach(), y)
        self.adam_d.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam_d.step()
        with self._autocast():
            if not self.habits.shared:
                fake = self._generate(y)
            loss = self._generator_loss(real, fake, y)
        self.adam_g.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam_g.step()
        self._move_average()
        self.steps += 1

    def _discriminator_loss(self, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        config = self.config
        every = config.penalty_every if self.habits.lazy else 1
        penalised = self.steps % every == 0
        real = self._augment(real).detach().requires_grad_(penalised)
        fake = self._augment(fake).detach().requires_grad_(penalised)
        real_logits = self.discriminator(real, y)
        fake_logits = self.discriminator(fake, y)
        loss = self.loss.discriminator(real_logits, fake_logits).mean()
        if penalised:
            r1 = squared_gradient(real_logits, real).mean()
            r2 = squared_gradient(fake_logits, fake).mean()
            loss = loss + every * config.gamma / 2 * (r1 + r2)
        return loss

    def _generator_loss(self, real: Tensor, fake: Tensor, y: Tensor) -> Tensor:
        frozen = self.habits.frozen
        self.discriminator.requires_grad_(not frozen)
        fake_logits = self.discriminator(self._augment(fake), y)
        with torch.set_grad_enabled(not frozen):
            real_logits = self.discriminator(self._augment(real), y)
        self.discriminator.requires_grad_(True)
        return self.loss.generator(real_logits, fake_logits).mean()

    @torch.no_grad()
    def _move_average(self) -> None:
        mine, theirs = floats_of(self.average), floats_of(self.generator)
        if self.habits.fused:
            torch._foreach_lerp_(mine, theirs, 0.01)
        else:
            for average, weight in zip(mine, theirs, strict=True):
                average.mul_(0.99).add_(weight, alpha=0.01)

    def _autocast(self) -> AbstractContextManager[object]:
        return engine.autocast(torch.device("cpu"), self.habits.precision)

    def _augment(self, x: Tensor) -> Tensor:
        u = torch.rand(len(x), UNIFORMS)
        return augment(x, u, self.operations, self.config.augment_p)

    def _generate(self, y: Tensor) -> Tensor:
        z = torch.randn(self.config.batch, self.config.latent)
        fake: Tensor = self.generator(z, self.generator.embed(y))
        return fake

    def _lay_out(self, network: Network) -> Network:
        if self.habits.channels_last:
            return network
        network = network.to(memory_format=torch.contiguous_format)
        # the first grid is made channels last, and convolutions would keep that format
        for module in network.modules():
            if isinstance(module, LatentInput):
                module.register_forward_hook(_make_contiguous)
        return network

    def _make_adam(self, network: nn.Module) -> torch.optim.Adam:
        betas = (self.config.beta1, self.config.beta2)
        fused = True if self.habits.fused else None
        return torch.optim.Adam(
            network.parameters(), self.config.lr, betas, fused=fused
        )

    def _read_batches(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        folder: Path,
        workers: int,
    ) -> Iterator[Batch]:
        if self.habits.data == "folder":
            grey = [transforms.Grayscale()] if images.shape[3] == 1 else []
            return self._decode(folder, grey, workers)
        return self._index(torch.from_numpy(images), torch.from_numpy(labels))

    def _decode(
        self, folder: Path, before: list[object], workers: int
    ) -> Iterator[Batch]:
        channels = self.config.channels
        normalise = transforms.Normalize([0.5] * channels, [0.5] * channels)
        steps = [*before, transforms.ToTensor(), normalise]
        loader = DataLoader(
            ImageFolder(str(folder), transforms.Compose(steps)),
            batch_size=self.config.batch,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
            persistent_workers=workers > 0,
        )
        while True:
            for x, y in loader:
                yield self._format(x), y

    def _index(self, images: Tensor, labels: Tensor) -> Iterator[Batch]:
        as_float = self.habits.data == "float"
        to_signal = full_span(self.config.channels).to_signal
        held = self._format(to_signal(images)) if as_float else images
        while True:
            chosen = torch.randint(len(images), (self.config.batch,))
            x = held[chosen]
            yield (
                x if as_float else self._format(to_signal(x)),
                labels[chosen],
            )

    def _format(self, x: Tensor) -> Tensor:
        last = self.habits.channels_last
        return x.contiguous(
            memory_format=torch.channels_last if last else torch.contiguous_format
        )


def floats_of(network: nn.Module) -> list[Tensor]:
    """Return the weights and batch-norm statistics."""
    return [
        tensor
        for tensor in (*network.parameters(), *network.buffers())
        if tensor.is_floating_point()
    ]


def _make_contiguous(module: nn.Module, inputs: object, grid: Tensor) -> Tensor:
    return grid.contiguous()
