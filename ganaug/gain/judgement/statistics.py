"""Statistics of paired gains: intervals, p-values and the number of splits needed.

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

from ganaug.records import conform_record

Floats = NDArray[np.float64]

EXACT = 16  # most splits for which every combination of signs is tried
FLIPS = 1 << EXACT  # random combinations of signs for more splits
MOST_SPLITS = 1000  # nobody runs more
ROUNDING = 1e-9  # gains that differ by less count as equal


@dataclass(frozen=True)
class Interval:
    """A mean gain with its interval, and the figures that the interval comes from.

    Attributes:
        mean: mean of the gains.
        low, high: limits of the interval; infinite where one split was run.
        p: two-sided p-value of Student's t against no gain.
        standard_error: standard error of the mean.
        degrees: degrees of freedom.
        n: number of splits.
        spread: standard deviation of the gains over splits.
        confidence: share of such intervals that contain the true gain.
        overlap: term added to 1/n because splits share images.
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
        """Return plain values, with None for infinity, which JSON lacks."""
        return {
            name: value if math.isfinite(value) else None
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Interval:
        """Return the interval from the values that `to_dict` returned.

        Raises:
            ValueError: a value is missing, or is no number.
        """
        infinite = {"low": -math.inf}
        fields: dict[str, Any] = {
            name: infinite.get(name, math.inf) if value is None else value
            for name, value in values.items()
        }
        made: Interval = conform_record(fields, cls, "an interval")
        return made


def paired_interval(
    gains: ArrayLike,
    *,
    overlap: float = 0.0,
    test_variance: float = 0.0,
    test_degrees: float = math.inf,
    confidence: float = 0.95,
    resolution: float = 0.0,
) -> Interval:
    """Return Student's t interval for the mean gain.

    The variance is s²(1/J + overlap) + test_variance. The first part is the corrected
    resampled t-test of Nadeau and Bengio, "Inference for the generalization error"
    (2003), section 3; the second comes from test images that all splits share. The
    degrees of freedom for both parts together are those of Satterthwaite (1946). With
    two or three splits they can be too high, so the interval is never narrower than
    the one from the first part alone; where it would be, that one is returned.

    A single split has no spread: its limits are infinite and p is 1. If all gains are
    equal, which can be chance with few test images, the spread is taken to be
    `resolution`. If resolution and test_variance are 0 as well, both limits equal the
    mean, and p is 0, or 1 for a mean of 0.

    Args:
        gains: (J,) gains of the splits.
        overlap: test images per training image where splits resample one set of
            images; 0 where training parts are disjoint and the test set is separate.
        test_variance: result of `image_variance` where all splits share test images.
        test_degrees: number of test images, or of their groups, minus one.
        confidence: share of such intervals that contain the true gain, in (0, 1).
        resolution: smallest spread to assume, such as the largest change of the score
            that one test image can make.

    Example:
        >>> found = paired_interval([0.01, 0.02, 0.03])
        >>> round(found.mean, 3), round(found.low, 4), round(found.high, 4)
        (0.02, -0.0048, 0.0448)
    """
    values = np.asarray(gains, np.float64)
    assert values.ndim == 1, values.shape
    assert len(values) >= 1
    assert np.isfinite(values).all()
    mean = round(float(values.mean()), 12) + 0.0  # turns -0.0 into 0.0
    basis = {
        "confidence": confidence,
        "overlap": overlap,
        "test_variance": test_variance,
        "test_degrees": test_degrees,
    }
    spread = _measure_spread(values, resolution)
    error, degrees, reach = _find_error(len(values), spread, basis)
    return Interval(
        mean=mean,
        low=mean - reach,
        high=mean + reach,
        p=_find_p(mean, error, degrees),
        standard_error=error,
        degrees=degrees,
        n=len(values),
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
    already contains their interaction, so only the images' own part is returned: the
    mean, over pairs of different splits, of the product of an image's deviations. For
    equal weights this is (MS_images − MS_interaction)/(J n) in the two-way analysis of
    variance (Searle, Casella and McCulloch, "Variance Components", 1992, chapter 4).
    A negative estimate counts as 0. A single split cannot separate the two parts, so
    their sum is returned.

    Args:
        differences: (J, n) one arm's score of each test image minus the other's, such
            as hit − hit; may be averaged over initialisations.
        weights: (n,) weights with the sum 1, or None for equal ones; for balanced
            accuracy 1/(classes × images of the class). Differences between classes'
            gains then count as noise too, which makes the variance rather too large.
            (J, n) where splits weigh images differently.
        groups: (n,) groups of test images that were drawn together, or None.

    Example:
        >>> hits = np.array([[1, 1, 0, -1], [1, 1, 0, 0.0], [1, 0, 0, -1]])
        >>> round(image_variance(hits), 4)
        0.125
    """
    values = np.asarray(differences, np.float64)
    splits, n = values.shape
    shares = np.full(n, 1 / n) if weights is None else np.asarray(weights, np.float64)
    shares = np.broadcast_to(shares, values.shape)
    assert np.allclose(shares.sum(axis=1), 1, rtol=0, atol=1e-6), shares.sum(axis=1)
    means = (values * shares).sum(axis=1)
    moves = _sum_groups((values - means[:, None]) * shares, groups)  # (J, groups)
    size = moves.shape[1]
    if size < 2:
        return 0.0
    squares = float(np.square(moves.sum(axis=0)).sum())
    if splits > 1:
        squares = (squares - float(np.square(moves).sum())) / (splits * (splits - 1))
    return float(max(0.0, squares) * size / (size - 1))


def sign_flip_p(gains: ArrayLike) -> float:
    """Return the two-sided p-value of the mean gain under random signs (Fisher, 1935).

    All combinations of signs are tried for up to 16 splits, and 65,536 random ones for
    more. p cannot go below 2/2^J, which is .0625 for five splits.

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
    # equal sums may differ in their last bits
    reached = int((sums >= abs(values.sum()) - 1e-12 * np.abs(values).sum()).sum())
    if n <= EXACT:
        return reached / len(flips)
    # counts the observed signs as one more draw (Phipson and Smyth, 2010)
    return (reached + 1) / (len(flips) + 1)


def minimum_detectable_gain(interval: Interval, power: float = 0.8) -> float:
    """Return the smallest true gain that such a design finds with that probability.

    "Finds" means that the interval lies above 0, with probability `power` by the
    noncentral t. This is Bloom's "minimum detectable effect" (1995); with more splits
    it approaches his (t_{1−α/2} + t_power) × error. The error is taken as known.

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
    """Return how many splits would be enough, if mean and spread stay the same.

    Splits are enough if the interval excludes 0 or lies within ±margin.

    Args:
        interval: interval from the splits that were run.
        margin: largest difference that counts as none, a share.

    Returns:
        Total number of splits, at least those that were run. None if even 1,000 would
        not be enough, because splits share images, or if only one was run.

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


def _measure_spread(gains: Floats, resolution: float) -> float:
    """Return the gains' standard deviation; `resolution` where all are equal."""
    if len(gains) < 2:
        return math.inf
    equal = np.ptp(gains) < ROUNDING
    return resolution if equal else float(gains.std(ddof=1))


def _find_error(
    n: int, spread: float, basis: Mapping[str, float]
) -> tuple[float, float, float]:
    """Return the standard error, degrees of freedom and half width for n splits."""
    if n < 2:
        return math.inf, 0, math.inf
    error, degrees, reach = _find_errors(np.array([n]), spread, **basis)
    return float(error[0]), float(degrees[0]), float(reach[0])


def _find_p(mean: float, error: float, degrees: float) -> float:
    """Return the two-sided p-value of Student's t against a mean of 0."""
    if not math.isfinite(error):
        return 1
    return (
        2 * float(stats.t.sf(abs(mean) / error, degrees)) if error else float(not mean)
    )


def _find_errors(
    counts: NDArray[np.int64],
    spread: float,
    *,
    confidence: float,
    overlap: float,
    test_variance: float,
    test_degrees: float,
) -> tuple[Floats, Floats, Floats]:
    """Return standard errors, degrees of freedom and half widths for n splits each."""
    quantile = (1 + confidence) / 2
    if not test_variance:
        test_degrees = math.inf  # a single test image or group has no degrees
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
