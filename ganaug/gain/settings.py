"""Settings: how much work a gain protocol does, fixed before it starts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from ganaug.scalars import make_plain

CHOOSING = 0.5  # share of a fit's steps while recipes are chosen
# rungs of successive halving: most recipes, share of a fit's steps
RUNGS = ((12, 0.25), (4, 0.5))
ENOUGH = 200  # images that judge recipes; with fewer per fold, more folds judge
FOLDS, FIRST_FOLDS = 5, 2  # all folds; folds on which all recipes are tried
AGAIN = ("rand", "none")  # policies that may augment a placebo again before the fit
FINALISTS = 4  # recipes that are tried on the other folds too
ENSEMBLE = 4  # networks whose probabilities are averaged
# share, weight, labels, real-only ending: 12 of all 36 combinations, chosen so that
# nearly every value meets every value of the others
MIXTURES = (
    (0.10, 1.0, "hard", 0.0), (0.10, 0.3, "soft", 0.4),
    (0.10, 1.0, "soft", 0.0), (0.10, 1.0, "half", 0.4),
    (0.25, 0.3, "hard", 0.4), (0.25, 1.0, "soft", 0.4),
    (0.25, 0.3, "soft", 0.0), (0.25, 1.0, "half", 0.0),
    (0.50, 1.0, "hard", 0.4), (0.50, 1.0, "soft", 0.0),
    (0.50, 0.3, "soft", 0.4), (0.50, 0.3, "half", 0.0),
)  # fmt: skip
TRIALS = ((3e-3, 0.05), (1e-3, 0.05), (1e-2, 0.05), (3e-3, 0.5))  # rate, decay


@dataclass(frozen=True)
class Settings:
    """The amount of work of a protocol, as plain values.

    Attributes:
        steps: number of steps in each final fit; 0 for an estimator, which takes none.
        initialisations: networks per arm and split, averaged inside the split.
        ensemble: whether ensembles of 4 networks are fitted too.
        tune: whether learning rate and weight decay are chosen first.
        policies, mixes: classical augmentation to compare in every combination; the
            earliest of those that do about equally well is taken.
        mixtures: ways to mix synthetic images in: share, weight, labels, real-only
            ending.
        grid: (height, width) of the images that are compared.
        gan_minutes: training time of each split's GAN.
        per_class: synthetic images to draw for each class and split.
        classifier: name of the classifier, see `ganaug.gain.classifiers`.
        seed: seed for everything random.
    """

    steps: int = 500
    initialisations: int = 2
    ensemble: bool = True
    tune: bool = True
    policies: tuple[str, ...] = ("rand", "light", "none")
    mixes: tuple[str, ...] = ("none", "mixup", "cutmix")
    mixtures: tuple[tuple[float, float, str, float], ...] = MIXTURES
    grid: tuple[int, int] = (32, 32)
    gan_minutes: float = 3.0
    per_class: int = 200
    classifier: str = "small"
    seed: int = 0

    def __post_init__(self) -> None:
        make_plain(self, *(own.name for own in fields(self)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that survive JSON."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Return the settings from the values that `to_dict` returned.

        Values that an older version did not write get their defaults.
        """
        names = {f.name for f in fields(cls)}
        chosen: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v
            for k, v in values.items()
            if k in names
        }
        if "mixtures" in chosen:
            chosen["mixtures"] = tuple(tuple(row) for row in chosen["mixtures"])
        return cls(**chosen)


def count_trial_folds(judged: int) -> int:
    """Return how many folds choose recipes, if each judges that many images.

    Example:
        >>> count_trial_folds(10), count_trial_folds(100), count_trial_folds(500)
        (5, 2, 1)
    """
    return min(FOLDS, -(-ENOUGH // max(1, judged)))
