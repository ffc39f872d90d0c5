"""Run: the folder of one training, and the checks before something is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.config import ResolvedConfig
from ganaug.data.fingerprint import Fingerprint
from ganaug.data.origin import ORIGIN_FILE, Origin, read_origin, write_origin
from ganaug.display.words import count
from ganaug.errors import GanaugError, RunError
from ganaug.files import (
    claim_folder,
    read_json,
    refuse_damage,
    refuse_links,
    say_disk_error,
    write_json,
    write_text,
)
from ganaug.gan.inputs.captions import Captions, Encode, check_captions
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.training_set import Split, TrainingSet
from ganaug.gan.plan import Plan
from ganaug.gan.plan_file import PLAN_FILE, read_plan, write_plan
from ganaug.gan.settings.length import RunLength, measure_length
from ganaug.gan.settings.resolve import read_config
from ganaug.gan.start.parent import START, START_RECORD, Parent, keep_parent
from ganaug.records import Types

GENERATOR = "generator.safetensors"
CONFIG = "config.json"
FINGERPRINT = "fingerprint.json"
SPLIT = "split.json"
CAPTIONS = "captions.json"
RUN_CURE = "restore it, or choose another --out"
MARKS = (CONFIG, FINGERPRINT)  # a folder with these is a run
SPLIT_CURE = "restore it, or train again"
SPLIT_TYPES: Types = {
    "train": list[str],
    "held_out": list[str],
    "intensity_range?": tuple[float, float] | None,
    "scaled?": bool,
    "unlabelled?": list[str],  # a translator's
    "domains?": list[str],
}


@dataclass(frozen=True, repr=False)
class Run:
    """One training on disk.

    Attributes:
        path: path of the run's folder.
        config: configuration that is saved in it.
        fingerprint: fingerprint of the training data.
    """

    path: Path
    config: ResolvedConfig
    fingerprint: Fingerprint

    @property
    def finished(self) -> bool:
        """Whether its generator is written."""
        return (self.path / GENERATOR).is_file()

    @property
    def length(self) -> RunLength | None:
        """How long it takes, and how long by default; None where nobody timed it."""
        plan = read_plan(self.path, self.config)
        if plan is None or not plan.minutes:
            return None
        size = self.fingerprint.size
        return measure_length(plan.minutes, self.config.images, size)

    @property
    def folders(self) -> list[Path]:
        """Folders of the trainings: the run's own, or one for each class's GAN."""
        if find_conditioning(self.config.conditioning).per_class:
            return sorted(self.path.glob("class-*"))
        return [self.path]

    def __repr__(self) -> str:
        state = "finished" if self.finished else "unfinished"
        classes = count(len(self.fingerprint.classes), "class")
        return f"Run({self.path}: {state}, {classes}, {self.config.describe()})"

    @staticmethod
    def load(path: Path | str) -> Run:
        """Open the run in that folder.

        Raises:
            RunError: the folder is not a run, or its files are damaged.
        """
        path = Path(path)
        if not is_run(path):
            raise RunError(f"{path} is not a run; train one with: ganaug train DATA")
        refuse_links(path, RunError)
        found = _read(path / CONFIG)
        if "kind" in found:
            raise RunError(f"{path} is the run of a {found['kind']}, not of a GAN")
        config = read_config(found)
        values = _read(path / FINGERPRINT)
        with refuse_damage(path / FINGERPRINT, RunError, RUN_CURE):
            fingerprint = Fingerprint.from_dict(values)
        return Run(path, config, fingerprint)


def is_run(path: Path) -> bool:
    """Whether the folder is a run."""
    return all((path / name).is_file() for name in MARKS)


def claim_run(path: Path) -> None:
    """Raise RunError unless the path is new, an empty folder, or a run."""
    starting = (ORIGIN_FILE, PLAN_FILE, CAPTIONS, SPLIT, START, START_RECORD)
    claim_folder(path, RunError, marks=MARKS, starting=starting)


def create_run(
    path: Path,
    training_set: TrainingSet,
    fingerprint: Fingerprint,
    *,
    origin: Origin,
    plan: Plan | None = None,
    parent: Parent | None = None,
) -> Run:
    """Write the files that a run starts with; the folder must be new or empty.

    Raises:
        RunError: the folder contains other files, or a file cannot be written.
    """
    claim_run(path)
    config, captions = training_set.config, training_set.captions
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_origin(path, origin.note(training_set.data))
        if plan is not None:
            write_plan(path, plan)
        if parent is not None:
            keep_parent(path, parent)
        if captions is not None:
            write_json(path / CAPTIONS, captions.to_dict())
        write_json(path / SPLIT, training_set.split | note_range(fingerprint))
        write_json(path / FINGERPRINT, fingerprint.to_dict())
        # last: with this file the folder counts as a run
        write_text(path / CONFIG, config.to_json())
    except OSError as error:
        raise RunError(say_disk_error(path, error)) from error
    return Run(path, config, fingerprint)


def check_same(
    run: Run, fingerprint: Fingerprint, config: ResolvedConfig | None, origin: Origin
) -> None:
    """Raise RunError unless the run was started with these data and this config.

    Args:
        run: run to resume.
        fingerprint: fingerprint of the data given now.
        config: configuration given now, if any.
        origin: origin of the data given now.
    """
    old = run.fingerprint
    if old.classes != fingerprint.classes:
        raise RunError(
            f"{run.path} was trained on other classes ({_some(old.classes)}) than "
            f"these data have ({_some(fingerprint.classes)}); choose another --out"
        )
    rules = read_origin(run.path), origin
    check_pixel_rules(run.path, *rules)
    if old.digest != fingerprint.digest:
        raise RunError(fingerprint.say_other_images(run.path))
    _check_rules(run.path, *rules)
    if old.cells is not None and old.cells != fingerprint.cells:
        raise RunError(
            f"{run.path} was started with other domains than these data have; give the "
            "same, or choose another --out"
        )
    if old.groups != fingerprint.groups:
        raise RunError(
            f"{run.path} was started with {_say_groups(old.groups)}, but these data "
            f"have {_say_groups(fingerprint.groups)}; give the same groups, or choose "
            "another --out"
        )
    names = _list_changes(run.config, config or run.config)
    if names:
        raise RunError(
            f"{run.path} was started with another {', '.join(names)}; omit the "
            "settings to resume it, or choose another --out"
        )


def check_split(run: Run, split: Split) -> None:
    """Raise RunError where the run was started with another split of the images."""
    if not (run.path / SPLIT).is_file():
        return
    old = read_split(run.path, RunError)
    if any(list(old[part]) != split[part] for part in split):
        raise RunError(
            f"{run.path} was started with other groups, or with the images in another "
            "order, so that other images were held out; give the same groups and order,"
            " or choose another --out"
        )


def read_split(folder: Path, error: type[GanaugError]) -> dict[str, Any]:
    """Read split.json of a run or store: hashes of `train` and `held_out` images.

    Raises:
        GanaugError: of the given type: the file is missing or damaged.
    """
    return read_json(folder / SPLIT, error, types=SPLIT_TYPES, cure=SPLIT_CURE)


def note_range(fingerprint: Fingerprint) -> dict[str, Any]:
    """Return what split.json says of the range that values were scaled from."""
    noted: dict[str, Any] = {"intensity_range": fingerprint.intensity_range}
    return {**noted, "scaled": True} if fingerprint.scaled else noted


def check_encoder(run: Run, encode: Encode | None) -> None:
    """Raise ConfigError unless `encode` is what the run was started with.

    Raises:
        RunError: the run's captions.json is damaged.
    """
    path = run.path / CAPTIONS
    if path.is_file():
        with refuse_damage(path, RunError, RUN_CURE):
            values = check_captions(_read(path), len(run.fingerprint.classes))
        Captions.from_dict(values, encode)


def _read(path: Path) -> dict[str, Any]:
    return read_json(path, RunError, cure=RUN_CURE)


def check_pixel_rules(run: Path, old: Origin, new: Origin) -> None:
    """Raise RunError where other pages or values of a path are read than before."""
    if None in (old.source, new.source):
        return
    pages = (None if each.pages == "first" else each.pages for each in (old, new))
    _check_rule(run, "--pages", *pages)
    _check_rule(run, "--scale", old.scale, new.scale)


def _check_rules(run: Path, old: Origin, new: Origin) -> None:
    """Raise RunError where data from a path are read by other rules than before."""
    if None in (old.source, new.source):
        return
    _check_rule(run, "--group-regex", old.group_regex, new.group_regex)
    _check_rule(run, "--domain-from", old.domain_from, new.domain_from)


def _check_rule(run: Path, option: str, old: str | None, new: str | None) -> None:
    if old == new:
        return
    begun = f"without {option}; omit it"
    if old is not None:
        begun = f"with {option} {old!r}; give the same"
    raise RunError(f"{run} was started {begun}, or choose another --out")


def _say_groups(groups: int | None) -> str:
    return "no groups" if groups is None else f"{groups:,} groups"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _list_changes(old: ResolvedConfig, new: ResolvedConfig) -> list[str]:
    mine, theirs = old.to_dict(), new.to_dict()
    return [name for name, value in mine.items() if value != theirs[name]]
