"""StyleRun: the folder of a style generator's training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganaug.data.fingerprint import Fingerprint
from ganaug.errors import CheckpointError, RunError
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
from ganaug.records import Types, conform_fields
from ganaug.training.weights import WEIGHTS_CURE, load_tensors, save_tensors
from ganaug.translate.style.settings import KIND, StyleConfig
from ganaug.translate.style.styles import StyleSet

CONFIG, FINGERPRINT = "config.json", "fingerprint.json"
STYLES, GENERATOR = "styles.safetensors", "generator.safetensors"
CURE = "restore it, or choose another --out"
MARKS = (CONFIG, FINGERPRINT)


@dataclass(frozen=True)
class StyleRun:
    """The training of one style generator on disk.

    Attributes:
        path: path of the run's folder.
        config: configuration that is saved in it.
        fingerprint: fingerprint of the contents.
        styles: the styles. The folder holds them whole.
    """

    path: Path
    config: StyleConfig
    fingerprint: Fingerprint
    styles: StyleSet

    @property
    def finished(self) -> bool:
        """Whether its generator is written."""
        return (self.path / GENERATOR).is_file()

    @property
    def minutes(self) -> float:
        """Planned minutes, 0 where nobody timed it."""
        path = self.path / PLAN_FILE
        if not path.is_file():
            return 0.0
        values = read_json(
            path, RunError, types=PLAN_TYPES, newest=PLAN_FORMAT, cure="delete it"
        )
        return float(values["minutes"])

    @staticmethod
    def load(path: Path | str) -> StyleRun:
        """Open the run in that folder.

        Raises:
            RunError: the folder is no style generator's run, or a file is damaged.
        """
        path = Path(path)
        if not is_style_run(path):
            raise RunError(f"{path} is not the run of a style generator")
        refuse_links(path, RunError)
        config = StyleConfig.from_dict(read_json(path / CONFIG, RunError, cure=CURE))
        values = read_json(path / FINGERPRINT, RunError, cure=CURE)
        with refuse_damage(path / FINGERPRINT, RunError, CURE):
            fingerprint = Fingerprint.from_dict(values)
        return StyleRun(path, config, fingerprint, load_style_set(path / STYLES))


def is_style_run(path: Path) -> bool:
    """Whether the folder is the run of a style generator."""
    if not all((path / name).is_file() for name in MARKS):
        return False
    return read_json(path / CONFIG, RunError, cure=CURE).get("kind") == KIND


def claim_run(path: Path) -> None:
    """Raise RunError unless the path is new, an empty folder, or a style run."""
    claim_folder(path, RunError, marks=MARKS, starting=(PLAN_FILE, STYLES))
    if (path / CONFIG).is_file() and not is_style_run(path):
        raise RunError(f"{path} is a run of another kind; choose another --out")


def create_run(run: StyleRun, plan: dict[str, Any] | None) -> None:
    """Write the files that a run starts with.

    Args:
        run: the run; its folder must be claimed.
        plan: reasons, rate and minutes, where the configuration was planned.

    Raises:
        RunError: a file cannot be written.
    """
    try:
        run.path.mkdir(parents=True, exist_ok=True)
        save_style_set(run.path / STYLES, run.styles)
        if plan is not None:
            write_json(run.path / PLAN_FILE, {"format": PLAN_FORMAT, **plan})
        write_json(run.path / FINGERPRINT, run.fingerprint.to_dict())
        # last: with this file the folder counts as a run
        write_text(run.path / CONFIG, run.config.to_json())
    except OSError as error:
        raise RunError(say_disk_error(run.path, error)) from error


def check_same(
    run: StyleRun, fingerprint: Fingerprint, styles: StyleSet, changes: dict[str, Any]
) -> None:
    """Raise RunError unless the run was started with these images and settings."""
    if run.fingerprint.digest != fingerprint.digest:
        raise RunError(fingerprint.say_other_images(run.path))
    same = len(styles) == len(run.styles) and all(
        np.array_equal(a, b)
        for a, b in zip(styles.images, run.styles.images, strict=True)
    )
    if not same:
        raise RunError(
            f"{run.path} was started with other styles; choose another --out"
        )
    values = run.config.to_dict()
    names = [name for name, value in changes.items() if values[name] != value]
    if names:
        raise RunError(
            f"{run.path} was started with another {', '.join(names)}; omit the "
            "settings to resume it, or choose another --out"
        )


def save_style_set(path: Path, styles: StyleSet) -> None:
    """Write the styles' pixels; CheckpointError when the disk refuses."""
    tensors = {f"{i}": torch.from_numpy(x.copy()) for i, x in enumerate(styles.images)}
    labels = None if styles.labels is None else styles.labels.tolist()
    values = {"kind": "styles", "names": list(styles.names), "labels": labels}
    save_tensors(path, tensors, values)


def load_style_set(path: Path) -> StyleSet:
    """Read what `save_style_set` wrote.

    Raises:
        CheckpointError: the file is missing, damaged, altered, or holds no styles.
    """
    tensors, values = load_tensors(path)
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        found = conform_fields(values, STYLE_TYPES)
        images = tuple(tensors[f"{i}"].numpy() for i in range(len(found["names"])))
        if not images or any(x.ndim != 3 or x.dtype != np.uint8 for x in images):
            raise ValueError("it holds no styles")
        labels = found["labels"]
        if labels is not None and len(labels) != len(images):
            raise ValueError("its labels do not fit")
    return StyleSet(
        images, found["names"], None if labels is None else np.array(labels, np.int64)
    )


STYLE_TYPES: Types = {
    "kind": str,
    "names": tuple[str, ...],
    "labels": list[int] | None,
}
