"""Budget: how much work fits into some minutes, timed on this machine."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from ganaug.classify.parallel import map_parallel
from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.display.words import count
from ganaug.errors import ConfigError
from ganaug.gain.classifiers.probes import check_network
from ganaug.gain.classifiers.specs import ClassifierSpec, OnFeatures
from ganaug.gain.domains.jobs import TRANSLATORS, count_domain_fits
from ganaug.gain.fitting.batches import BATCH_SIZE
from ganaug.gain.fitting.fits import fit_arm
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.protocol.arms import GAN, IMAGES
from ganaug.gain.protocol.jobs import FINAL, count_fits, list_jobs
from ganaug.gain.request import SPLIT_COUNT, GainRequest
from ganaug.gain.settings import Settings, count_trial_folds
from ganaug.gain.shifts.versions import MOST_TESTED, list_versions
from ganaug.gain.sizes import list_sizes, say_size
from ganaug.gain.splitting.splits import say_splits
from ganaug.gain.started.pretraining import LONGER
from ganaug.gain.unlabelled.jobs import count_unlabelled_fits
from ganaug.recipe import Recipe
from ganaug.workers import Workers, count_cores

GAN_PART = 0.4  # share of a split's time that its GAN gets
FEWEST_STEPS, MOST_STEPS = 100, 600  # steps of a fit
ROOMY_STEPS = 200  # with fewer, images are compared at a smaller size
LEAST_GAN_MINUTES, MOST_GAN_MINUTES = 0.3, 10.0
OVERHEAD_MINUTES = 0.4  # for each split: flips, teacher, filters
TIMED_STEPS = 6
JUDGING = 0.5  # time to corrupt and judge a batch, in steps of a fit
FEWEST_SPLITS = 3  # with fewer, the interval is too wide to decide anything
SLACK = 1.1  # a machine is timed a little differently each time


@dataclass(frozen=True)
class Estimate:
    """The work and the time that a protocol will take.

    Attributes:
        splits: number of splits to run.
        settings: amount of work that fits the budget.
        gan_minutes, fit_minutes: time for the GANs and the fits of all splits.
        fits: work of all fits, in final fits of real images alone; 0 where nothing
            was timed.
        least_minutes: time that the shortest split takes; 0 where nothing was timed.
        overhead_minutes: time that each split takes beside these.
        notes: lines on where the budget gives less than a user may expect.
        kind: kind of the synthetic images, a key of `protocol.arms.IMAGES`.
    """

    splits: int
    settings: Settings
    gan_minutes: float = 0.0
    fit_minutes: float = 0.0
    fits: int = 0
    least_minutes: float = 0.0
    overhead_minutes: float = OVERHEAD_MINUTES
    notes: tuple[str, ...] = ()
    kind: str = GAN

    @property
    def minutes(self) -> float:
        """Minutes for all splits; 0 where nothing was timed."""
        if not self.fits:
            return 0.0
        overhead = self.overhead_minutes * self.splits
        return self.gan_minutes + self.fit_minutes + overhead

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "splits": self.splits,
            "settings": self.settings.to_dict(),
            "gan_minutes": self.gan_minutes,
            "fit_minutes": self.fit_minutes,
            "fits": self.fits,
            "least_minutes": self.least_minutes,
            "overhead_minutes": self.overhead_minutes,
            "notes": list(self.notes),
            "kind": self.kind,
        }

    def say(self) -> str:
        """Return the estimate in one line for a person."""
        s = self.settings
        steps = f" of {s.steps} steps" if s.steps else ""
        made = "a GAN" if self.kind == GAN else IMAGES[self.kind]
        return (
            f"{say_splits(self.splits)}: {made} of {s.gan_minutes:.1f} min each, about "
            f"{self.fits} fits{steps} at {s.grid[0]}×{s.grid[1]} pixels; "
            f"{self.minutes:.0f} min in all"
        )


def plan_gain(request: GainRequest) -> Estimate:
    """Choose the steps, the GAN's minutes and the splits that fit the budget.

    Raises:
        ConfigError: the budget is too small for one split, or the classifier cannot
            learn from such images.
    """
    budget = request.options.budget
    settings, unit, fits = _choose_size(request)
    overhead = _find_overhead(request, settings, unit)
    least = _count_minutes(settings, unit, fits, FEWEST_STEPS) + overhead
    if budget < least:
        raise ConfigError(
            f"a budget of {round(budget, 2):g} minutes is too small for one split, "
            f"which takes {least:.1f} here; {_say_enough(request, least)}"
        )
    splits = min(len(request.splits.splits), int(budget / least))
    each = budget / splits - overhead
    if settings.steps:
        steps = (1 - GAN_PART) * each * 60 / (fits * unit)
        settings = replace(
            settings, steps=int(np.clip(steps, FEWEST_STEPS, MOST_STEPS))
        )
    fit_minutes = fits * max(1, settings.steps) * unit / 60
    trained = TRANSLATORS if request.by_cells else 1.0  # networks in a split
    most = trained * MOST_GAN_MINUTES
    gan = float(np.clip(each - fit_minutes, LEAST_GAN_MINUTES, most))
    return Estimate(
        splits=splits,
        settings=replace(settings, gan_minutes=round(gan / trained, 2)),
        gan_minutes=gan * splits,
        fit_minutes=fit_minutes * splits,
        fits=round(fits * splits),
        least_minutes=round(least, 2),
        overhead_minutes=round(overhead, 2),
        kind=request.kind,
    )


def _choose_size(request: GainRequest) -> tuple[Settings, float, float]:
    """Choose the largest size at which the budget allows all splits.

    Returns:
        Settings with that size, the seconds that a step or a fit takes, and the number
        of fits in a split.
    """
    on_cpu, options = request.device.type == "cpu", request.options
    for size in list_sizes(request.data.size, options.size, on_cpu=on_cpu):
        settings, unit = _time(request, size)
        fits = _count_fits(request, settings)
        roomy = _count_minutes(settings, unit, fits, ROOMY_STEPS)
        roomy += _find_overhead(request, settings, unit)
        if roomy * len(request.splits.splits) <= options.budget:
            break
    return settings, unit, fits


def _count_fits(request: GainRequest, settings: Settings) -> float:
    """Return the cost of a split's fits, in final fits with real images only."""
    if request.pool is not None:
        return count_unlabelled_fits(settings)
    if request.by_cells:
        return count_domain_fits(settings)
    folds = _expect_folds(len(request.data))
    styled = request.styles is not None
    started = request.start is not None
    fits = count_fits(
        settings, folds=folds, uneven=request.uneven, styled=styled, started=started
    )
    # one classifier learns from the earlier run's images, for all splits
    return fits + started * LONGER / len(request.splits.splits)


