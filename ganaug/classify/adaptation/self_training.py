"""Self-training: a classifier learns from unlabelled images by its surest guesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.adaptation import reversing
from ganaug.classify.adaptation.rounds import ROUNDS, Rows, train_in_rounds
from ganaug.classify.adaptation.settling import settle_network
from ganaug.classify.fit import Classifier, fit_classifier

AUTO = "auto"  # the augmentation is chosen by reverse validation

Images = NDArray[np.uint8]  # (n, h, w, c)


@dataclass(frozen=True, eq=False)
class SelfTrained:
    """What self-training made of unlabelled images.

    Attributes:
        classifier: the classifier of the last round, settled on the unlabelled images.
        probabilities: (m, k) its probabilities for these.
        chosen: (m,) whether an image was among the surest of its class in the end.
        changed: share of guesses that each round changed, in [0, 1].
        policy: augmentation that it was trained with.
    """

    classifier: Classifier
    probabilities: NDArray[np.float32]
    chosen: NDArray[np.bool_]
    changed: tuple[float, ...]
    policy: str = ""

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
    start: NDArray[np.float32] | None = None,
    policy: str = AUTO,
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
        rounds: rounds after the first training; with 0, batch normalisation is all
            that the unlabelled images decide.
        start: (m, k) probabilities by an earlier self-training, in place of all but the
            last round.
        policy: classical augmentation, see `make_policy`; `auto` chooses by reverse
            validation, at the cost of three trainings.
        hflip, vflip: whether mirroring keeps labels.
        steps: training steps of each round; None means those of `fit_classifier`.
        seed: seed of everything random.
        device: device to train on.

    Example:
        >>> x, y = np.zeros((8, 8, 8, 1), np.uint8), np.repeat([0, 1], 4)
        >>> self_train(x, y, 2, x[:6], rounds=1, steps=2).guesses.shape
        (6,)
    """

    def fit(policy: str, x: Images, y: Rows, others: Images) -> Classifier:
        classifier = fit_classifier(
            x, y, n_classes, steps=steps, policy=policy, hflip=hflip, vflip=vflip,
            seed=seed, device=device,
        )  # fmt: skip
        settle_on(classifier, others, seed=seed)
        return classifier

    first = {}
    if policy == AUTO:
        names = reversing.POLICIES
        first = {name: fit(name, images, labels, unlabelled) for name in names}
        policy = reversing.choose_policy(
            {name: own.predict_proba(unlabelled) for name, own in first.items()},
            labels,
            lambda y: fit(names[0], unlabelled, y, images).predict_proba(images),
        )

    def fit_round(rows: Rows, guesses: Rows) -> Classifier:
        if policy in first and not len(rows):
            return first[policy]
        x, y = np.concatenate([images, unlabelled[rows]]), guesses[rows]
        return fit(policy, x, np.concatenate([labels, y]), unlabelled)

    done = 0 if start is None else rounds - 1
    made = train_in_rounds(fit_round, unlabelled, rounds=rounds, start=start, done=done)
    return SelfTrained(
        made.model, made.probabilities, made.chosen, made.changed, policy
    )


def settle_on(
    classifier: Classifier, images: NDArray[np.uint8], *, seed: int = 0
) -> None:
    """Estimate a classifier's batch normalisation anew on images (n, h, w, c)."""
    settle_network(classifier.network, images, seed=seed, device=classifier.device)
