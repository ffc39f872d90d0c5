"""Flips: does a classifier still recognise the class of a mirrored image?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.classify.parallel import map_parallel
from ganaug.classify.teacher import iterate_folds
from ganaug.data.fingerprint import Fingerprint, FlipCheck
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside, resize_images
from ganaug.data.split import make_folds

TOLERANCE = -2.0  # points that the lower limit of the change must exceed
Z95 = 1.645  # one-sided
LONGEST_SIDE = 32  # pixels; larger images are reduced for this check
FOLDS, STEPS, WIDTH = 4, 160, 16
FEWEST_IMAGES = 20  # images below which nothing can be decided
SKILL = 0.3  # least skill of the classifier: 0 is chance, 1 is perfect
CERTAIN = 3.0  # standard deviations beyond which further folds would change nothing

Hits = NDArray[np.bool_]


def check_flips(
    images: LabelledImages,
    *,
    seed: int = 0,
    limit: int = 4000,
    device: str | torch.device = "cpu",
) -> tuple[FlipCheck, FlipCheck]:
    """Measure whether left-right and up-down mirroring keep labels.

    A small classifier is trained without mirroring, cross-fitted over whole groups;
    its accuracy on mirrored held-out images minus that on the same images unmirrored
    is the change. Flips are safe where the change's lower 95 % limit is above −2
    points; a flip that cannot be decided counts as unsafe. Folds that would hardly
    change either decision are omitted (see `is_settled`).

    Args:
        images: all data, or the part that may be used for decisions.
        seed: seed of sample, folds and training.
        limit: largest number of images used; large classes are thinned first.
        device: device to train on.

    Returns:
        The horizontal check and the vertical one.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 0]), ("a",)
        ... )
        >>> check_flips(data)[0].reason
        'one class only: nothing to tell apart'
    """
    obstacle = _find_obstacle(images)
    if obstacle:
        check = FlipCheck(False, -100.0, 0.0, 0, obstacle)
        return check, check
    chosen = _thin_classes(images.labels, limit, seed)
    size = fit_inside(images.size, LONGEST_SIDE)
    x = resize_images(images.images, size, rows=chosen)
    y = images.labels[chosen]
    groups = None if images.groups is None else images.groups[chosen]
    fold_of = make_folds(y, groups, folds=FOLDS, seed=seed)
    rows, hits = np.empty(0, np.int64), np.empty((3, 0), bool)
    for held, found in _recognise(x, y, fold_of, seed=seed, device=device):
        rows, hits = np.concatenate([rows, held]), np.hstack([hits, found])
        own = None if groups is None else groups[rows]
        plain, *mirrored = hits
        share = len(rows) / len(y)
        if all(is_settled(plain, flip, y[rows], own, share) for flip in mirrored):
            break
    across, down = (judge_flip(plain, flip, y[rows], own) for flip in mirrored)
    return across, down


def with_flips(
    fingerprint: Fingerprint,
    images: LabelledImages,
    *,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Fingerprint:
    """Return the fingerprint with both flip checks filled in.

    Example:
        >>> from ganaug.data.fingerprint import take_fingerprint
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 0]), ("a",)
        ... )
        >>> with_flips(take_fingerprint(data), data).hflip.safe
        False
    """
    hflip, vflip = check_flips(images, seed=seed, device=device)
    return replace(fingerprint, hflip=hflip, vflip=vflip)


def judge_flip(
    plain: Hits,
    flipped: Hits,
    labels: NDArray[np.int64],
    groups: NDArray[np.int64] | None = None,
) -> FlipCheck:
    """Judge a flip by which images were recognised, plain and mirrored.

    The limit is Agresti and Min's for paired proportions (Statistics in Medicine,
    2005): half an image is added to each cell of the 2 × 2 table, so that few images
    without a difference prove nothing. With groups the variance is that of their sums
    where it is larger.

    Args:
        plain: (n,) whether each image was recognised.
        flipped: (n,) whether its mirror image was.
        labels: (n,) class indices.
        groups: (n,) group indices, or None.

    Example:
        >>> hits = np.ones(200, bool)
        >>> judge_flip(hits, hits, np.repeat([0, 1], 100)).safe
        True
    """
    change = 100 * float((flipped.astype(float) - plain).mean())
    centre, deviation = _measure_change(plain, flipped, groups)
    low = centre - Z95 * deviation
    skill = _measure_skill(plain, labels)
    safe = low > TOLERANCE and skill >= SKILL
    reason = _explain(change, low, skill, safe=safe)
    return FlipCheck(safe, round(low, 2), round(change, 2), len(plain), reason)


def is_settled(
    plain: Hits,
    flipped: Hits,
    labels: NDArray[np.int64],
    groups: NDArray[np.int64] | None,
    share: float,
) -> bool:
    """Whether the images that were not looked at yet would not change a decision.

    The change over all images is expected near that over these, within `CERTAIN` times
    its predictive standard deviation, which for a share f of the images is √(1 − f)
    times the one of these; the limit over all images lies `Z95` · √f times it lower.

    Args:
        plain, flipped, labels, groups: as for `judge_flip`, of the images looked at.
        share: their share of all images, in (0, 1].

    Example:
        >>> plain, labels = np.ones(90, bool), np.repeat([0, 1], 45)
        >>> is_settled(plain, ~plain, labels, None, 0.25)
        True
        >>> is_settled(plain, plain, labels, None, 0.25)
        False
    """
    classes = len(np.unique(labels))
    if share == 1 or classes < 2:
        return share == 1
    centre, deviation = _measure_change(plain, flipped, groups)
    reach = CERTAIN * deviation * math.sqrt(1 - share)
    wanted = TOLERANCE + Z95 * deviation * math.sqrt(share)
    doubt = CERTAIN * 0.5 / math.sqrt(len(plain)) / (1 - 1 / classes)
    skill = _measure_skill(plain, labels)
    unsafe = centre + reach < wanted or skill + doubt < SKILL
    return unsafe or (centre - reach > wanted and skill - doubt > SKILL)


def _measure_change(
    plain: Hits, flipped: Hits, groups: NDArray[np.int64] | None
) -> tuple[float, float]:
    """Measure the change that limits lie around, and its standard error, in points."""
    n = len(plain)
    difference = flipped.astype(float) - plain
    gained = float((difference > 0).sum()) + 0.5
    lost = float((difference < 0).sum()) + 0.5
    centre = (gained - lost) / (n + 2)
    variance = ((gained + lost) / (n + 2) - centre**2) / (n + 2)
    if groups is not None:
        members = np.unique(groups, return_inverse=True)[1]
        sums = np.bincount(members, weights=difference - difference.mean())
        variance = max(variance, float((sums**2).sum()) / n**2)
    return 100 * centre, 100 * math.sqrt(variance)


def _find_obstacle(images: LabelledImages) -> str:
    if np.count_nonzero(images.counts) < 2:
        return "one class only: nothing to tell apart"
    if len(images) < FEWEST_IMAGES:
        return f"{len(images)} images are too few to decide"
    if images.groups is not None and len(np.unique(images.groups)) < FOLDS:
        return "too few groups to hold some out"
    return ""


def _thin_classes(
    labels: NDArray[np.int64], limit: int, seed: int
) -> NDArray[np.int64]:
    """Choose at most `limit` indices, ascending; large classes lose images first."""
    if len(labels) <= limit:
        return np.arange(len(labels))
    order = np.random.default_rng(seed).permutation(len(labels))
    rank = np.empty(len(labels), np.int64)  # of each image within its class
    for label in np.unique(labels):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members))
    by_rank = order[np.argsort(rank[order], kind="stable")]
    return np.sort(by_rank[:limit])


def _recognise(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    fold_of: NDArray[np.int64],
    *,
    seed: int,
    device: str | torch.device,
) -> Iterator[tuple[NDArray[np.int64], Hits]]:
    """Yield each fold's rows (m,), and which are recognised: plain, across, down."""
    n_classes = int(labels.max()) + 1
    folds = list(iterate_folds(fold_of))

    def fit(train: NDArray[np.int64]) -> Classifier:
        return fit_classifier(
            images[train],
            labels[train],
            n_classes,
            steps=STEPS,
            width=WIDTH,
            seed=seed,
            device=device,
        )

    at_once = torch.get_num_threads()  # which are trained side by side
    for start in range(0, len(folds), at_once):
        some = folds[start : start + at_once]
        classifiers = map_parallel(fit, [train for train, _ in some])
        for classifier, (_, held) in zip(classifiers, some, strict=True):
            x = images[held]
            views = x, x[:, :, ::-1], x[:, ::-1]
            guesses = [classifier.predict_proba(v).argmax(axis=1) for v in views]
            yield held, np.array(guesses) == labels[held]


def _measure_skill(plain: Hits, labels: NDArray[np.int64]) -> float:
    """Measure balanced accuracy, rescaled so that chance is 0 and perfection 1."""
    recalls = [plain[labels == label].mean() for label in np.unique(labels)]
    chance = 1 / len(recalls)
    return float((np.mean(recalls) - chance) / (1 - chance))


def _explain(change: float, low: float, skill: float, *, safe: bool) -> str:
    if skill < SKILL:
        return "undecided: the classifier itself recognises too little"
    shown = round(change, 1) + 0.0  # no −0.0
    measured = f"mirrored images change a classifier's accuracy by {shown:+.1f} points"
    if change <= TOLERANCE:
        return f"unsafe: {measured}"
    doubt = f"no worse than {low:+.1f} at 95 % confidence"
    return f"{'safe' if safe else 'undecided'}: {measured}, {doubt}"
