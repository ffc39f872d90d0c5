"""Self-training: a classifier learns from unlabelled images by its surest guesses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import BATCH, Classifier, fit_classifier
from ganaug.classify.learning import Batch, normalise, settle_norms

ROUNDS = 3
SETTLING_BATCHES = 20  # unlabelled batches that re-estimate batch normalisation
FIRST_SHARE = 0.4  # of the unlabelled images that the first round learns from


@dataclass(frozen=True, eq=False)
class SelfTrained:
    """What self-training made of unlabelled images.

    Attributes:
        classifier: the classifier of the last round, settled on the unlabelled images.
        probabilities: (m, k) its probabilities for these.
        chosen: (m,) whether an image was among the surest of its class in the end.
        changed: share of guesses that each round changed, in [0, 1].
    """

    classifier: Classifier
    probabilities: NDArray[np.float32]
    chosen: NDArray[np.bool_]
    changed: tuple[float, ...]

    @property
    def guesses(self) -> NDArray[np.int64]:
        """The likeliest class (m,) of each unlabelled image."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)


def self_train(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    unlabelled: NDArray[np.uint8],
    *,
    rounds: int = ROUNDS,
    policy: str = "rand",
    hflip: bool = False,
    vflip: bool = False,
    steps: int | None = None,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> SelfTrained:
    """Train a classifier on labelled images, then also on what it is sure of.

    Batch normalisation is estimated anew on the unlabelled images before each guess (Li
    et al., "Revisiting Batch Normalization For Practical Domain Adaptation", 2017).
    Each round then learns from labelled images and from the surest unlabelled ones of
    each class, with their guessed classes (after Zou et al., "Unsupervised Domain
    Adaptation for Semantic Segmentation via Class-Balanced Self-Training", 2018): a
    larger share of them in each round, and never more of one class than its equal part.

    Args:
        images: (n, h, w, c) uint8 labelled images.
        labels: (n,) indices below `n_classes`.
        n_classes: number of classes.
        unlabelled: (m, h, w, c) uint8.
        rounds: rounds after the first training.
        policy: classical augmentation, see `make_policy`.
        hflip, vflip: whether mirroring keeps labels.
        steps: training steps of each round; None means those of `fit_classifier`.
        seed: seed of everything random.
        device: device to train on.

    Example:
        >>> x, y = np.zeros((8, 8, 8, 1), np.uint8), np.repeat([0, 1], 4)
        >>> self_train(x, y, 2, x[:6], rounds=1, steps=2).guesses.shape
        (6,)
    """

    def fit(rows: NDArray[np.int64], guesses: NDArray[np.int64]) -> Classifier:
        classifier = fit_classifier(
            np.concatenate([images, unlabelled[rows]]),
            np.concatenate([labels, guesses[rows]]),
            n_classes,
            steps=steps,
            policy=policy,
            hflip=hflip,
            vflip=vflip,
            seed=seed,
            device=device,
        )
        settle_on(classifier, unlabelled, seed=seed)
        return classifier

    none = np.empty(0, np.int64)
    classifier = fit(none, none)
    found = classifier.predict_proba(unlabelled)
    chosen, changed = none, []
    for number in range(rounds):
        share = FIRST_SHARE + (1 - FIRST_SHARE) * number / max(1, rounds)
        chosen, guesses = choose_surest(found, share), found.argmax(axis=1)
        classifier = fit(chosen, guesses)
        found = classifier.predict_proba(unlabelled)
        changed.append(float((found.argmax(axis=1) != guesses).mean()))
    sure = np.zeros(len(unlabelled), bool)
    sure[chosen] = True
    return SelfTrained(classifier, found, sure, tuple(changed))


def choose_surest(
    probabilities: NDArray[np.float32], share: float
) -> NDArray[np.int64]:
    """Choose the surest images of each class, at most an equal part of each.

    Args:
        probabilities: (m, k) of the classes.
        share: share of the images to choose, in (0, 1].

    Returns:
        Rows, ascending; fewer than that share where classes were guessed unevenly.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.3, 0.7]], np.float32)
        >>> choose_surest(p, 0.5).tolist()
        [0, 3]
    """
    m, k = probabilities.shape
    most = math.ceil(share * m / k)
    guesses, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    rows = [np.empty(0, np.int64)]
    for label in range(k):
        own = np.flatnonzero(guesses == label)
        rows.append(own[np.argsort(-sure[own], kind="stable")[:most]])
    return np.sort(np.concatenate(rows))


def settle_on(
    classifier: Classifier, images: NDArray[np.uint8], *, seed: int = 0
) -> None:
    """Estimate a classifier's batch normalisation anew on images (n, h, w, c)."""
    batches = _iterate_batches(images, seed)
    settle_norms(classifier.network, (batch.to(classifier.device) for batch in batches))


def _iterate_batches(images: NDArray[np.uint8], seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    for _ in range(SETTLING_BATCHES):
        rows = rng.choice(len(images), min(BATCH, len(images)), replace=False)
        n = len(rows)
        yield Batch(normalise(images[rows]), torch.zeros(n, 1), torch.ones(n))
