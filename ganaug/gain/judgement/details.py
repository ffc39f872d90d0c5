"""GainDetails: everything in verdict.json except the verdict and the gains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

from ganaug.gain.judgement.statistics import Interval
from ganaug.gain.protocol.arms import OPPONENT, STANDARD, SYNTHETIC
from ganaug.gain.settings import Settings
from ganaug.gain.shifts.scores import ShiftedScores
from ganaug.records import conform_fields, list_types

DESCRIBED = (STANDARD, OPPONENT, SYNTHETIC)  # arms whose recipes are said
TESTED_ON = "tested on"  # the key in verdict.json for the field `tested_on`


@dataclass(frozen=True)
class ClassRecall:
    """Recall of one class; None where the class was not tested.

    Attributes:
        opponent: recall without synthetic images.
        synthetic: recall with them.
        change: the recall with them minus the recall without.
    """

    opponent: float | None
    synthetic: float | None
    change: float | None


@dataclass(frozen=True)
class CellScore:
    """One class in one domain: its images, and its accuracy without and with GAN.

    Attributes:
        label, domain: names of the class and the domain.
        images: number of the user's images.
        tested: whether the verdict is about it.
        opponent, synthetic: share of its test images that are recognised without and
            with synthetic images; None where it has no test images.
    """

    label: str
    domain: str
    images: int
    tested: bool
    opponent: float | None
    synthetic: float | None


@dataclass(frozen=True)
class Carried:
    """Cells that were filled without a network, as the best training without GAN does.

    Attributes:
        carrier: what filled them in most splits, a key of `CARRIERS`.
        gain: gain over the same augmentation without filling, cells drawn evenly.
    """

    carrier: str
    gain: Interval

    @property
    def helps(self) -> bool:
        """Whether filling them so was shown to help."""
        return self.gain.low > 0


@dataclass(frozen=True, kw_only=True)
class GainDetails:
    """Figures, choices and circumstances of a gain.

    Attributes:
        splits: number of splits that were run.
        sign_flip_p: p-value of the gain over the opponent, from flipped signs.
        minimum_detectable_gain: smallest true gain that this design finds 8 times out
            of 10, a share; None where any gain could be chance.
        arms: arm → score → mean over splits.
        recalls: class → recall without and with synthetic images.
        recipes: arm → recipe of each split, in words.
        again: policy of each split that augmented the placebo's images again.
        failed_fits: number of fits that failed because their loss was not finite.
        kept: number of synthetic images of each class that passed the filters.
        classes: names of the classes.
        notes: lines that a reader should know.
        settings: amount of work; None when unknown.
        estimate: that work in words; None where it was not timed.
        minutes: time that the work took; None when unknown.
        fingerprint: digest of the data.
        options: arguments of `measure_gain` that differ from the defaults.
        counts: class → number of real images.
        tested_on: the test images in words.
        cells: each class in each domain; empty where no domains are known.
        carried: what filling cells without a network gains, where most splits chose it.
        shifted: scores on corrupted test images; None where none were corrupted.
    """

    splits: int = 0
    sign_flip_p: float
    minimum_detectable_gain: float | None
    arms: Mapping[str, Mapping[str, float]]
    recalls: Mapping[str, ClassRecall]
    recipes: Mapping[str, tuple[str, ...]]
    again: tuple[str, ...] = ()
    failed_fits: int
    kept: tuple[int, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    settings: Settings | None = None
    estimate: str | None = None
    minutes: float | None = None
    fingerprint: str | None = None
    options: Mapping[str, Any] = field(default_factory=lambda: {"classifier": "small"})
    counts: Mapping[str, int] = field(default_factory=dict)
    tested_on: str | None = None
    cells: tuple[CellScore, ...] = ()
    carried: Carried | None = None
    shifted: ShiftedScores | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values in the form that verdict.json has."""
        values = {
            **asdict(self),
            "settings": None if self.settings is None else self.settings.to_dict(),
            "carried": _describe_carried(self.carried),
            "shifted": None if self.shifted is None else self.shifted.to_dict(),
        }
        return {TESTED_ON if k == "tested_on" else k: v for k, v in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GainDetails:
        """Return the details from the values that `to_dict` returned.

        Keys that an older version did not write get their defaults.

        Raises:
            ValueError: a required key is missing, or a value has another type.
        """
        given = {"tested_on" if k == TESTED_ON else k: v for k, v in values.items()}
        lacking = [name for name in _list_required() if name not in given]
        if lacking:
            raise ValueError(f"it lacks {', '.join(lacking)}")
        known = {f.name: given[f.name] for f in fields(cls) if f.name in given}
        # these have their own ways to read infinity and older keys
        types = list_types(cls, **dict.fromkeys(PARSERS, Any))
        values = conform_fields(known, types)
        made = cls(
            **{k: PARSERS[k](v) if k in PARSERS else v for k, v in values.items()}
        )
        _check_lengths(made)
        return made


def _parse_settings(values: Mapping[str, Any] | None) -> Settings | None:
    if values is None:
        return None
    settings = Settings.from_dict(dict(values))
    conform_fields(asdict(settings), list_types(Settings))
    return settings


def _describe_carried(carried: Carried | None) -> dict[str, Any] | None:
    if carried is None:
        return None
    return {"carrier": carried.carrier, "gain": carried.gain.to_dict()}


def _parse_carried(values: Mapping[str, Any] | None) -> Carried | None:
    if values is None:
        return None
    return Carried(str(values["carrier"]), Interval.from_dict(values["gain"]))


def _parse_shifted(values: Mapping[str, Any] | None) -> ShiftedScores | None:
    return None if values is None else ShiftedScores.from_dict(values)


PARSERS: dict[str, Callable[[Any], Any]] = {
    "settings": _parse_settings,
    "carried": _parse_carried,
    "shifted": _parse_shifted,
}


def _check_lengths(details: GainDetails) -> None:
    """Raise ValueError where lists that belong together differ in length."""
    if len(details.kept) != len(details.classes):
        raise ValueError("kept and classes have different lengths")
    lacking = [arm for arm in DESCRIBED if arm not in details.recipes]
    if lacking:
        raise ValueError(f"recipes lacks {', '.join(lacking)}")
    found = [*details.recipes.values(), *filter(None, [details.again])]
    if len({len(said) for said in found}) > 1:
        raise ValueError("recipes and again have different numbers of splits")


def _list_required() -> list[str]:
    return [
        f.name
        for f in fields(GainDetails)
        if f.default is MISSING and f.default_factory is MISSING
    ]
