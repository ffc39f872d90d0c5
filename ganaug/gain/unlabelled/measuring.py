"""Splits of `measure_gain` where unlabelled images are given."""

from __future__ import annotations

from ganaug.gain.kept import Kept
from ganaug.gain.progress import Reporter
from ganaug.gain.protocol.work import SplitWork
from ganaug.gain.request import GainRequest
from ganaug.gain.settings import Settings
from ganaug.gain.unlabelled.jobs import list_unlabelled_jobs
from ganaug.gain.unlabelled.split_data import UnlabelledExperiment
from ganaug.gain.unlabelled.split_run import run_unlabelled_split
from ganaug.gain.unlabelled.translated import carry_by_translator, plan_carrying
from ganaug.translate.settings import TranslateConfig


def open_unlabelled_splits(
    request: GainRequest, settings: Settings, kept: Kept, reporter: Reporter
) -> SplitWork:
    """Return the work on the splits of a request that has unlabelled images."""
    splits, data = request.splits.splits, request.data
    part = data.subset(splits[0].train)
    plan = kept.once(
        "translator",
        lambda: plan_carrying(part, request.device, budget=settings.gan_minutes),
    )
    given = splits[0].test is None
    experiment = UnlabelledExperiment(
        data=data,
        pool=request.pool if given else None,
        test=request.test if given else None,
        settings=settings,
        kept=kept,
        make_carried=carry_by_translator(
            TranslateConfig.from_dict(plan), settings.per_class, device=request.device,
            progress=reporter.train,
        ),
        build=request.classifier.build,
        device=request.device,
    )  # fmt: skip
    return SplitWork(
        list_jobs=lambda number: list_unlabelled_jobs(settings),
        run=lambda number: run_unlabelled_split(experiment, splits[number], number),
    )


def say_where(request: GainRequest) -> str:
    """Name the domains that are tested."""
    assert request.pool is not None, "unlabelled images are given"
    tests = [split.test for split in request.splits.splits]
    if tests[0] is None:
        return request.pool.domain
    names, domains = request.data.domain_names, request.data.domains
    assert domains is not None, "domains are hidden where they are known"
    hidden = dict.fromkeys(
        names[int(domains[test[0]])] for test in tests if test is not None
    )
    return f"hidden domains ({', '.join(hidden)})"
