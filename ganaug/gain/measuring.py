"""measure_gain: does mixing in GAN images make a classifier better on these data?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganaug.display.consoles import Auto, follow
from ganaug.errors import ConfigError, RunError
from ganaug.files import beside, hold_lock, write_text
from ganaug.gain.bar import show_gain
from ganaug.gain.budget import (
    Estimate,
    list_cuts,
    list_shares,
    plan_gain,
    refuse_undecidable,
)
from ganaug.gain.classifiers.probes import check_network, digest_network
from ganaug.gain.classifiers.specs import SMALL_NETWORK, Factory, OnFeatures
from ganaug.gain.domains.judging import summarise_domains
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult, count_empty, summarise
from ganaug.gain.kept import Kept
from ganaug.gain.progress import Progress, Reporter
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.request import (
    SPLIT_COUNT,
    GainOptions,
    GainRequest,
    identify_request,
    list_options,
    list_reading,
    make_request,
)
from ganaug.gain.running import SplitsOrder, run_splits
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.splits import SPLITS_FILE
from ganaug.gain.unlabelled.inputs import say_source
from ganaug.gain.unlabelled.judging import summarise_unlabelled
from ganaug.gain.unlabelled.measuring import say_where
from ganaug.recipe import SCRATCH, STARTS
from ganaug.workers import Workers


def measure_gain(
    data: Any,
    test: Any = None,
    out: str | os.PathLike[str] | None = None,
    *,
    unlabelled: Mapping[str, Any] | None = None,
    budget: float = 30.0,
    splits: int = SPLIT_COUNT,
    initialisations: int = 2,
    size: int | None = None,
    margin: float = 0.01,
    classifier: str | Factory | Any = SMALL_NETWORK,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
    settings: Settings | None = None,
    allow_leak: bool = False,
    anyway: bool = False,
    hide_cells: bool = False,
    shifts: bool = False,
    style: str | os.PathLike[str] | None = None,
    start: Any = None,
    start_data: Any = None,
    seed: int = 0,
    device: str = "auto",
    processes: int | None = None,
    backend: str = "loky",
    address: str | None = None,
    progress: Progress | Auto | None = "auto",
) -> GainResult:
    """Measure whether GAN images help a classifier, and write a verdict.

    On the training part of each split, the best way to train without synthetic images
    is chosen: the opponent. Then the opponent is compared with the same training plus
    GAN images, and these with real images in their place: the placebo. Each split has
    its own GAN, and its test images are scored once. The same call again resumes.

    Where domains are known, and some class was not seen in some domain, a translator
    fills these cells in place of the GAN, and the gain is the one in them: on the test
    images of these cells, or else on cells that are there and are hidden in turn.

    With unlabelled images, the gain is the one in their domain, of which `test` has
    labelled images; without these, domains of the data are hidden in turn. The opponent
    has learned from the same unlabelled images, and the GAN images are the labelled
    ones, carried into their look. See `ganaug.gain.unlabelled`.

    Args:
        data: whatever `load_images` takes.
        test: further real images to test on; without them, five folds of the data are
            tested in turn, and new folds are drawn for every further five splits.
        out: folder for finished results, splits, verdict and recipe; by default
            `NAME-gain` beside the data.
        unlabelled: name of a domain → its unlabelled images, see `load_unlabelled`.
        budget: approximate total time in minutes.
        splits: number of times that everything is trained and tested.
        initialisations: networks per arm and split.
        size: pixels of the longest side at which the classifier will train; by
            default the images' own, up to 64 on a CPU and 128 elsewhere, or 32 where
            the budget is too small for that.
        margin: largest difference that counts as none, a share: .01 is one point.
        classifier, features, weights, frozen: see `find_classifier`.
        settings: exact amount of work, in place of a budget.
        allow_leak: whether to accept a test set with copies of training images, and
            unlabelled images that are copies of either.
        anyway: whether to accept a budget for one or two splits, which cannot decide.
        hide_cells: whether cells that are there are hidden and tested, even if the test
            set shows the cells that lack.
        shifts: whether up to 1,000 test images are corrupted too, each in 25 or 30
            ways; see `ganaug.gain.shifts`.
        style: measures styled images in place of a GAN's: `within-class` or `any` for
            the look of other images of the training part, or a folder of images, or
            one image. See `StyleTransfer`.
        start: a finished run on related classes, or a store beside its run: each GAN
            starts from its networks, as in `train(start=)`. A classifier is trained on
            its images too, and the opponent may start from it as well.
        start_data: images of that run, where they have moved or came from memory.
        seed: seed for everything random.
        device: device for GANs and networks: `auto`, `cpu`, `cuda` or `mps`.
        processes: splits that run at a time; the figures do not depend on it.
        backend: engine of joblib that runs them: `loky` starts processes of this
            machine, `dask` and `ray` use a cluster whose machines see the folder.
        address: of the cluster, such as `tcp://HOST:8786`; by default the client that
            this process has already.
        progress: function that is called with a `GainStatus` after each job, and
            while a GAN trains; `auto` shows a bar in a terminal or notebook, None
            nothing.

    Raises:
        DataError: the data or the test set cannot be used.
        ConfigError: the budget is too small to decide, another number is out of range,
            or there is no such classifier.
        RunError: the folder is in use, has other files, or belongs to another request.

    Example:
        >>> result = measure_gain("digits", budget=30)  # doctest: +SKIP
        >>> result.verdict.word  # doctest: +SKIP
        'no difference'
    """
    options = GainOptions(
        classifier=classifier,
        features=features,
        weights=weights,
        frozen=frozen,
        splits=splits,
        initialisations=initialisations,
        size=size,
        budget=budget,
        margin=margin,
        seed=seed,
        allow_leak=allow_leak,
        anyway=anyway,
        hide_cells=hide_cells,
        shifts=shifts,
        style=style,
        start=start,
        start_data=start_data,
        device=device,
        settings=settings,
    )
    options.check()
    workers = Workers(processes, backend, address)
    path = default_out(data, out)
    with follow(progress, show_gain) as tell:
        request = make_request(data, test, options, unlabelled)
        return _measure(request, path, tell, say_source(unlabelled or {}), workers)


def estimate_gain(
    data: Any,
    test: Any = None,
    *,
    unlabelled: Mapping[str, Any] | None = None,
    budget: float = 30.0,
    splits: int = SPLIT_COUNT,
    initialisations: int = 2,
    size: int | None = None,
    classifier: str | Factory | Any = SMALL_NETWORK,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
    allow_leak: bool = False,
    hide_cells: bool = False,
    shifts: bool = False,
    style: str | os.PathLike[str] | None = None,
    start: Any = None,
    start_data: Any = None,
    seed: int = 0,
    device: str = "auto",
    processes: int | None = None,
    backend: str = "loky",
    address: str | None = None,
) -> Estimate:
    """Return what `measure_gain` would do with these arguments, without doing it.

    Args:
        data, test, unlabelled, budget, splits, initialisations, size, classifier,
            features, weights, frozen, allow_leak, hide_cells, shifts, style,
            start, start_data, seed, device: arguments of `measure_gain`.

    Raises:
        DataError: the data or the test set cannot be used.
        ConfigError: the budget is too small, another number is out of range, or there
            is no such classifier.
    """
    options = GainOptions(
        classifier=classifier,
        features=features,
        weights=weights,
        frozen=frozen,
        splits=splits,
        initialisations=initialisations,
        size=size,
        budget=budget,
        seed=seed,
        allow_leak=allow_leak,
        hide_cells=hide_cells,
        shifts=shifts,
        style=style,
        start=start,
        start_data=start_data,
        device=device,
    )
    workers = Workers(processes, backend, address)
    request = make_request(data, test, options, unlabelled)
    estimate = plan_gain(request)
    notes = request.notes + list_cuts(request, estimate)
    return replace(estimate, notes=(*notes, *list_shares(estimate, workers)))


def default_out(data: Any, out: str | os.PathLike[str] | None) -> Path:
    """Return the folder for the results: `out`, or `NAME-gain` beside the data.

    Example:
        >>> default_out("my/photos.csv", None)
        PosixPath('my/photos-gain')
    """
    if out is not None:
        return Path(out)
    if not isinstance(data, str | os.PathLike):
        raise ConfigError("give out=, a folder for the results")
    path = Path(data)
    return beside(path if path.is_dir() else path.with_suffix(""), "-gain")


def _measure(
    request: GainRequest,
    path: Path,
    progress: Progress | None,
    named: Mapping[str, str],
    workers: Workers,
) -> GainResult:
    reporter = Reporter(progress, len(request.splits.splits))
    identity = identify_request(request)
    kept = Kept(path, identity, reporter.finish)
    with hold_lock(path, RunError):
        estimate = _find_estimate(request, kept)
        notes = request.notes + list_cuts(request, estimate)
        request = request.cut(estimate.splits)
        shared = list_shares(estimate, workers)
        reporter.plan(replace(estimate, notes=(*notes, *shared)))
        write_text(path / SPLITS_FILE, request.splits.to_json())
        results = run_splits(
            SplitsOrder(request, estimate.settings, path, identity),
            kept, reporter, workers,
        )  # fmt: skip
        minutes = (estimate.minutes or kept.minutes) / estimate.splits
        design = _design(request, estimate.settings.grid, minutes)
        result = _judge(request, results, design, path)
        details = replace(
            result.details,
            notes=(*notes, *_say_empty(results)),
            settings=estimate.settings,
            estimate=estimate.say() if estimate.minutes else None,
            minutes=kept.minutes,
            fingerprint=identity["data"],
            options={
                **list_options(request.options, grouped=request.grouped),
                **list_reading(request.data),
                **named,
            },
            counts=_count_classes(request),
            tested_on=_say_tested(request),
        )
        result = replace(result, details=details)
        result.save()
    return result


def _judge(
    request: GainRequest, results: Sequence[SplitResult], design: Design, path: Path
) -> GainResult:
    if request.pool is not None:
        where = say_where(request)
        return summarise_unlabelled(results, design, where=where, path=path)
    if request.by_cells:
        return summarise_domains(results, design, request.data, path=path)
    return summarise(results, design, path=path)


def _find_estimate(request: GainRequest, kept: Kept) -> Estimate:
    """Return the work to do; the first call times it and keeps it for later ones."""

    def find() -> dict[str, Any]:
        if request.options.settings is None:
            timed = plan_gain(request)
            refuse_undecidable(request, timed)
            return timed.to_dict()
        images = request.data
        check_network(
            request.classifier,
            request.settings.grid,
            images.channels,
            len(images.classes),
        )
        splits = len(request.splits.splits)
        return Estimate(splits, request.settings, kind=request.kind).to_dict()

    found = kept.once("estimate", find)
    chosen = Settings.from_dict(found["settings"])
    if request.classifier.own:
        _refuse_other_network(request, kept, chosen.grid)
    return Estimate(**{**found, "settings": chosen})


def _refuse_other_network(
    request: GainRequest, kept: Kept, grid: tuple[int, int]
) -> None:
    """Raise RunError if a function with equal code builds another network."""
    images, classifier = request.data, request.classifier
    assert not isinstance(classifier.build, OnFeatures), "a function builds a network"
    digest = digest_network(
        classifier.build, grid, images.channels, len(images.classes)
    )
    if kept.once("network", lambda: {"digest": digest})["digest"] != digest:
        raise RunError(
            f"{kept.path} was begun with another network named {classifier.name}; "
            "give the same again to resume, or choose another --out"
        )


def _design(
    request: GainRequest, grid: tuple[int, int], minutes_per_split: float
) -> Design:
    test, classifier = request.test, request.classifier
    shared = request.splits.splits[0].test is None
    return Design(
        classes=request.data.classes,
        classifier=_say_classifier(request, grid),
        pretrained_run=classifier.pretrained,
        margin=request.options.margin,
        overlap=request.splits.overlap,
        shared_test=shared,
        test_groups=test.groups if shared and test is not None else None,
        minutes_per_split=minutes_per_split,
        kind=request.kind,
        start="" if request.start is None else request.start.name,
    )


def _say_classifier(request: GainRequest, grid: tuple[int, int]) -> str:
    """Return the classifier in words, with the image size where images were reduced."""
    phrase = request.classifier.phrase
    if request.start is not None:  # whether it does is chosen in each split
        phrase = phrase.removesuffix(f" trained {STARTS[SCRATCH]}")
    if grid == (request.data.data_size or request.data.size):
        return phrase
    return f"{phrase} on images of {grid[0]}×{grid[1]} pixels"


def _say_tested(request: GainRequest) -> str:
    """Return the test images in words."""
    if request.splits.splits[0].test is None:
        return "the given test set"
    if request.pool is not None:
        return f"the other half of {say_where(request)}"
    return "hidden cells of the data" if request.by_cells else "folds of the data"


def _count_classes(request: GainRequest) -> dict[str, int]:
    images = request.data
    return dict(zip(images.classes, images.counts.tolist(), strict=True))


def _say_empty(results: list[SplitResult]) -> tuple[str, ...]:
    """Return a line about splits in which no GAN image passed the filters."""
    empty = count_empty(results)
    if not empty:
        return ()
    return (
        f"in {empty} of {len(results)} splits no synthetic image passed the filters: "
        "their gain is 0, because nothing was mixed in",
    )
