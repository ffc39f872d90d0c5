"""measure_gain: does mixing in GAN images make a classifier better on these data?"""

from __future__ import annotations

import inspect
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganaug import engine
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.errors import DataError, RunError
from ganaug.files import beside, hold_lock, write_text
from ganaug.gain.budget import Estimate, plan_gain, say_cuts
from ganaug.gain.cells import Cells
from ganaug.gain.classifiers import (
    SMALL,
    Factory,
    Kind,
    check_network,
    digest_network,
    find_classifier,
)
from ganaug.gain.estimators import OnFeatures
from ganaug.gain.gan_source import GanSource, fix_plan
from ganaug.gain.judgement.result import GainResult, count_empty, summarise
from ganaug.gain.progress import Progress, Reporter
from ganaug.gain.protocol import SplitResult, is_uneven, run_split
from ganaug.gain.request import check_numbers, describe_request, list_options
from ganaug.gain.settings import Settings, count_cells, count_trial_folds
from ganaug.gain.splitting.inputs import check_data, split_set, to_grid
from ganaug.gain.splitting.splits import NAME as SPLITS
from ganaug.gain.splitting.splits import Splits

SPLIT_COUNT = 5  # by default, one per fold


def measure_gain(
    data: Any,
    test: Any = None,
    out: str | os.PathLike[str] | None = None,
    *,
    budget: float = 30.0,
    splits: int = SPLIT_COUNT,
    initialisations: int = 2,
    margin: float = 0.01,
    classifier: str | Factory | Any = SMALL,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
    settings: Settings | None = None,
    allow_leak: bool = False,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
) -> GainResult:
    """Measure whether GAN images help a classifier, and write a verdict.

    Arms without synthetic images are compared on the training part of each split; the
    best of them, the opponent, is compared with itself plus GAN images, and with
    itself plus real images in their place, the placebo. Each split has a
    GAN of its own; its test images are scored once. The same call goes on where a
    former one was stopped.

    Args:
        data: whatever `load_images` takes.
        test: further real images to test on; without them, five folds of the data are,
            drawn anew for every further five splits.
        out: folder for cells, splits, verdict and recipe; by default `NAME-gain` beside
            the data.
        budget: minutes in all, roughly.
        splits: how often it is trained and tested.
        initialisations: networks per arm and split.
        margin: of non-inferiority, as a share: .01 is a point.
        classifier, features, weights, frozen: see `find_classifier`.
        settings: exactly how much work to do, in place of a budget.
        allow_leak: whether a test set with copies of training images is taken.
        seed: of everything.
        device: where GANs and networks are trained: `auto`, `cpu`, `cuda` or `mps`.
        progress: called after each cell, and while a GAN trains.

    Raises:
        DataError: the data or the test set cannot be used, the budget is too small, or
            another number is out of its range.
        RunError: the folder is busy, holds something else, or was begun otherwise.

    Example:
        >>> result = measure_gain("digits", budget=30)  # doctest: +SKIP
        >>> result.verdict.word  # doctest: +SKIP
        'no difference'
    """
    check_numbers(
        splits=splits, initialisations=initialisations, seed=seed, margin=margin
    )
    images, path = load_images(data), default_out(data, out)
    kind = find_classifier(
        classifier, features=features, weights=weights, frozen=frozen
    )
    grouped = images.groups is not None
    images, tests, notes = check_data(images, test, allow_leak=allow_leak)
    made = split_set(images, splits, given=tests is not None, seed=seed)
    asked = describe_request(
        images,
        tests,
        kind,
        settings,
        frozen=frozen,
        splits=splits,
        initialisations=initialisations,
        budget=budget,
        seed=seed,
    )
    reporter = Reporter(progress, len(made.splits))
    cells = Cells(path, asked, reporter.finish)
    with hold_lock(path, RunError):
        estimate = _estimate(
            images, kind, cells, made, settings, budget, initialisations, seed, device
        )
        notes += say_cuts(images, made, estimate, splits)
        made = replace(made, splits=made.splits[: estimate.splits])
        reporter.plan(replace(estimate, notes=tuple(notes)))
        write_text(path / SPLITS, made.to_json())
        results = _run(images, tests, made, estimate, kind, cells, reporter, device)
        notes += _say_empty(results)
        result = summarise(
            results,
            path=path,
            overlap=made.overlap,
            shared_test=tests is not None,
            margin=margin,
            classifier=_say_classifier(kind, images, estimate.settings.grid),
            pretrained_run=kind.pretrained,
            classes=images.classes,
            test_groups=None if tests is None else tests.groups,
            minutes_per_split=(estimate.minutes or cells.minutes) / estimate.splits,
            details={
                "notes": notes,
                "settings": estimate.settings.to_dict(),
                "estimate": estimate.say() if estimate.minutes else None,
                "minutes": cells.minutes,
                "fingerprint": asked["data"],
                "options": list_options(
                    classifier,
                    grouped=grouped,
                    defaults=_list_defaults(),
                    features=features,
                    weights=weights,
                    frozen=frozen,
                    splits=splits,
                    initialisations=initialisations,
                    budget=budget,
                    margin=margin,
                    seed=seed,
                    allow_leak=allow_leak,
                    device=device,
                ),
                "counts": dict(
                    zip(images.classes, images.counts.tolist(), strict=True)
                ),
                "tested on": "the given test set" if tests else "folds of the data",
            },
        )
        result.save()
    return result


