"""Run: a folder that holds one training, and the checks before it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.config import ResolvedConfig
from ganaug.data.fingerprint import Fingerprint
from ganaug.data.origin import NAME as ORIGIN
from ganaug.data.origin import Origin, read_origin, write_origin
from ganaug.errors import CheckpointError, RunError
from ganaug.files import LOCK, say_disk_error, write_text
from ganaug.gan.inputs.captions import Captions, Encode
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.plan import Plan
from ganaug.gan.plan_file import NAME as PLAN
from ganaug.gan.plan_file import write_plan
from ganaug.gan.settings.resolve import read_config

GENERATOR = "generator.safetensors"
SPLIT = "split.json"
CAPTIONS = "captions.json"

Split = dict[str, list[str]]  # hashes of the images under "train" and "held_out"


@dataclass(frozen=True)
class Run:
    """One training on disk.

    Attributes:
        path: the run folder.
        config: as saved in it.
        fingerprint: of the data it is trained on.
    """

    path: Path
    config: ResolvedConfig
    fingerprint: Fingerprint

    @property
    def finished(self) -> bool:
        return (self.path / GENERATOR).is_file()

    @property
    def folders(self) -> list[Path]:
        """Of each network's training: the run's own, or one for each class."""
        if find_conditioning(self.config.conditioning).per_class:
            return sorted(self.path.glob("class-*"))
        return [self.path]

    @staticmethod
    def open(path: Path | str) -> Run:
        """The run in that folder.

        Raises:
            RunError: the folder holds no run.
            CheckpointError: its files are damaged.
        """
        path = Path(path)
        if not is_run(path):
            raise RunError(f"{path} holds no run; train one with: ganaug train DATA")
        try:
            config = read_config(_read(path / "config.json"))
            fingerprint = Fingerprint.from_dict(_read(path / "fingerprint.json"))
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from error
        return Run(path, config, fingerprint)


def is_run(path: Path) -> bool:
    """Whether the folder holds a run."""
    return (path / "config.json").is_file() and (path / "fingerprint.json").is_file()


def create_run(
    path: Path,
    config: ResolvedConfig,
    fingerprint: Fingerprint,
    split: Split,
    origin: Origin,
    plan: Plan | None = None,
    captions: Captions | None = None,
) -> Run:
    """Write what a run starts with; the folder must be new or empty.

    Raises:
        RunError: the folder holds something else, or the disk refuses.
    """
    refuse_foreign(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_origin(path, origin)
        if plan is not None:
            write_plan(path, plan)
        if captions is not None:
            write_json(path / CAPTIONS, captions.to_dict())
        write_json(path / SPLIT, split)
        write_json(path / "fingerprint.json", fingerprint.to_dict())
        write_text(path / "config.json", config.to_json())
    except OSError as error:
        raise RunError(say_disk_error(path, error)) from error
    return Run(path, config, fingerprint)


def refuse_foreign(path: Path) -> None:
    """Raise RunError when the path is a file, or a folder that holds something else."""
    if path.exists() and not path.is_dir():
        raise RunError(f"{path} is a file; choose another --out")
    # of a run cut at its start
    starting = {LOCK, ORIGIN, PLAN, CAPTIONS, SPLIT, "fingerprint.json"}
    if path.is_dir() and not is_run(path):
        others = [p.name for p in path.iterdir() if p.name not in starting]
        others = [name for name in others if not name.endswith(".tmp")]
        if others:
            raise RunError(
                f"{path} holds something else ({others[0]}); choose another --out"
            )


def check_same(
    run: Run, fingerprint: Fingerprint, config: ResolvedConfig | None, origin: Origin
) -> None:
    """Raise RunError unless the run was made from these data (and this config).

    Args:
        run: to go on with.
        fingerprint: of the data at hand.
        config: asked for, if any.
        origin: of the data at hand.
    """
    old = run.fingerprint
    if old.classes != fingerprint.classes:
        raise RunError(
            f"{run.path} was trained on other classes ({_some(old.classes)}) than "
            f"these data have ({_some(fingerprint.classes)}); choose another --out"
        )
    if old.digest != fingerprint.digest:
        raise RunError(
            f"{run.path} was trained on other images of the same classes; "
            "choose another --out"
        )
    _check_regex(run, read_origin(run.path), origin)
    if old.groups != fingerprint.groups:
        raise RunError(
            f"{run.path} was started with {_say_groups(old.groups)}, but these data "
            f"have {_say_groups(fingerprint.groups)}; give the same groups, or choose "
            "another --out"
        )
    names = _list_changes(run.config, config or run.config)
    if names:
        raise RunError(
            f"{run.path} was started with another {', '.join(names)}; leave the "
            "settings away to go on with it, or choose another --out"
        )


def _list_changes(old: ResolvedConfig, new: ResolvedConfig) -> list[str]:
    mine, theirs = old.to_dict(), new.to_dict()
    return [name for name, value in mine.items() if value != theirs[name]]


def check_split(run: Run, split: Split) -> None:
    """Raise RunError where the run held out other images than these.

    Raises:
        CheckpointError: the run's own split is damaged.
    """
    try:
        old = _read(run.path / SPLIT)
        same = all(old[part] == split[part] for part in split)
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{run.path / SPLIT} is damaged: {error}") from error
    if not same:
        raise RunError(
            f"{run.path} was started with other groups, or with the images in another "
            "order, so that others were held out or come first; give the same, or "
            "choose another --out"
        )


def check_encoder(run: Run, encode: Encode | None) -> None:
    """Raise CheckpointError unless captions are read as they were at the start."""
    path = run.path / CAPTIONS
    if path.is_file():
        try:
            Captions.from_dict(_read(path), encode)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from error


def write_json(path: Path, value: object) -> None:
    """Write plain values as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=True) + "\n")


def _read(path: Path) -> dict[str, Any]:
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ValueError(f"{path.name} is not an object")
    return values


def _check_regex(run: Run, old: Origin, new: Origin) -> None:
    """Only where both were read from a path: other sources bring their groups along."""
    if None in (old.source, new.source) or old.group_regex == new.group_regex:
        return
    begun = "without --group-regex; leave it out"
    if old.group_regex is not None:
        begun = f"with --group-regex {old.group_regex!r}; give the same"
    raise RunError(f"{run.path} was started {begun}, or choose another --out")


def _say_groups(groups: int | None) -> str:
    return "no groups" if groups is None else f"{groups:,} groups"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
