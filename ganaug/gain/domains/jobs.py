"""Jobs of a split where domains are known, at most, with what their fits cost."""

from __future__ import annotations

from ganaug.gain.domains.candidates import (
    INVARIANCES,
    Candidate,
    list_augmentations,
    list_samplings,
)
from ganaug.gain.domains.choosing import (
    FINALISTS,
    FIRST,
    KIND_FINALISTS,
    SECOND,
    SHARES,
)
from ganaug.gain.domains.splits import MOST_FOLDS
from ganaug.gain.protocol.jobs import MIXED, Job
from ganaug.gain.protocol.selection import list_rungs
from ganaug.gain.settings import ENSEMBLE, Settings
from ganaug.recipe import Recipe
from ganaug.translate.classical.carriers import CARRIERS

TRANSLATORS = 1 + SECOND  # trained in a split, in whole ones


def list_domain_jobs(settings: Settings, *, folds: int = MOST_FOLDS) -> list[Job]:
    """Return as many jobs as a split can have, named by number.

    Args:
        settings: amount of work.
        folds: number of hidden cells that choose.

    Example:
        >>> jobs = list_domain_jobs(Settings())
        >>> len(jobs), round(sum(job.cost for job in jobs))
        (69, 38)
    """
    short = settings.steps > 0  # an estimator has no shorter fits
    costs = [
        *[0.0, *_cost_choices(settings, folds, short=short)],  # flips first
        *[0.0, 0.0, *_cost_mixtures(short=short)],  # opponent, pool
        *[0.0, 0.0, *_cost_finals(settings)],  # mixture, pool
    ]
    return [Job(f"{number:02d}", cost) for number, cost in enumerate(costs)]


def count_domain_fits(settings: Settings) -> float:
    """Return the cost of a split's jobs, in final fits with real images only."""
    return sum(job.cost for job in list_domain_jobs(settings))


def _cost_choices(settings: Settings, folds: int, *, short: bool) -> list[float]:
    first, second = (FIRST, SECOND) if short else (1.0, 1.0)
    augmentations = len(list_augmentations(settings.policies, settings.mixes))
    others = len(list_samplings(Candidate(Recipe()))) + len(INVARIANCES)
    longer = min(FINALISTS, augmentations) + KIND_FINALISTS
    filled = KIND_FINALISTS + 1  # one of them with jitter
    return [
        *[first] * (augmentations + others),
        *[first * MIXED] * len(CARRIERS),
        *[second] * (folds * longer),
        *[second * MIXED] * (folds * filled),
    ]


def _cost_mixtures(*, short: bool) -> list[float]:
    return [
        MIXED * (part if short else 1.0)
        for number, part in list_rungs(2 * len(SHARES))
        for _ in range(number)
    ]


def _cost_finals(settings: Settings) -> list[float]:
    single = settings.initialisations
    pair = max(single, ENSEMBLE) if settings.ensemble else single
    return [1.0] * 3 + [MIXED] * (2 * pair + single)
