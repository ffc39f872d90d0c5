"""Screening and screening.json: the filters' results on a store's candidates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.files import read_json, refuse_damage, write_text

SCREENING_FILE = "screening.json"
SCREENING_FORMAT = 1
SCREENING_CURE = "delete it and run ganaug synth again"


@dataclass(frozen=True)
class ClassScreening:
    """The filters' results on the candidates of one class.

    Attributes:
        name: name of the class.
        requested: number of images that the store should have.
        accepted: number of images that the store has.
        drawn: number of candidates, including rejected ones.
        rejected: filter → number of candidates that it rejected.
        note: reason why the class has too few images, or "".
    """

    name: str
    requested: int
    accepted: int
    drawn: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    @property
    def reasons(self) -> dict[str, int]:
        """Rejected candidates by filter, without filters that rejected none."""
        return {name: n for name, n in self.rejected.items() if n}


@dataclass(frozen=True)
class CopyTest:
    """The C_T test of a class: a z-score, or None if there were too few images."""

    class_name: str
    z: float | None
    note: str = ""


@dataclass(frozen=True)
class ClosestPair:
    """An accepted image and the real image that it is nearest to.

    Attributes:
        path: path of the synthetic image, relative to the store.
        class_name: class of both images.
        real: index of the real image among the user's, -1 or None if unknown.
        distance: score of the copy filter; 1 is the threshold.
    """

    path: str
    class_name: str
    real: int | None
    distance: float | None


@dataclass(frozen=True)
class Screening:
    """The filters' results on a store's candidates.

    Attributes:
        classes: results for each class that has candidates.
        thresholds: filter → lowest score that it keeps, or None for another rule.
        notes: lines for the user.
        too_close: share of candidates too near to a training image, in [0, 1]; None
            if the copy filter was off.
        copy_tests: tests of the classes that could be measured.
        closest: pairs of a synthetic and a real image, nearest first.
        recognised: class asked for → class that the teacher saw → number of
            candidates; empty without a teacher, or if it was not counted.
    """

    classes: tuple[ClassScreening, ...] = ()
    thresholds: Mapping[str, float | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    too_close: float | None = None
    copy_tests: tuple[CopyTest, ...] = ()
    closest: tuple[ClosestPair, ...] = ()
    recognised: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values in the form that screening.json has."""
        values: dict[str, Any] = {
            "format": SCREENING_FORMAT,
            "thresholds": dict(self.thresholds),
            "classes": {each.name: _write_class(each) for each in self.classes},
            "notes": list(self.notes),
        }
        if self.too_close is not None:
            tests = {t.class_name: {"z": t.z, "note": t.note} for t in self.copy_tests}
            values["memorisation"] = {"too_close": self.too_close, "ct": tests}
            values["closest"] = [_write_pair(pair) for pair in self.closest]
        if self.recognised:
            values["recognised"] = {k: dict(v) for k, v in self.recognised.items()}
        return values

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Screening:
        """Return the record from the values that `to_dict` returned."""
        found = values.get("memorisation", {})
        too_close = found.get("too_close")
        return Screening(
            classes=tuple(
                _read_class(*item) for item in values.get("classes", {}).items()
            ),
            thresholds=dict(values.get("thresholds", {})),
            notes=tuple(map(str, values.get("notes", []))),
            too_close=None if too_close is None else float(too_close),
            copy_tests=tuple(_read_test(*item) for item in found.get("ct", {}).items()),
            closest=tuple(map(_read_pair, values.get("closest", []))),
            recognised={
                name: {seen: int(n) for seen, n in counts.items()}
                for name, counts in values.get("recognised", {}).items()
            },
        )


def write_screening(folder: Path, screening: Screening) -> None:
    """Write screening.json into a store's folder."""
    # ASCII, because class names may come from file names that are not Unicode
    text = json.dumps(screening.to_dict(), indent=1) + "\n"
    write_text(folder / SCREENING_FILE, text)


def read_screening(folder: Path) -> Screening | None:
    """Read a store's screening.json; return None if candidates were not filtered.

    Raises:
        StoreError: the file is damaged, or has a newer format.
    """
    path = folder / SCREENING_FILE
    if not path.is_file():
        return None
    values = read_json(path, StoreError, newest=SCREENING_FORMAT, cure=SCREENING_CURE)
    with refuse_damage(path, StoreError, SCREENING_CURE):
        return Screening.from_dict(values)


def _write_class(each: ClassScreening) -> dict[str, Any]:
    return {
        "wanted": each.requested,
        "accepted": each.accepted,
        "drawn": each.drawn,
        "rejected": dict(each.rejected),
        "note": each.note,
    }


def _read_class(name: str, values: Mapping[str, Any]) -> ClassScreening:
    rejected = {k: int(n) for k, n in values.get("rejected", {}).items()}
    accepted = int(values.get("accepted", 0))
    return ClassScreening(
        name,
        requested=int(values.get("wanted", accepted)),
        accepted=accepted,
        drawn=int(values.get("drawn", accepted + sum(rejected.values()))),
        rejected=rejected,
        note=str(values.get("note") or ""),
    )


def _read_test(name: str, values: Mapping[str, Any]) -> CopyTest:
    z = values.get("z")
    return CopyTest(name, None if z is None else float(z), values.get("note") or "")


def _write_pair(pair: ClosestPair) -> dict[str, Any]:
    return {
        "path": pair.path,
        "class": pair.class_name,
        "real": pair.real,
        "distance": pair.distance,
    }


def _read_pair(values: Mapping[str, Any]) -> ClosestPair:
    real, distance = values.get("real"), values.get("distance")
    return ClosestPair(
        path=str(values.get("path", "")),
        class_name=str(values.get("class", "")),
        real=real if isinstance(real, int) else None,
        distance=None if distance is None else float(distance),
    )