def _count_minutes(settings: Settings, unit: float, fits: float, steps: int) -> float:
    """Return the minutes of so many steps in each fit, and of the shortest GAN."""
    units = steps if settings.steps else 1
    return fits * units * unit / 60 + LEAST_GAN_MINUTES


def _find_overhead(request: GainRequest, settings: Settings, unit: float) -> float:
    """Return the minutes of a split beside its GAN and fits."""
    if not request.options.shifts or not settings.steps:
        return OVERHEAD_MINUTES
    own = len(request.data) / len(request.splits.splits)
    tested = min(MOST_TESTED, own if request.test is None else len(request.test))
    images = tested * len(list_versions(request.data.channels))
    jobs = list_jobs(settings, folds=1, uneven=request.uneven)
    networks = sum(job.key.startswith(FINAL) for job in jobs)
    return OVERHEAD_MINUTES + networks * images / BATCH_SIZE * JUDGING * unit / 60


def refuse_undecidable(request: GainRequest, estimate: Estimate) -> None:
    """Raise ConfigError for fewer splits than can decide, unless they will do anyway.

    Raises:
        ConfigError: with the budget that would be enough.
    """
    if estimate.splits >= FEWEST_SPLITS or request.options.anyway:
        return
    raise ConfigError(f"{_say_undecidable(request, estimate)}; or give --anyway")


def list_cuts(request: GainRequest, estimate: Estimate) -> tuple[str, ...]:
    """Return a line for each thing that is less than a user may expect."""
    notes = list(request.splits.notes)
    if estimate.splits < len(request.splits.splits):
        what = say_splits(estimate.splits)
        notes.append(f"the budget allows {what} instead of {request.options.splits}")
    if estimate.splits < FEWEST_SPLITS and estimate.least_minutes:
        notes.append(_say_undecidable(request, estimate))
    if request.data.size != estimate.settings.grid:
        notes.append(say_size(request, estimate.settings.grid))
    return tuple(notes)