def estimate_gain(
    data: Any,
    test: Any = None,
    *,
    budget: float = 30.0,
    splits: int = SPLIT_COUNT,
    initialisations: int = 2,
    classifier: str | Factory | Any = SMALL,
    features: str | None = None,
    weights: Path | str | None = None,
    frozen: bool = False,
    allow_leak: bool = False,
    seed: int = 0,
    device: str = "auto",
) -> Estimate:
    """What `measure_gain` would do with these arguments, without doing it.

    Args:
        data, test, budget, splits, initialisations, classifier, features, weights:
            as `measure_gain` takes them, like `frozen`, `allow_leak`, `seed` and
            `device`.

    Raises:
        DataError: as `measure_gain`.
    """
    check_numbers(splits=splits, initialisations=initialisations, seed=seed)
    images = load_images(data)
    kind = find_classifier(
        classifier, features=features, weights=weights, frozen=frozen
    )
    images, tests, notes = check_data(images, test, allow_leak=allow_leak)
    made = split_set(images, splits, given=tests is not None, seed=seed)
    estimate = plan_gain(
        images,
        kind,
        budget=budget,
        splits=len(made.splits),
        uneven=is_uneven(images.counts),
        settings=Settings(
            initialisations=initialisations, classifier=kind.name, seed=seed
        ),
        device=engine.pick_device(device),
    )
    notes += say_cuts(images, made, estimate, splits)
    return replace(estimate, notes=tuple(notes))


def _say_classifier(kind: Kind, images: LabelledImages, grid: tuple[int, int]) -> str:
    """What a verdict is for: the classifier, and the size if the data are larger."""
    if grid == (images.data_size or images.size):
        return kind.phrase
    return f"{kind.phrase} on images of {grid[0]}×{grid[1]} pixels"


def _list_defaults() -> dict[str, Any]:
    parameters = inspect.signature(measure_gain).parameters
    return {name: parameter.default for name, parameter in parameters.items()}


def default_out(data: Any, out: str | os.PathLike[str] | None) -> Path:
    """Where the results go: `NAME-gain` beside the folder or file of that name.

    Example:
        >>> default_out("my/photos.csv", None)
        PosixPath('my/photos-gain')
    """
    if out is not None:
        return Path(out)
    if not isinstance(data, str | os.PathLike):
        raise DataError("give out=, the folder that the results go to")
    path = Path(data)
    return beside(path if path.is_dir() else path.with_suffix(""), "-gain")


def _say_empty(results: list[SplitResult]) -> list[str]:
    """Splits whose GAN drew nothing that could be used."""
    empty = count_empty(results)
    if not empty:
        return []
    return [
        f"in {empty} of {len(results)} splits no image that the GAN drew passed the "
        "filters: synthetic there is the opponent once more"
    ]


def _estimate(
    images: LabelledImages,
    kind: Kind,
    cells: Cells,
    made: Splits,
    settings: Settings | None,
    budget: float,
    initialisations: int,
    seed: int,
    device: str,
) -> Estimate:
    """What is to be done, timed at the first call and kept for later ones."""
    wished = settings or Settings(
        initialisations=initialisations, classifier=kind.name, seed=seed
    )

    def find() -> dict[str, Any]:
        if settings is not None:
            check_network(kind, settings.grid, images.channels, len(images.classes))
            estimate = Estimate(len(made.splits), settings)
        else:
            estimate = plan_gain(
                images,
                kind,
                budget=budget,
                splits=len(made.splits),
                uneven=is_uneven(images.counts),
                settings=wished,
                device=engine.pick_device(device),
            )
        return estimate.to_dict()

    found = cells.values("estimate", find)
    chosen = Settings.from_dict(found["settings"])
    if kind.own:
        _refuse_other_network(kind, cells, chosen, images)
    return Estimate(**{**found, "settings": chosen})


def _refuse_other_network(
    kind: Kind, cells: Cells, settings: Settings, images: LabelledImages
) -> None:
    """A function of the same name and code can build another network than before."""
    assert not isinstance(kind.build, OnFeatures), "it builds a network"
    digest = digest_network(
        kind.build, settings.grid, images.channels, len(images.classes)
    )
    if cells.values("network", lambda: {"digest": digest})["digest"] != digest:
        raise RunError(
            f"{cells.path} was begun with another network of the name {kind.name}; "
            "give the same again to go on, or choose another --out"
        )


def _run(
    images: LabelledImages,
    tests: LabelledImages | None,
    made: Splits,
    estimate: Estimate,
    kind: Kind,
    cells: Cells,
    reporter: Reporter,
    device: str,
) -> list[SplitResult]:
    settings, where = estimate.settings, engine.pick_device(device)
    real = to_grid(images, settings.grid)
    judged = None if tests is None else to_grid(tests, settings.grid)

    part = real.subset(made.splits[0].fit)
    overrides = cells.values(
        "gan",
        lambda: fix_plan(part, where, budget=settings.gan_minutes, seed=settings.seed),
    )
    source = GanSource(
        per_class=settings.per_class,
        overrides=overrides,
        device=where,
        progress=reporter.train,
    )
    results = []
    for number, split in enumerate(made.splits):
        folds = count_trial_folds(len(split.validation))
        uneven = is_uneven(real.counts)
        reporter.begin(number, count_cells(settings, folds=folds, uneven=uneven))
        results.append(
            run_split(
                real,
                judged,
                split,
                number,
                source=source,
                settings=settings,
                cells=cells,
                build=kind.build,
                device=where,
            )
        )
    return results
