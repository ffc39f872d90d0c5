"""Views: the samples of an evaluation as each network of a feature space sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.spaces import Net
from ganaug.evaluation.samples import Samples
from ganaug.evaluation.table import OVERALL, Counts

Features = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sight:
    """Features and labels of one sample."""

    features: Features  # (n, d)
    labels: Indices  # (n,)

    def of(self, *labels: int) -> Features:
        """Features of some classes."""
        return self.features[np.isin(self.labels, labels)]

    def pick(self, indices: Indices) -> Sight:
        return Sight(self.features[indices], self.labels[indices])


@dataclass(frozen=True, eq=False)
class View:
    """What one network sees.

    Attributes:
        synthetic: its share of the synthetic images.
        floor: as many real images, which it was not trained on.
        reference: real images that it was not trained on either.
        training: all images that the GAN saw.
    """

    synthetic: Sight
    floor: Sight
    reference: Sight
    training: Sight


@dataclass(frozen=True, eq=False)
class Space:
    """A feature space with what is compared in it.

    Attributes:
        name: of the space.
        views: one per network; their synthetic and floor images are different ones.
        classes: names by label.
        apart: whether the reference is the same in every view, and was not seen by
            the GAN; otherwise each view has its own part of the training images.
    """

    name: str
    views: tuple[View, ...]
    classes: tuple[str, ...]
    apart: bool

    @property
    def cells(self) -> list[tuple[str, tuple[int, ...]]]:
        """Row name and labels: all classes with images of every kind, then each."""
        filled = tuple(k for k in range(len(self.classes)) if self._is_filled(k))
        return [(OVERALL, filled), *((n, (k,)) for k, n in enumerate(self.classes))]

    def count(self, labels: Sequence[int]) -> Counts:
        """Images of these classes over all views."""
        synthetic = sum(len(view.synthetic.of(*labels)) for view in self.views)
        real = [len(view.reference.of(*labels)) for view in self.views]
        return Counts(synthetic, real[0] if self.apart else sum(real))

    def _is_filled(self, label: int) -> bool:
        sights = [(view.synthetic, view.reference) for view in self.views]
        return all(len(sight.of(label)) for pair in sights for sight in pair)


def view_space(samples: Samples, name: str, nets: Sequence[Net]) -> Space:
    """Compute all features of one space."""
    views = tuple(_look(samples, net) for net in nets)
    return Space(name, views, samples.training.classes, samples.apart)


def _look(samples: Samples, net: Net) -> View:
    training = Sight(net.extract(samples.training.images), samples.training.labels)
    # a synthetic image goes where the real one goes that stands beside it
    own = np.flatnonzero(net.unseen[samples.floor])
    synthetic = samples.synthetic.subset(own)
    if samples.within is None:
        images, labels = samples.reference.images, samples.reference.labels
        reference = Sight(net.extract(images), labels)
    else:
        reference = training.pick(samples.within[net.unseen[samples.within]])
    return View(
        Sight(net.extract(synthetic.images), synthetic.labels),
        training.pick(samples.floor[own]),
        reference,
        training,
    )
