"""Splits of `measure_gain` where domains are known."""

from __future__ import annotations

from ganaug.gain.domains.jobs import list_domain_jobs
from ganaug.gain.domains.split_data import DomainExperiment
from ganaug.gain.domains.split_run import run_domain_split
from ganaug.gain.domains.splits import list_folds
from ganaug.gain.domains.translated import fill_by_translator, plan_fill
from ganaug.gain.kept import Kept
from ganaug.gain.progress import Reporter
from ganaug.gain.protocol.work import SplitWork
from ganaug.gain.request import GainRequest
from ganaug.gain.settings import Settings
from ganaug.translate.settings import TranslateConfig

FEWEST, MOST = 20, 60  # images that fill a cell


def open_domain_splits(
    request: GainRequest, settings: Settings, kept: Kept, reporter: Reporter
) -> SplitWork:
    """Return the work on the splits of a request whose data have cells to fill."""
    splits, data = request.splits.splits, request.data
    part = data.subset(splits[0].train)
    plan = kept.once(
        "translator",
        lambda: plan_fill(part, request.device, budget=settings.gan_minutes),
    )
    per_cell = min(MOST, max(FEWEST, settings.per_class // len(data.domain_names)))
    experiment = DomainExperiment(
        data=data,
        test=request.test if splits[0].test is None else None,
        settings=settings,
        kept=kept,
        make_fill=fill_by_translator(
            TranslateConfig.from_dict(plan), per_cell, device=request.device,
            progress=reporter.train,
        ),
        build=request.classifier.build,
        device=request.device,
        per_cell=per_cell,
    )  # fmt: skip
    jobs = list_domain_jobs(settings, folds=len(list_folds(part, seed=0)))
    return SplitWork(
        list_jobs=lambda number: jobs,
        run=lambda number: run_domain_split(experiment, splits[number], number),
    )
