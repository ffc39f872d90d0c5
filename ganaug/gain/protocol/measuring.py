"""Splits of `measure_gain` where a GAN's images, or styled ones, are mixed in."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ganaug.gain.classifiers.specs import OnFeatures
from ganaug.gain.gan_pools import GanPoolMaker, fix_plan
from ganaug.gain.kept import Kept
from ganaug.gain.pools import PoolMaker
from ganaug.gain.progress import Reporter
from ganaug.gain.protocol.choices import tune
from ganaug.gain.protocol.jobs import OPTIMISATION, Job, list_jobs
from ganaug.gain.protocol.split_data import Experiment, open_split
from ganaug.gain.protocol.split_run import run_split
from ganaug.gain.protocol.work import SplitWork
from ganaug.gain.recipes import is_uneven
from ganaug.gain.request import GainRequest
from ganaug.gain.settings import Settings, count_trial_folds
from ganaug.gain.splitting.splits import Split
from ganaug.gain.started.pretraining import pretrain_once
from ganaug.gain.styled.pools import StyleMaker, pool_by_style


def open_plain_splits(
    request: GainRequest, settings: Settings, kept: Kept, reporter: Reporter
) -> SplitWork:
    """Return the work on the splits of a request without domains."""
    splits = request.splits.splits
    experiment = Experiment(
        data=request.data,
        test=request.test,
        settings=settings,
        kept=kept,
        make_pool=_find_pool_maker(request, settings, kept, reporter),
        build=request.classifier.build,
        device=request.device,
        shifts=request.options.shifts,
        styled=request.styles is not None,
        parent=_find_parent(request, settings, kept),
    )

    def begin(number: int) -> None:
        opened = open_split(experiment, splits[number], number)
        if number == 0:
            tune(opened)

    tunes = settings.tune and not kept.holds(OPTIMISATION)
    return SplitWork(
        list_jobs=lambda number: _list_jobs(experiment, splits[number], number),
        run=lambda number: run_split(experiment, splits[number], number),
        begin=begin if tunes else None,
    )


def _find_parent(
    request: GainRequest, settings: Settings, kept: Kept
) -> Mapping[str, Tensor] | None:
    """Return the weights with which networks may begin; None without a start."""
    if request.start is None:
        return None
    build = request.classifier.build
    assert not isinstance(build, OnFeatures), "an estimator does not start from a run"
    return pretrain_once(request.start, settings, build, kept, request.device)


def _find_pool_maker(
    request: GainRequest, settings: Settings, kept: Kept, reporter: Reporter
) -> PoolMaker:
    if request.styles is not None:
        maker = StyleMaker(
            styles=request.styles,
            device=request.device,
            budget=settings.gan_minutes,
            progress=reporter.train,
        )
        return pool_by_style(maker, per_class=settings.per_class, size=settings.grid)
    part = request.data.subset(request.splits.splits[0].fit)
    parent = None if request.start is None else request.start.parent
    overrides = kept.once(
        "gan",
        lambda: fix_plan(
            part,
            request.device,
            budget=settings.gan_minutes,
            seed=settings.seed,
            parent=parent,
        ),
    )
    return GanPoolMaker(
        per_class=settings.per_class,
        overrides=overrides,
        device=request.device,
        size=settings.grid,
        progress=reporter.train,
        parent=parent,
    )


def _list_jobs(experiment: Experiment, split: Split, number: int) -> list[Job]:
    return list_jobs(
        experiment.settings,
        folds=count_trial_folds(len(split.validation)),
        uneven=is_uneven(experiment.data.subset(split.train).counts),
        first=not number,
        styled=experiment.styled,
        started=experiment.parent is not None,
    )
