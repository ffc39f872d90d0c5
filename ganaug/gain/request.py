"""GainRequest: what a gain was asked for, checked and ready to be run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganaug import engine
from ganaug.data.fingerprint import digest_set
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.load import load_images
from ganaug.errors import ConfigError
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.classifiers.specs import SMALL, ClassifierSpec, Factory
from ganaug.gain.recipes import is_uneven
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.inputs import check_data, split_set
from ganaug.gain.splitting.splits import Splits

SPLIT_COUNT = 5  # by default, one per fold


@dataclass(frozen=True, eq=False)
class GainOptions:
    """The options of `measure_gain`, which explains them, as its caller gave them."""

    classifier: str | Factory | Any = SMALL
    features: str | None = None
    weights: Path | str | None = None
    frozen: bool = False
    splits: int = SPLIT_COUNT
    initialisations: int = 2
    budget: float = 30.0
    margin: float = 0.01
    seed: int = 0
    allow_leak: bool = False
    device: str = "auto"
    settings: Settings | None = None

    def check(self) -> None:
        """Raise ConfigError for numbers that no gain can be measured with."""
        if self.splits < 2:
            raise ConfigError(
                f"splits={self.splits} is too few to tell anything; give 5 or more"
            )
        if self.initialisations < 1:
            raise ConfigError(
                f"initialisations={self.initialisations} must be 1 or more"
            )
        if self.seed < 0:
            raise ConfigError(f"seed={self.seed} must be 0 or more")
        if not 0 <= self.margin < 1:
            raise ConfigError(
                f"a margin of {100 * self.margin:g} points must lie in [0, 100)"
            )


@dataclass(frozen=True, eq=False)
class GainRequest:
    """What a gain is measured on, with what, and how.

    Attributes:
        data: the real images; those that must stay together are one group.
        test: the test set, its labels numbered as those of the data, or None.
        splits: ways to part the data.
        classifier: what is trained.
        options: options as the caller gave them.
        device: where GANs and networks are trained.
        grouped: whether the data came with groups.
        notes: lines that the user should know.
    """

    data: LabelledImages
    test: LabelledImages | None
    splits: Splits
    classifier: ClassifierSpec
    options: GainOptions
    device: torch.device
    grouped: bool = False
    notes: tuple[str, ...] = ()

    @property
    def settings(self) -> Settings:
        """The settings that were given, or else those that a budget completes."""
        return self.options.settings or Settings(
            initialisations=self.options.initialisations,
            classifier=self.classifier.name,
            seed=self.options.seed,
        )

    @property
    def uneven(self) -> bool:
        """Whether classes differ so much in number that it has to be treated."""
        return is_uneven(self.data.counts)

    def cut(self, splits: int) -> GainRequest:
        """Return the request with its first splits only."""
        fewer = replace(self.splits, splits=self.splits.splits[:splits])
        return replace(self, splits=fewer)


def make_request(data: Any, test: Any, options: GainOptions) -> GainRequest:
    """Load and check what a gain is measured on, and split it.

    Raises:
        ConfigError: an option is not allowed.
        DataError: the data or the test set cannot be used.
    """
    options.check()
    images = load_images(data)
    classifier = find_classifier(
        options.classifier,
        features=options.features,
        weights=options.weights,
        frozen=options.frozen,
    )
    grouped = images.groups is not None
    images, tests, notes = check_data(images, test, allow_leak=options.allow_leak)
    return GainRequest(
        data=images,
        test=tests,
        splits=split_set(
            images, options.splits, given=tests is not None, seed=options.seed
        ),
        classifier=classifier,
        options=options,
        device=engine.pick_device(options.device),
        grouped=grouped,
        notes=tuple(notes),
    )


def identify_request(request: GainRequest) -> dict[str, Any]:
    """Return all that results follow from; a folder resumes only an equal request.

    Returns:
        Plain values, by names that a message can show.
    """
    options, classifier = request.options, request.classifier
    identity: dict[str, Any] = {
        "data": digest_set(request.data),
        "order or groups": digest_order(request.data),
        "test": None if request.test is None else digest_order(request.test),
        "classifier": classifier.name,
        "settings of the classifier": classifier.identity,
        "frozen": options.frozen,
        "splits": options.splits,
        "initialisations": options.initialisations,
        "budget": options.budget,
        "seed": options.seed,
    }
    if options.settings is not None:
        identity["settings"] = options.settings.to_dict()
    return identity


def list_options(options: GainOptions, *, grouped: bool) -> dict[str, Any]:
    """Return what has to be said again to measure again, as plain values.

    Of a network or estimator of the user's own, only that it was one is kept; options
    that have their defaults are omitted, and so are `settings`.

    Args:
        options: options as the caller gave them.
        grouped: whether the data have groups, which a folder does not tell by itself.

    Example:
        >>> list_options(GainOptions(seed=7), grouped=False)
        {'classifier': 'small', 'grouped': False, 'seed': 7}
    """
    given = {f.name: (getattr(options, f.name), f.default) for f in fields(options)}
    classifier, _ = given.pop("classifier")
    del given["settings"]
    changed = {
        name: str(value) if isinstance(value, Path) else value
        for name, (value, default) in given.items()
        if value != default
    }
    named = classifier if isinstance(classifier, str) else None
    return {"classifier": named, "grouped": grouped, **changed}


def digest_order(images: LabelledImages) -> str:
    """Return a digest of how images are ordered and grouped, which splits follow.

    Example:
        >>> digits = load_images("digits")
        >>> digest_order(digits) == digest_order(digits.subset(np.arange(5)))
        False
    """
    digest = hashlib.sha256(images.labels.tobytes())
    for image in images.images:
        digest.update(hash_pixels(image).encode())
    if images.groups is not None:
        # numbers may be others for the same groups
        digest.update(np.unique(images.groups, return_inverse=True)[1].tobytes())
    return digest.hexdigest()
