"""FeatureSpace: the samples of an evaluation in each network's features."""

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
class LabelledFeatures:
    """Features and labels of one sample."""

    features: Features  # (n, d)
    labels: Indices  # (n,)

    def of(self, *labels: int) -> Features:
        """Return the features of some classes."""
        return self.features[np.isin(self.labels, labels)]

    def pick(self, indices: Indices) -> LabelledFeatures:
        return LabelledFeatures(self.features[indices], self.labels[indices])


@dataclass(frozen=True, eq=False)
class NetworkFeatures:
    """The samples in the features of one network.

    Attributes:
        synthetic: this network's part of the synthetic images.
        floor: equally many real images that the network was not trained on.
        reference: further real images that the network was not trained on.
        training: all training images of the GAN.
    """

    synthetic: LabelledFeatures
    floor: LabelledFeatures
    reference: LabelledFeatures
    training: LabelledFeatures


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """A feature space with the samples to compare in it.

    Attributes:
        name: name of the space.
        networks: samples of each network; no two networks share synthetic or floor
            images.
        classes: names of the classes in label order.
        apart: whether the reference is the same for every network, and was held out
            from the GAN; otherwise each network has its own part of the training
            images.
    """

    name: str
    networks: tuple[NetworkFeatures, ...]
    classes: tuple[str, ...]
    apart: bool

    @property
    def groups(self) -> list[tuple[str, tuple[int, ...]]]:
        """Row name and labels: all classes with images in every sample, then each."""
        filled = tuple(k for k in range(len(self.classes)) if self._is_filled(k))
        return [(OVERALL, filled), *((n, (k,)) for k, n in enumerate(self.classes))]

    def count(self, labels: Sequence[int]) -> Counts:
        """Count the images of these classes over all networks."""
        synthetic = sum(len(net.synthetic.of(*labels)) for net in self.networks)
        real = [len(net.reference.of(*labels)) for net in self.networks]
        return Counts(synthetic, real[0] if self.apart else sum(real))

    def _is_filled(self, label: int) -> bool:
        samples = [(net.synthetic, net.reference) for net in self.networks]
        return all(len(sample.of(label)) for pair in samples for sample in pair)


def extract_features(samples: Samples, name: str, nets: Sequence[Net]) -> FeatureSpace:
    """Compute all features of one space."""
    networks = tuple(_extract(samples, net) for net in nets)
    return FeatureSpace(name, networks, samples.training.classes, apart=samples.apart)


def _extract(samples: Samples, net: Net) -> NetworkFeatures:
    known = samples.training
    training = LabelledFeatures(net.extract(known.images), known.labels)
    # each synthetic image goes to the network of its partner in the floor
    own = np.flatnonzero(net.unseen[samples.floor])
    synthetic = samples.synthetic.subset(own)
    if samples.within is None:
        images, labels = samples.reference.images, samples.reference.labels
        reference = LabelledFeatures(net.extract(images), labels)
    else:
        reference = training.pick(samples.within[net.unseen[samples.within]])
    return NetworkFeatures(
        synthetic=LabelledFeatures(net.extract(synthetic.images), synthetic.labels),
        floor=training.pick(samples.floor[own]),
        reference=reference,
        training=training,
    )
