"""Settings: how much work a gain protocol does, fixed before it starts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

CHOOSING = 0.5  # share of a fit's steps, where recipes are chosen
RUNGS = (
    (12, 0.25),
    (4, 0.5),
)  # of halving: recipes at the start, part of a fit's steps
ENOUGH = 200  # images that choose a recipe; where there are fewer, more folds judge
FOLDS, FIRST_FOLDS = 5, 2  # all folds; those on which all recipes are tried
AGAIN = ("rand", "none")  # augmentation of a placebo's images, before the fit's own
FINALISTS = 4  # recipes that are tried on the other folds too
ENSEMBLE = 4  # networks whose opinions are averaged
# share, weight, labels, real-only ending: a third of all 36, so that nearly every value
# meets every value of the others
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
    """Plain values; all fits of a protocol share them.

    Attributes:
        steps: number of steps of each final fit; 0 for an estimator, which takes none.
        initialisations: networks per arm and split, averaged inside the split.
        ensemble: whether ensembles of ENSEMBLE networks are fitted too.
        tune: whether learning rate and weight decay are chosen first.
        policies, mixes: classical augmentation, compared in every combination; of
            those that do about as well, the earlier ones are taken.
        mixtures: recipes with synthetic images: share, weight, labels, real-only
            ending.
        grid: (height, width) at which everything is compared.
        gan_minutes: training time of each split's GAN.
        per_class: synthetic images to draw for each class and split.
        classifier: what is trained, see `ganaug.gain.classifiers`.
        seed: decides everything random.
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

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that survive JSON."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Return the settings that `to_dict` was called on.

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
    """Return how many folds choose recipes, if one of them judges `judged` images.

    Example:
        >>> count_trial_folds(10), count_trial_folds(100), count_trial_folds(500)
        (5, 2, 1)
    """
    return min(FOLDS, -(-ENOUGH // max(1, judged)))
