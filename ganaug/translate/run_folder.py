"""TranslatorRun: the folder of a translator's training, with a GAN run's files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.data.fingerprint import Fingerprint
from ganaug.data.origin import ORIGIN_FILE, Origin, read_origin, write_origin
from ganaug.display.words import count
from ganaug.errors import RunError
from ganaug.files import (
    claim_folder,
    read_json,
    refuse_damage,
    refuse_links,
    say_disk_error,
    write_json,
    write_text,
)
from ganaug.gan.plan_file import PLAN_FILE, PLAN_FORMAT, PLAN_TYPES
from ganaug.gan.run_folder import SPLIT, check_pixel_rules, note_range, read_split
from ganaug.translate.inputs.translation_set import TranslationSet
from ganaug.translate.plan import AS_ASKED, TranslationPlan
from ganaug.translate.settings import KIND, TranslateConfig
from ganaug.translate.translator import GENERATOR

CONFIG, FINGERPRINT = "config.json", "fingerprint.json"
CURE = "restore it, or choose another --out"
MARKS = (CONFIG, FINGERPRINT)
CHOSEN = ("height", "width", "step", "images", "ema")  # by a plan, for the data


@dataclass(frozen=True, repr=False)
class TranslatorRun:
    """The training of one translator on disk.

    Attributes:
        path: path of the run's folder.
        config: configuration that is saved in it.
        fingerprint: fingerprint of the labelled images.
    """

    path: Path
    config: TranslateConfig
    fingerprint: Fingerprint

    @property
    def finished(self) -> bool:
        """Whether its translator is written."""
        return (self.path / GENERATOR).is_file()

    @property
    def minutes(self) -> float:
        """Planned minutes, 0 where nobody timed it."""
        plan = self._read_plan()
        return 0.0 if plan is None else plan[1]

    @property
    def settings(self) -> dict[str, Any]:
        """Fields that the user set; without a plan all that may differ from one."""
        plan, values = self._read_plan(), self.config.to_dict()
        if plan is None:
            usual = TranslateConfig().to_dict()
            return {
                name: value
                for name, value in values.items()
                if name in CHOSEN or (name != "channels" and value != usual[name])
            }
        return {name: values[name] for name, why in plan[0].items() if why == AS_ASKED}

    def _read_plan(self) -> tuple[dict[str, str], float] | None:
        """Return the plan's reasons and minutes, or None without a plan."""
        path = self.path / PLAN_FILE
        if not path.is_file():
            return None
        values = read_json(
            path, RunError, types=PLAN_TYPES, newest=PLAN_FORMAT, cure="delete it"
        )
        return dict(values["reasons"]), float(values["minutes"])

    def __repr__(self) -> str:
        state = "finished" if self.finished else "unfinished"
        classes = count(len(self.fingerprint.classes), "class")
        return (
            f"TranslatorRun({self.path}: {state}, {classes}, {self.config.describe()})"
        )

    @staticmethod
    def load(path: Path | str) -> TranslatorRun:
        """Open the run in that folder.

        Raises:
            RunError: the folder is no translator's run, or its files are damaged.
        """
        path = Path(path)
        if not is_translator_run(path):
            raise RunError(f"{path} is not the run of a translator")
        config = TranslateConfig.from_dict(
            read_json(path / CONFIG, RunError, cure=CURE)
        )
        refuse_links(path, RunError)
        values = read_json(path / FINGERPRINT, RunError, cure=CURE)
        with refuse_damage(path / FINGERPRINT, RunError, CURE):
            fingerprint = Fingerprint.from_dict(values)
        return TranslatorRun(path, config, fingerprint)


def is_translator_run(path: Path) -> bool:
    """Whether the folder is the run of a translator."""
    if not all((path / name).is_file() for name in MARKS):
        return False
    return read_json(path / CONFIG, RunError, cure=CURE).get("kind") == KIND


def claim_run(path: Path) -> None:
    """Raise RunError unless the path is new, an empty folder, or a translator's run."""
    claim_folder(path, RunError, marks=MARKS, starting=(ORIGIN_FILE, PLAN_FILE, SPLIT))
    if (path / CONFIG).is_file() and not is_translator_run(path):
        raise RunError(f"{path} is the run of a GAN; choose another --out")


def create_run(
    path: Path,
    images: TranslationSet,
    fingerprint: Fingerprint,
    *,
    origin: Origin,
    plan: TranslationPlan | None = None,
) -> TranslatorRun:
    """Write the files that a run starts with.

    Raises:
        RunError: a file cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_origin(path, origin.note(images.data))
        if plan is not None:
            write_json(path / PLAN_FILE, {"format": PLAN_FORMAT, **plan.to_dict()})
        write_json(path / SPLIT, images.split | note_range(fingerprint))
        write_json(path / FINGERPRINT, fingerprint.to_dict())
        # last: with this file the folder counts as a run
        write_text(path / CONFIG, images.config.to_json())
    except OSError as error:
        raise RunError(say_disk_error(path, error)) from error
    return TranslatorRun(path, images.config, fingerprint)


def check_same(
    run: TranslatorRun,
    images: TranslationSet,
    fingerprint: Fingerprint,
    config: TranslateConfig | None,
    *,
    origin: Origin,
) -> None:
    """Raise RunError unless the run was started with these images and this config."""
    check_pixel_rules(run.path, read_origin(run.path), origin)
    if run.fingerprint.digest != fingerprint.digest:
        raise RunError(fingerprint.say_other_images(run.path))
    old = read_split(run.path, RunError)
    for part, what in PARTS.items():
        if old.get(part) != images.split[part]:
            raise RunError(
                f"{run.path} was started with other {what}; choose another --out"
            )
    mine, theirs = run.config.to_dict(), (config or run.config).to_dict()
    names = [name for name, value in mine.items() if value != theirs[name]]
    if names:
        raise RunError(
            f"{run.path} was started with another {', '.join(names)}; omit the "
            "settings to resume it, or choose another --out"
        )


PARTS = {
    "train": "images, or with images in another order",
    "held_out": "groups",
    "unlabelled": "unlabelled images",
    "domains": "domains",
}
