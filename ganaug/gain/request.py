"""GainRequest: the data, splits, classifier and options of a gain, checked."""

from __future__ import annotations

import hashlib
import operator
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganaug import engine
from ganaug.data.fingerprint import digest_set
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.load import load_images
from ganaug.data.readers.intensity import write_range
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.errors import ConfigError
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.classifiers.specs import SMALL_NETWORK, ClassifierSpec, Factory
from ganaug.gain.domains.inputs import (
    describe_inputs,
    describe_unfillable,
    has_fillable_cells,
    shows_lacking,
)
from ganaug.gain.domains.splits import make_domain_splits
from ganaug.gain.judgement.statistics import MOST_SPLITS
from ganaug.gain.kept import PROTOCOL
from ganaug.gain.protocol.arms import GAN, STYLE
from ganaug.gain.recipes import is_uneven
from ganaug.gain.settings import Settings
from ganaug.gain.shifts.inputs import check_shifts
from ganaug.gain.shifts.policies import LEFT_OUT, leave_out_tested
from ganaug.gain.splitting.inputs import check_data, split_set
from ganaug.gain.splitting.splits import Splits
from ganaug.gain.started.inputs import (
    HeadStart,
    digest_start,
    name_path,
    read_start,
    refuse_beside_start,
    refuse_cells,
)
from ganaug.gain.styled.inputs import (
    Styles,
    check_styled,
    digest_styles,
    read_styles,
)
from ganaug.gain.unlabelled.inputs import UNLABELLED, digest_pool, read_pool
from ganaug.gain.unlabelled.splits import make_unlabelled_splits
from ganaug.scalars import make_plain

LEAST_SIDE, MOST_SIDE = 8, 1024  # of images that are compared
SPLIT_COUNT = 5  # default: one split per fold
MOST_NETWORKS = 100  # initialisations of an arm in a split
# 2: GANs and networks get images of sizes of their own; 1, without a number in the
# folder, reduced the data to the size of comparison first
PROTOCOL_NUMBER = 2


@dataclass(frozen=True, eq=False)
class GainOptions:
    """Options that a caller gave to `measure_gain`; they are explained there."""

    classifier: str | Factory | Any = SMALL_NETWORK
    features: str | None = None
    weights: Path | str | None = None
    frozen: bool = False
    splits: int = SPLIT_COUNT
    initialisations: int = 2
    budget: float = 30.0
    margin: float = 0.01
    seed: int = 0
    allow_leak: bool = False
    anyway: bool = False
    hide_cells: bool = False
    shifts: bool = False
    style: str | os.PathLike[str] | None = None
    device: str = "auto"
    size: int | None = None
    settings: Settings | None = None
    start: Any = None
    start_data: Any = None

    def __post_init__(self) -> None:
        make_plain(self, *(own.name for own in fields(self)))

    def check(self) -> None:
        """Raise ConfigError for numbers that are out of range."""
        if self.splits < 2:
            raise ConfigError(
                f"splits={self.splits} is too few for an interval; give 5 or more"
            )
        if self.splits > MOST_SPLITS:
            raise ConfigError(f"splits={self.splits} must be {MOST_SPLITS:,} or fewer")
        if not 1 <= self.initialisations <= MOST_NETWORKS:
            raise ConfigError(
                f"initialisations={self.initialisations} must lie in [1, "
                f"{MOST_NETWORKS}]"
            )
        if self.seed < 0:
            raise ConfigError(f"seed={self.seed} must be 0 or more")
        if not 0 <= self.margin < 1:
            raise ConfigError(
                f"a margin of {100 * self.margin:g} points must lie in [0, 100)"
            )
        _check_size(self.size)
        if self.size is not None and self.settings is not None:
            raise ConfigError("size and settings exclude each other: see settings.grid")


