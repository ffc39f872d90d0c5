"""Task: the images and settings that all fits of a split share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.classify.learning import Optimisation
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.classifiers.specs import Build, OnFeatures

CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class Task:
    """The images and settings that all fits of a split share.

    Attributes:
        images: (n, h, w, c) uint8 real training images.
        labels: (n,) class indices.
        n_classes: number of classes.
        hflip, vflip: whether mirroring left-right and up-down keeps labels.
        steps: number of steps in each fit.
        optimisation: learning rate and weight decay.
        build: function (size, channels, n_classes, seed) → network, or an estimator on
            features.
        device: device that networks learn on; features are computed on the CPU.
        domains: (n,) domain indices, −1 for unknown ones; None where there are none.
        n_domains: number of domains.
        unlabelled: (m, h, w, c) uint8 images of another domain, or None.
        guesses: (m, k) probabilities of these that self-training begins with, or None
            to make them first.
        parent: weights of a network that learned from an earlier run's images, or None.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    n_classes: int
    hflip: bool = False
    vflip: bool = False
    steps: int = 500
    optimisation: Optimisation = field(default_factory=Optimisation)
    build: Build | OnFeatures = find_classifier().build
    device: torch.device = CPU
    domains: NDArray[np.int64] | None = None
    n_domains: int = 0
    unlabelled: NDArray[np.uint8] | None = None
    guesses: NDArray[np.float32] | None = None
    parent: Mapping[str, Tensor] | None = None


class Labelled(Protocol):
    """Labels and domains of real images, as a `Task` has them."""

    @property
    def labels(self) -> NDArray[np.int64]: ...
    @property
    def n_classes(self) -> int: ...
    @property
    def domains(self) -> NDArray[np.int64] | None: ...
    @property
    def n_domains(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels and domains alone, with a `Task`'s names."""

    labels: NDArray[np.int64]
    n_classes: int
    domains: NDArray[np.int64] | None = None
    n_domains: int = 0