def list_shares(estimate: Estimate, workers: Workers) -> tuple[str, ...]:
    """Return a line on the time that several processes take; none for one process."""
    if workers.alone or not estimate.minutes:
        return ()
    each = estimate.minutes / estimate.splits
    if workers.backend != "loky":
        return (
            f"{workers.backend} takes splits to other machines: each is {each:.0f} min "
            "of work for one like this",
        )
    cores, n = count_cores(), min(workers.processes or 1, estimate.splits)
    minutes = share_minutes(estimate, n, cores, threads=torch.get_num_threads())
    return (
        f"{n} processes: about {minutes:.0f} min; this machine has "
        f"{count(cores, 'core')}",
    )


def share_minutes(estimate: Estimate, n: int, cores: int, *, threads: int) -> float:
    """Return the minutes that n processes of one machine take for all splits.

    Fits keep all threads of a process busy; all else takes one thread.

    Example:
        >>> estimate = Estimate(4, Settings(), gan_minutes=8, fit_minutes=12, fits=9,
        ...     overhead_minutes=0.0)
        >>> share_minutes(estimate, 2, 2, threads=1)
        10.0
        >>> share_minutes(estimate, 2, 2, threads=2)
        16.0
    """
    rounds = math.ceil(estimate.splits / n)
    fits = estimate.fit_minutes / estimate.splits
    single = estimate.minutes / estimate.splits - fits
    before, after = min(threads, cores), min(n * threads, cores)
    return rounds * n * (single / min(n, cores) + fits * before / after)


def _say_undecidable(request: GainRequest, estimate: Estimate) -> str:
    """Say that so few splits decide nothing, and which request would."""
    what = say_splits(estimate.splits)
    enough = _say_enough(request, estimate.least_minutes)
    return f"{what} cannot decide whether {IMAGES[request.kind]} help; {enough}"


def _say_enough(request: GainRequest, least: float) -> str:
    """Say how long splits take that can decide, as options to give."""
    asked = request.options.splits
    n = asked if asked >= FEWEST_SPLITS else SPLIT_COUNT
    minutes = math.ceil(SLACK * least * n)
    splits = f"--splits {n} " if n != asked else ""
    return f"{n} splits take {minutes} minutes: {splits}--budget {minutes}m"


def _time(request: GainRequest, size: tuple[int, int]) -> tuple[Settings, float]:
    """Return settings with that size, and the seconds that a step or a fit takes."""
    images, classifier = request.data, request.classifier
    settings = replace(request.settings, grid=size)
    check_network(classifier, settings.grid, images.channels, len(images.classes))
    if isinstance(classifier.build, OnFeatures):
        # an estimator takes no steps, learning rates or mixed batches
        settings = replace(settings, steps=0, tune=False, mixes=("none",))
        return settings, _time_fit(images, classifier, settings)
    return settings, _time_step(images, classifier, settings, request.device)


def _expect_folds(n: int) -> int:
    """Return how many folds choose recipes, if 20 % of a training part judges."""
    return count_trial_folds(round(0.2 * 0.8 * n))


def _time_step(
    images: LabelledImages,
    classifier: ClassifierSpec,
    settings: Settings,
    device: torch.device,
) -> float:
    """Return the seconds for a step of 64 images while several fits run at once."""
    shape = (64, *settings.grid, images.channels)
    x = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    task = Task(
        x, np.arange(64) % 2, len(images.classes), build=classifier.build, device=device
    )
    together = range(torch.get_num_threads())
    recipe = Recipe(policy="rand")

    def run(steps: int) -> float:
        some = replace(task, steps=steps)
        start = time.perf_counter()
        fitted = map_parallel(lambda k: fit_arm(some, recipe, seed=k), together)
        fitted[-1].predict_proba(x[:1])  # waits for the device
        return time.perf_counter() - start

    run(1)
    seconds = run(2 + TIMED_STEPS) - run(2)
    return max(1e-4, seconds / TIMED_STEPS / len(together))


def _time_fit(
    images: LabelledImages, classifier: ClassifierSpec, settings: Settings
) -> float:
    """Return the seconds for a fit on a training part while several run at once."""
    rows = np.random.default_rng(0).permutation(len(images))[: round(0.8 * len(images))]
    pixels = resize_images(images.images, settings.grid, rows=rows)
    task = Task(
        pixels, images.labels[rows], len(images.classes), build=classifier.build
    )
    together = range(torch.get_num_threads())
    start = time.perf_counter()
    map_parallel(lambda k: fit_arm(task, Recipe(policy="rand"), seed=k), together)
    return (time.perf_counter() - start) / len(together)
