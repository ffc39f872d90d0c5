"""Inputs: the earlier run that a gain starts from, and the images that it knows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.display.words import count
from ganaug.errors import ConfigError, DataError
from ganaug.gain.classifiers.specs import ClassifierSpec, OnFeatures
from ganaug.gain.splitting.leaks import check_known
from ganaug.gan.run_folder import Run
from ganaug.gan.start.parent import (
    Parent,
    find_run_folder,
    read_parent,
    read_record,
    refuse_other_channels,
)
from ganaug.synth.real_images import find_real

OPTION = "--start-data"


@dataclass(frozen=True, eq=False)
class HeadStart:
    """The earlier run that a gain starts from.

    Attributes:
        parent: its networks, with which each split's GAN begins.
        images: all labelled images of the run; a classifier learns from them once.
        flips: whether mirroring these left-right and up-down keeps labels.
    """

    parent: Parent
    images: LabelledImages
    flips: tuple[bool, bool] = (False, False)

    @property
    def name(self) -> str:
        """Name of the run, without its folder."""
        return Path(os.path.abspath(self.parent.path)).name

    def say(self) -> str:
        """Say what it is for."""
        images = count(len(self.images), "image")
        classes = count(len(self.images.classes), "class")
        return (
            f"each GAN starts from {self.name}, and classifiers of both sides may "
            f"start from one that was trained on its {images} of {classes}, so that "
            "both know as much"
        )


def read_start(
    source: Any,
    data: Any,
    images: LabelledImages,
    test: LabelledImages | None,
    *,
    allow_leak: bool,
) -> tuple[HeadStart | None, tuple[str, ...]]:
    """Return the earlier run and notes; None where none was given.

    Args:
        source: a finished run, a store beside its run, or the folder of one; or None.
        data: its images, where they have moved or came from memory, or None.
        images: all real images of the gain.
        test: the test set, or None where these are tested in folds.
        allow_leak: whether images of the gain among the run's are accepted.

    Raises:
        RunError, CheckpointError: there is no finished run, or it is damaged.
        ConfigError: its networks cannot start others, or draw other channels.
        DataError: its images are not found, are others, or are among the gain's.
    """
    if source is None:
        if data is not None:
            raise ConfigError(f"{OPTION} is for --start RUN; give both")
        return None, ()
    parent = read_parent(source)
    refuse_other_channels(parent, images)
    folder = find_run_folder(Path(parent.path))
    notes = _check_ancestor(folder, allow_leak=allow_leak)
    known = find_real(folder, data, option=OPTION).images
    if len(known.classes) < 2:
        raise DataError(
            f"{parent.path} knows one class, and a classifier needs two; start from a "
            "run of more"
        )
    for own, what in ((images, "images"), (test, "test images")):
        if own is not None:
            notes += check_known(known, own, what, parent.path, allow_leak=allow_leak)
    checks = (Run.load(folder).fingerprint.hflip, Run.load(folder).fingerprint.vflip)
    hflip, vflip = (check is not None and check.safe for check in checks)
    start = HeadStart(parent, known, (hflip, vflip))
    return start, (start.say(), *notes)


def refuse_beside_start(
    start: object,
    classifier: ClassifierSpec,
    *,
    frozen: bool,
    others: Mapping[str, object],
) -> None:
    """Raise ConfigError for what cannot stand beside an earlier run.

    Args:
        start: the run, or None.
        classifier: the classifier to train.
        frozen: whether only its last layer learns.
        others: option → its value, for those whose images no GAN draws.
    """
    if start is None:
        return
    given = [option for option, value in others.items() if value]
    if given:
        raise ConfigError(
            f"--start is where a GAN starts, and with {given[0]} none is trained; give "
            "one of them"
        )
    if frozen or classifier.own or isinstance(classifier.build, OnFeatures):
        what = "frozen networks" if frozen else "your own classifiers"
        raise ConfigError(
            f"--start pretrains the classifier on the run's images, which {what} are "
            "not made for; give small, or a torchvision network without --frozen"
        )


def refuse_cells(start: HeadStart | None, *, by_cells: bool) -> None:
    """Raise ConfigError where cells are to be filled, which no GAN does."""
    if start is not None and by_cells:
        raise ConfigError(
            "--start is where a GAN starts, and these data have domains with cells "
            "that a translator fills; omit --start, or the options that name domains"
        )


def digest_start(start: HeadStart) -> str:
    """Return a digest of the run's networks and of the images that it knows."""
    digest = hashlib.sha256(start.parent.digest.encode())
    for weights in (start.parent.generator, start.parent.discriminator):
        for name in sorted(weights):
            digest.update(name.encode() + _read_bytes(weights[name]))
    return digest.hexdigest()


def name_path(source: Any) -> str | None:
    """Return the path of a run, a store, or data; None where there is none."""
    path = getattr(source, "path", source)
    return os.fspath(path) if isinstance(path, str | os.PathLike) else None


def _read_bytes(weights: Tensor) -> bytes:
    return weights.detach().cpu().contiguous().numpy().tobytes()


def _check_ancestor(folder: Path, *, allow_leak: bool) -> list[str]:
    """Refuse a run that itself started from another, whose images nobody looks at."""
    record = read_record(folder)
    if record is None:
        return []
    line = (
        f"{folder} itself started from {record['path']}, whose images the classifiers "
        "do not learn from, and which may show images of these data"
    )
    if not allow_leak:
        raise ConfigError(
            f"{line}; start from a run that began from noise, or pass --allow-leak"
        )
    return [f"{line}: allowed, but the comparison may be too easy"]
