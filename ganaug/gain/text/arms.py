"""Arms of a gain on texts: what a classifier is trained on, and how."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline

from ganaug.blas import one_blas_thread
from ganaug.gain.judgement.arm_gains import GAN
from ganaug.gain.text.eda import vary_text
from ganaug.gain.text.small_cnn import SmallCNN
from ganaug.text.augmenter import TextAugmenter
from ganaug.text.language_model import count_tokens
from ganaug.text.settings import TextConfig
from ganaug.text.vocabulary import fit_vocabulary

Labels = NDArray[np.int64]
EVEN = 1.5  # the largest class is at most so many times the smallest


class Fit(NamedTuple):
    """Texts that a classifier is trained on, their classes, and whether by weights."""

    texts: list[str]
    labels: Labels
    weighted: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """The texts of one split.

    Attributes:
        texts, labels: training texts with their classes.
        test, test_labels: the same for the test texts.
        unlabelled: further texts, which the GAN and its autoencoder may read.
    """

    texts: list[str]
    labels: Labels
    test: list[str]
    test_labels: Labels
    unlabelled: list[str]


@one_blas_thread()
def score_arms(
    part: Part,
    *,
    config: TextConfig,
    budget: float | None,
    classifiers: Collection[str] | None = None,
) -> dict[str, dict[str, float]]:
    """Train every classifier in every arm, and test it.

    Args:
        part: training and test texts.
        config: settings of the GAN's training; its seed decides everything.
        budget: most seconds of that training.
        classifiers: names of some; all by default.

    Returns:
        classifier → arm → balanced accuracy on the test texts.
    """
    wanted = count_wanted(part.labels)
    fits = {name: make(part, wanted, config, budget) for name, make in ARMS.items()}
    return {
        name: {
            arm: float(
                balanced_accuracy_score(
                    part.test_labels,
                    make(fit.weighted, config.seed)
                    .fit(fit.texts, fit.labels)
                    .predict(part.test),
                )
            )
            for arm, fit in fits.items()
        }
        for name, make in CLASSIFIERS.items()
        if classifiers is None or name in classifiers
    }


def count_wanted(labels: Labels) -> dict[int, int]:
    """Count new texts per class: what it lacks to the largest, or as many again.

    The latter where classes are about even.

    Example:
        >>> count_wanted(np.array([0, 0, 0, 0, 1])), count_wanted(np.array([0, 1]))
        ({0: 0, 1: 3}, {0: 1, 1: 1})
    """
    counts = np.bincount(labels)
    even = counts.max() <= EVEN * counts.min()
    new = counts if even else counts.max() - counts
    return {k: int(n) for k, n in enumerate(new)}


def _add_nothing(part: Part, *rest: Any) -> Fit:
    return Fit(part.texts, part.labels)


def _weigh(part: Part, *rest: Any) -> Fit:
    return Fit(part.texts, part.labels, weighted=True)


def _vary(
    part: Part, wanted: Mapping[int, int], config: TextConfig, budget: float | None
) -> Fit:
    random = np.random.default_rng(config.seed)
    made = {}
    for k, n in wanted.items():
        own = np.flatnonzero(part.labels == k)
        words = [word for i in own for word in part.texts[i].split()]
        rows = np.resize(random.permutation(own), n)
        made[k] = [vary_text(part.texts[i], words, random) for i in rows]
    return _add(part, made)


def _count_words(
    part: Part, wanted: Mapping[int, int], config: TextConfig, budget: float | None
) -> Fit:
    """Draw from a language model that was counted on the texts of the class."""
    random = np.random.default_rng(config.seed)
    vocabulary = fit_vocabulary(part.texts, config.words)
    rows = [vocabulary.encode(text, config.length) for text in part.texts]
    made = {}
    for k, n in wanted.items():
        own = [rows[i] for i in np.flatnonzero(part.labels == k)]
        model = count_tokens(own, len(vocabulary))
        drawn = [
            vocabulary.decode(model.write(config.length, random)) for _ in range(n)
        ]
        made[k] = [text for text in drawn if text]
    return _add(part, made)


def _write(
    part: Part, wanted: Mapping[int, int], config: TextConfig, budget: float | None
) -> Fit:
    writer = TextAugmenter.fit(
        part.texts, part.labels.tolist(), unlabelled=part.unlabelled,
        config=config, budget=budget,
    )  # fmt: skip
    return _add(
        part, {k: writer.sample(k, n, seed=config.seed) for k, n in wanted.items() if n}
    )


def _add(part: Part, made: Mapping[int, Sequence[str]]) -> Fit:
    texts = [text for found in made.values() for text in found]
    labels = [k for k, found in made.items() for _ in found]
    new = np.array(labels, np.int64)
    return Fit([*part.texts, *texts], np.concatenate([part.labels, new]))


def _make_linear(weighted: bool, seed: int) -> Any:
    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD),
        LogisticRegression(
            C=10, max_iter=500, class_weight="balanced" if weighted else None
        ),
    )


WORD = r"(?u)\b\w+\b"  # letters count too, as in Chinese
ARMS: Mapping[str, Callable[..., Fit]] = {
    "nothing": _add_nothing,
    "class weights": _weigh,
    "EDA": _vary,
    "language model": _count_words,
    GAN: _write,
}
CLASSIFIERS: Mapping[str, Callable[[bool, int], Any]] = {
    "logistic regression": _make_linear,
    "small CNN": lambda weighted, seed: SmallCNN(weighted=weighted, seed=seed),
}
