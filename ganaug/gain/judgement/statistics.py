"""Statistics of paired gains: intervals over splits and test images, and what decides.

The split is the unit: a gain is one arm's figure minus another's on the same split,
averaged over initialisations, as a share (.01 is one point).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

Floats = NDArray[np.float64]

EXACT = 16  # splits, up to which every flip of signs is tried
FLIPS = 1 << EXACT  # drawn at random for more splits
MOST_SPLITS = 1000  # nobody runs more
ROUNDING = 1e-9  # gains that differ by less are equal on paper


@dataclass(frozen=True)
class Interval:
    """A mean gain, how sure it is, and what that rests on.

    Attributes:
        mean: mean of the gains.
        low, high: limits of the interval; infinite where one split was run.
        p: two-sided, of Student's t against no gain.
        standard_error: standard error of the mean.
        degrees: degrees of freedom.
        n: splits.
        spread: standard deviation of the gains over splits.
        confidence: share of such intervals that contain the true gain.
        overlap: what was added to 1/n for splits that share images.
        test_variance: variance of the mean from test images that all splits share.
        test_degrees: degrees of freedom of that variance.
    """

    mean: float
    low: float
    high: float
    p: float
    standard_error: float
    degrees: float
    n: int
    spread: float
    confidence: float = 0.95
    overlap: float = 0.0
    test_variance: float = 0.0
    test_degrees: float = math.inf

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; None stands for what is infinite, which JSON lacks."""
        return {
            name: value if math.isfinite(value) else None
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Interval:
        """Return the interval that `to_dict` was called on."""
        infinite = {"low": -math.inf}
        fields: dict[str, Any] = {
            name: infinite.get(name, math.inf) if value is None else value
            for name, value in values.items()
        }
        return cls(**fields)


def paired_interval(
    gains: ArrayLike,
    *,
    overlap: float = 0.0,
    test_variance: float = 0.0,
    test_degrees: float = math.inf,
    confidence: float = 0.95,
    resolution: float = 0.0,
) -> Interval:
    """Return Student's interval of the mean gain.

    The variance is s²(1/J + overlap) + test_variance: the corrected resampled t-test of
    Nadeau and Bengio, "Inference for the generalization error" (2003), section 3, and
    what shared test images add. With both parts the degrees of freedom are those of
    Satterthwaite (1946). With two or three splits these can jump up, so an interval is
    never narrower than the splits alone make it; error and degrees are then theirs.

    A single split has no spread: its limits are infinite and p is 1. Equal gains have
    none either, which with few test images is chance: theirs is `resolution`, the
    largest step that a gain can take. Without that and test_variance the interval is
    the mean alone, with p 0, or 1 where no gain differs from 0.

    Args:
        gains: (J,) one per split.
        overlap: test images per training image where splits resample one pool, 0
            where training subsets are disjoint and the test set is separate.
        test_variance: as `image_variance` gives it, where all splits share theirs.
        test_degrees: test images, or groups of them, less one.
        confidence: in (0, 1).
        resolution: such as a test image's share of the score, where it is largest.

    Example:
        >>> found = paired_interval([0.01, 0.02, 0.03])
        >>> round(found.mean, 3), round(found.low, 4), round(found.high, 4)
        (0.02, -0.0048, 0.0448)
    """
    values = np.asarray(gains, np.float64)
    n = len(values)
    assert values.ndim == 1, values.shape
    assert n >= 1
    assert np.isfinite(values).all()
    mean = round(float(values.mean()), 12) + 0.0  # no -0.0 of what is none
    basis = {
        "confidence": confidence,
        "overlap": overlap,
        "test_variance": test_variance,
        "test_degrees": test_degrees,
    }
    if n < 2:
        return Interval(
            mean=mean,
            low=-math.inf,
            high=math.inf,
            p=1,
            standard_error=math.inf,
            degrees=0,
            n=n,
            spread=math.inf,
            **basis,
        )
    equal = np.ptp(values) < ROUNDING
    spread = resolution if equal else float(values.std(ddof=1))
    errors, degrees, reaches = _find_errors(np.array([n]), spread, **basis)
    error, degree, reach = float(errors[0]), float(degrees[0]), float(reaches[0])
    p = 2 * float(stats.t.sf(abs(mean) / error, degree)) if error else float(not mean)
    return Interval(
        mean=mean,
        low=mean - reach,
        high=mean + reach,
        p=p,
        standard_error=error,
        degrees=degree,
        n=n,
        spread=spread,
        **basis,
    )


def image_variance(
    differences: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> float:
    """Return the variance of the mean gain from test images that all splits share.

    Splits and test images are crossed random effects. The gains' spread over splits
    already holds their interaction, so this is the images' own part alone: the mean,
    over pairs of different splits, of the product of an image's deviations, which for
    equal weights is (MS_images − MS_interaction)/(J n) of the two-way analysis of
    variance (Searle, Casella and McCulloch, "Variance Components", 1992, chapter 4).
    A negative estimate counts as 0. A single split cannot tell the two apart, and gets
    their sum.

    Args:
        differences: (J, n) one arm's score of each test image minus the other's, such
            as hit − hit; averages over initialisations are welcome.
        weights: (n,) summing to 1; for balanced accuracy 1/(classes × images of the
            class). Differences between classes' gains then count as noise too, which
            errs on the safe side. None weighs all alike.
        groups: (n,) or None; test images of one group are drawn together.

    Example:
        >>> hits = np.array([[1, 1, 0, -1], [1, 1, 0, 0.0], [1, 0, 0, -1]])
        >>> round(image_variance(hits), 4)
        0.125
    """
    values = np.asarray(differences, np.float64)
    splits, n = values.shape
    shares = np.full(n, 1 / n) if weights is None else np.asarray(weights, np.float64)
    assert math.isclose(shares.sum(), 1, abs_tol=1e-6), shares.sum()
    means = values @ shares
    moves = _sum_groups((values - means[:, None]) * shares, groups)  # (J, groups)
    size = moves.shape[1]
    if size < 2:
        return 0.0
    squares = float(np.square(moves.sum(axis=0)).sum())
    if splits > 1:
        squares = (squares - float(np.square(moves).sum())) / (splits * (splits - 1))
    return float(max(0.0, squares) * size / (size - 1))


def sign_flip_p(gains: ArrayLike) -> float:
    """Return the two-sided p of the mean gain under random signs (Fisher, 1935).

    Exact up to 16 splits, from 65,536 random flips beyond. It cannot go below 2/2^J:
    five splits never get under .0625.

    Example:
        >>> sign_flip_p([0.01, 0.02, 0.01, 0.03, 0.02])
        0.0625
    """
    values = np.asarray(gains, np.float64)
    n = len(values)
    if n <= EXACT:
        flips = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    else:
        flips = np.random.default_rng(0).integers(0, 2, (FLIPS, n))
    sums = np.abs((1 - 2 * flips) @ values)
    # sums that are equal on paper differ in their last bits
    reached = int((sums >= abs(values.sum()) - 1e-12 * np.abs(values).sum()).sum())
    if n <= EXACT:
        return reached / len(flips)
    # the flips that were drawn and the one that was seen (Phipson and Smyth, 2010)
    return (reached + 1) / (len(flips) + 1)


def minimum_detectable_gain(interval: Interval, power: float = 0.8) -> float:
    """Return the smallest true gain that a design like this finds, with that power.

    Its interval then lies above 0 with probability `power`, by the noncentral t. This
    is Bloom's "minimum detectable effect" (1995), whose (t_{1−α/2} + t_power) × error
    it nears with more splits; the error is taken as known.

    Example:
        >>> found = paired_interval([0.01, 0.02, 0.03])
        >>> round(minimum_detectable_gain(found), 3)
        0.033
    """
    if not math.isfinite(interval.standard_error):
        return math.inf
    degrees = min(interval.degrees, 1e6)
    limit = stats.t.ppf((1 + interval.confidence) / 2, degrees)
    shift = float(special.nctdtrinc(degrees, 1 - power, limit))
    return shift * interval.standard_error


def splits_to_decide(interval: Interval, margin: float) -> int | None:
    """Return how many splits would decide, if mean and spread stayed as they are.

    Decided is an interval that excludes 0 or lies within ±margin.

    Args:
        interval: gain of the splits that were run.
        margin: difference that does not count, a share.

    Returns:
        The number of splits in all, no less than were run. None where no number up to
        1,000 does, as the images that splits share leave too much open, or where a
        single split leaves all open.

    Example:
        >>> splits_to_decide(paired_interval([0.01, 0.02, 0.03]), 0.01)
        4
    """
    if not math.isfinite(interval.spread):
        return None
    counts = np.arange(interval.n, MOST_SPLITS + 1)
    _, _, reaches = _find_errors(
        counts,
        interval.spread,
        confidence=interval.confidence,
        overlap=interval.overlap,
        test_variance=interval.test_variance,
        test_degrees=interval.test_degrees,
    )
    size = abs(interval.mean)
    decided = (reaches < size) | (reaches <= margin - size)
    return int(counts[decided.argmax()]) if decided.any() else None


def _find_errors(
    counts: NDArray[np.int64],
    spread: float,
    *,
    confidence: float,
    overlap: float,
    test_variance: float,
    test_degrees: float,
) -> tuple[Floats, Floats, Floats]:
    """Return standard error, degrees of freedom and half width for n splits each."""
    quantile = (1 + confidence) / 2
    if not test_variance:
        test_degrees = math.inf  # a single test image, or group of them, has none
    of_splits = spread**2 * (1 / counts + overlap)
    total = of_splits + test_variance
    share = np.divide(of_splits, total, out=np.ones(len(counts)), where=total > 0)
    with np.errstate(divide="ignore"):
        degrees = 1 / (share**2 / (counts - 1) + (1 - share) ** 2 / test_degrees)
    both = stats.t.ppf(quantile, degrees) * np.sqrt(total)
    alone = stats.t.ppf(quantile, counts - 1) * np.sqrt(of_splits)
    wider = alone > both
    return (
        np.sqrt(np.where(wider, of_splits, total)),
        np.where(wider, counts - 1, degrees),
        np.maximum(alone, both),
    )


def _sum_groups(values: Floats, groups: ArrayLike | None) -> Floats:
    """Sum (J, n) values over groups, into (J, groups)."""
    if groups is None:
        return values
    members = np.unique(np.asarray(groups), return_inverse=True)[1]
    summed = np.zeros((int(members.max()) + 1, len(values)))
    np.add.at(summed, members, values.T)
    return summed.T
