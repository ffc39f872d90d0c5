"""Jobs of a split beside unlabelled images, with what their fits cost."""

from __future__ import annotations

from ganaug.classify.adaptation.reversing import POLICIES
from ganaug.classify.adaptation.rounds import ROUNDS
from ganaug.gain.fitting.adapting import CONSISTENT, SELF_TRAINED
from ganaug.gain.protocol.jobs import Job
from ganaug.gain.settings import Settings
from ganaug.gain.unlabelled.candidates import ADAPTED, MIXED

DOUBLED = 2.0  # cost of a fit whose batches are half GAN images
# cost of an adaptation beyond that of one fit; self-training begins with one
COSTS = {SELF_TRAINED: float(ROUNDS), CONSISTENT: 2.7}


def list_unlabelled_jobs(settings: Settings) -> list[Job]:
    """Return as many jobs as a split can have, named by number.

    Example:
        >>> jobs = list_unlabelled_jobs(Settings(initialisations=1))
        >>> len(jobs), round(sum(job.cost for job in jobs))
        (15, 34)
    """
    chain = [1.0, COSTS[SELF_TRAINED]]  # the dearest training
    further = settings.initialisations - 1
    costs = [
        0.0, *[1.0] * len(POLICIES), float(len(POLICIES)),  # flips, augmentation
        *(COSTS.get(own, 1.0) for own in list(ADAPTED.values()) if own != "settled"),
        1.0, 0.0,  # guesses for the translator, its images
        *(DOUBLED * COSTS.get(name, 1.0) for name in MIXED),
        *chain * further,
        *[DOUBLED * cost for cost in chain] * (2 * further + 1),
    ]  # fmt: skip
    return [Job(f"{number:02d}", cost) for number, cost in enumerate(costs)]


def count_unlabelled_fits(settings: Settings) -> float:
    """Return the cost of a split's jobs, in final fits with real images only."""
    return sum(job.cost for job in list_unlabelled_jobs(settings))