@dataclass(frozen=True, eq=False)
class GainRequest:
    """The data, splits, classifier and options of a gain.

    Attributes:
        data: real images; images that must stay together share a group.
        test: test set with labels numbered like the data's, or None.
        splits: the data's splits into training and test parts.
        classifier: classifier to train.
        options: options that the caller gave.
        device: device for GANs and networks.
        pool: unlabelled images of the domain that the gain is about, or None.
        grouped: whether the data came with groups.
        styles: what styled images take their look from, or None for a GAN's images.
        start: earlier run that GANs start from and classifiers may, or None.
        notes: lines that the user should know.
    """

    data: LabelledImages
    test: LabelledImages | None
    splits: Splits
    classifier: ClassifierSpec
    options: GainOptions
    device: torch.device
    pool: UnlabelledImages | None = None
    grouped: bool = False
    styles: Styles | None = None
    start: HeadStart | None = None
    notes: tuple[str, ...] = ()

    @property
    def settings(self) -> Settings:
        """Settings that the caller gave, or else those that a budget completes."""
        settings = self.options.settings or Settings(
            initialisations=self.options.initialisations,
            classifier=self.classifier.name,
            seed=self.options.seed,
            # the time is needed to choose by hidden cells, or to train in rounds
            ensemble=not self.by_cells and self.pool is None,
            tune=self.pool is None,
        )
        if not self.options.shifts:
            return settings
        return replace(settings, policies=leave_out_tested(settings.policies))

    @property
    def uneven(self) -> bool:
        """Whether classes differ so much in size that recipes for this are tried."""
        return is_uneven(self.data.counts)

    @property
    def by_cells(self) -> bool:
        """Whether cells are to be filled, and the gain is measured on them."""
        return self.pool is None and has_fillable_cells(self.data)

    @property
    def kind(self) -> str:
        """Kind of the synthetic images, a key of `protocol.arms.IMAGES`."""
        return GAN if self.styles is None else STYLE

    def cut(self, splits: int) -> GainRequest:
        """Return the request with only its first n splits."""
        fewer = replace(self.splits, splits=self.splits.splits[:splits])
        return replace(self, splits=fewer)


def make_request(
    data: Any,
    test: Any,
    options: GainOptions,
    unlabelled: Mapping[str, Any] | None = None,
) -> GainRequest:
    """Load, check and split the data.

    Raises:
        ConfigError: an option is not allowed.
        DataError: the data or the test set cannot be used.
    """
    options.check()
    classifier = find_classifier(
        options.classifier,
        features=options.features,
        weights=options.weights,
        frozen=options.frozen,
    )
    refuse_beside_start(
        options.start, classifier, frozen=options.frozen,
        others={"--unlabelled": unlabelled, "--style": options.style},
    )  # fmt: skip
    images = load_images(data)
    grouped = images.groups is not None
    images, tests, notes = check_data(images, test, allow_leak=options.allow_leak)
    pool, seen = read_pool(unlabelled, images, tests, allow_leak=options.allow_leak)
    styles, looked = read_styles(
        options.style, images, tests, allow_leak=options.allow_leak
    )
    start, known = read_start(
        options.start, options.start_data, images, tests, allow_leak=options.allow_leak
    )
    splits, said = _split(images, tests, pool, options)
    request = GainRequest(
        data=images,
        test=tests,
        splits=splits,
        classifier=classifier,
        options=options,
        device=engine.pick_device(options.device),
        pool=pool,
        grouped=grouped,
        styles=styles,
        start=start,
        notes=(*notes, *seen, *looked, *known, *said, *[LEFT_OUT] * options.shifts),
    )
    plain = pool is None and not request.by_cells
    if options.shifts:
        check_shifts(images, plain=plain)
    if styles is not None:
        check_styled(plain=plain)
    refuse_cells(start, by_cells=request.by_cells)
    return request


def _split(
    images: LabelledImages,
    tests: LabelledImages | None,
    pool: UnlabelledImages | None,
    options: GainOptions,
) -> tuple[Splits, tuple[str, ...]]:
    """Return the splits, by hidden cells where there are cells to fill, and notes."""
    if pool is not None:
        given, n = tests is not None, options.splits
        return make_unlabelled_splits(images, pool, n, given=given, seed=options.seed)
    if not has_fillable_cells(images):
        given = tests is not None
        made = split_set(images, options.splits, given=given, seed=options.seed)
        return made, describe_unfillable(images)
    given = shows_lacking(tests, images) and not options.hide_cells
    made = make_domain_splits(images, options.splits, given=given, seed=options.seed)
    return made, () if given else describe_inputs(tests, images)


def identify_request(request: GainRequest) -> dict[str, Any]:
    """Return everything that decides the results; a folder resumes only equal values.

    Returns:
        Plain values, with names that a message can show.
    """
    options, classifier = request.options, request.classifier
    identity: dict[str, Any] = {
        PROTOCOL: PROTOCOL_NUMBER,
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
    if options.size is not None:
        identity["size"] = options.size
    if options.hide_cells:
        identity["hide_cells"] = True
    if options.shifts:
        identity["shifts"] = True
    if request.styles is not None:
        identity["style"] = digest_styles(request.styles)
    if request.start is not None:
        identity["start"] = digest_start(request.start)
    if request.pool is not None:
        identity[UNLABELLED] = digest_pool(request.pool)
    if options.settings is not None:
        identity["settings"] = options.settings.to_dict()
    return identity


def _check_size(size: object) -> None:
    """Raise ConfigError unless it is None or a number of pixels that is allowed."""
    if size is None:
        return
    try:
        allowed = LEAST_SIDE <= operator.index(size) <= MOST_SIDE  # type: ignore[arg-type]
    except TypeError:
        allowed = False
    if not allowed:
        raise ConfigError(
            f"size={size!r} must be the pixels of the longest side, a whole number "
            f"from {LEAST_SIDE} to {MOST_SIDE}"
        )


def list_options(options: GainOptions, *, grouped: bool) -> dict[str, Any]:
    """Return the options that repeat a measurement, as plain values.

    Options with default values are omitted, and so are `settings` and images of an
    earlier run that were not read from a path. The classifier is None if it was the
    user's own network or estimator.

    Args:
        options: options that the caller gave.
        grouped: whether the data have groups.

    Example:
        >>> list_options(GainOptions(seed=7), grouped=False)
        {'classifier': 'small', 'grouped': False, 'seed': 7}
    """
    given = {f.name: (getattr(options, f.name), f.default) for f in fields(options)}
    classifier, _ = given.pop("classifier")
    del given["settings"]
    for name in ("start", "start_data"):
        given[name] = name_path(given[name][0]), None
    changed = {
        name: str(value) if isinstance(value, Path) else value
        for name, (value, default) in given.items()
        if value != default
    }
    named = classifier if isinstance(classifier, str) else None
    return {"classifier": named, "grouped": grouped, **changed}


def list_reading(images: LabelledImages) -> dict[str, Any]:
    """Return the arguments of `load_images` by which pixels were read, if unusual.

    Example:
        >>> images = load_images(([[[0, 1]], [[1, 1]]], ["a", "b"]), scale="auto")
        >>> list_reading(images)
        {'scale': '0:1'}
    """
    found = {
        "pages": None if images.pages == "first" else images.pages,
        "scale": write_range(images.scale),
    }
    return {name: value for name, value in found.items() if value is not None}


def digest_order(images: LabelledImages) -> str:
    """Return a digest of order, groups and domains, which decide the splits.

    Example:
        >>> digits = load_images("digits")
        >>> digest_order(digits) == digest_order(digits.subset(np.arange(5)))
        False
    """
    digest = hashlib.sha256(images.labels.tobytes())
    for image in images.images:
        digest.update(hash_pixels(image).encode())
    if images.groups is not None:
        # equal groups may be numbered differently
        digest.update(np.unique(images.groups, return_inverse=True)[1].tobytes())
    if images.domains is not None:
        digest.update(repr(images.domain_names).encode() + images.domains.tobytes())
    return digest.hexdigest()
