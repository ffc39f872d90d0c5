"""Parent: the run or store whose networks another training begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganaug.config import ResolvedConfig
from ganaug.data.images import LabelledImages
from ganaug.display.words import count
from ganaug.errors import CheckpointError, ConfigError, RunError
from ganaug.files import read_json, refuse_damage, write_json
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.settings.resolve import read_config
from ganaug.records import Types, conform_fields
from ganaug.training.weights import WEIGHTS_CURE, load_tensors, save_tensors

# settings that decide which weights there are; a training has its parent's
SHAPE = (
    "network", "latent", "base_channels", "max_channels", "depth", "stem", "norm",
    "norm_d", "slope", "slope_d", "conditioning", "pack", "batch_std",
)  # fmt: skip
START = "start.safetensors"  # file of a run: the weights that it began with
START_RECORD = "start.json"  # the same in words
KIND = "start"
GENERATOR, DISCRIMINATOR = "generator", "discriminator"
Weights = dict[str, Tensor]
RECORD_TYPES: Types = {
    "path": str, "classes": list[str], "data_digest": str
}  # fmt: skip
KEPT_TYPES: Types = {
    "path": str,
    "config": dict[str, Any],
    "classes": tuple[str, ...],
    "data_digest": str,
}


@dataclass(frozen=True, repr=False)
class Parent:
    """Networks to begin with.

    Attributes:
        path: the run or store that they are from.
        config: configuration of their training.
        classes: names of the classes that they know, in label order.
        digest: digest of the images that they learned from.
        generator: weights of the finished generator.
        discriminator: weights of the discriminator.
    """

    path: str
    config: ResolvedConfig
    classes: tuple[str, ...]
    digest: str
    generator: Weights
    discriminator: Weights

    def __repr__(self) -> str:
        return f"Parent({self.path}: {self.config.describe()})"

    def say_known(self, classes: Sequence[str]) -> str:
        """Say how many of some classes it knows by name."""
        known, these = (
            len(set(classes) & set(self.classes)),
            count(len(classes), "class"),
        )
        return f"{self.path}, which knew {known} of these {these}"

    @property
    def shape(self) -> dict[str, Any]:
        """Settings that a training has in common with its parent."""
        values = self.config.to_dict()
        return {name: values[name] for name in SHAPE}


def read_parent(source: Any) -> Parent:
    """Read the networks of a finished run, or of the run beside a store.

    Args:
        source: a `Run`, a `Store`, or the folder of one.

    Raises:
        RunError: there is no finished run, or it has no discriminator.
        CheckpointError: a file is damaged.
        ConfigError: it trained one pair of networks per class, or on captions or source
            images, and such networks cannot start others.
    """
    source = Path(getattr(source, "path", source))
    folder = find_run_folder(source)
    tensors, values = load_tensors(folder / f"{GENERATOR}.safetensors")
    if values.get("kind") != "generator":
        raise ConfigError(f"{source} is no GAN's; start from a run of ganaug train")
    with refuse_damage(folder, CheckpointError, WEIGHTS_CURE):
        values = conform_fields(_pick({**values, "path": str(source)}), KEPT_TYPES)
    config = read_config(values["config"])
    refuse_unsuitable(config, str(source))
    judge, _ = load_tensors(folder / f"{DISCRIMINATOR}.safetensors")
    return Parent(
        path=str(source),
        config=config,
        classes=values["classes"],
        digest=values["data_digest"],
        generator=_without_prefix(tensors, "0."),
        discriminator=judge,
    )


def refuse_unsuitable(config: ResolvedConfig, source: str) -> None:
    """Raise ConfigError for networks that cannot start others."""
    kind = find_conditioning(config.conditioning)
    if kind.per_class or kind.captions or kind.sources:
        raise ConfigError(
            f"{source} was trained with conditioning={config.conditioning}; only runs "
            "with class, concat or none can start another"
        )


def refuse_other_channels(parent: Parent, images: LabelledImages) -> None:
    """Raise ConfigError where the parent draws images of other channels."""
    own, new = parent.config.channels, images.images.shape[3]
    if own != new:
        raise ConfigError(
            f"{parent.path} draws images of {own} channels, and these have {new}; "
            "start from a run of such images, or convert these"
        )


def keep_parent(run: Path, parent: Parent) -> None:
    """Write the weights that a run begins with into it, and where they are from.

    Raises:
        CheckpointError: a file cannot be written.
    """
    tensors = {f"{GENERATOR}.{k}": v for k, v in parent.generator.items()}
    tensors |= {f"{DISCRIMINATOR}.{k}": v for k, v in parent.discriminator.items()}
    values = {
        "config": parent.config.to_dict(),
        "classes": list(parent.classes),
        "data_digest": parent.digest,
        "path": parent.path,
    }
    save_tensors(run / START, tensors, {"kind": KIND, **values})
    write_json(run / START_RECORD, {name: values[name] for name in RECORD_TYPES})


def read_kept(run: Path) -> Parent | None:
    """Read what `keep_parent` wrote; None where the run began from noise.

    Raises:
        CheckpointError: the file is damaged.
    """
    path = run / START
    if not path.is_file():
        return None
    tensors, values = load_tensors(path)
    with refuse_damage(path, CheckpointError, WEIGHTS_CURE):
        values = conform_fields(_pick(values), KEPT_TYPES)
    return Parent(
        path=values["path"],
        config=read_config(values["config"]),
        classes=values["classes"],
        digest=values["data_digest"],
        generator=_without_prefix(tensors, f"{GENERATOR}."),
        discriminator=_without_prefix(tensors, f"{DISCRIMINATOR}."),
    )


def check_start(run: Path, given: Parent | None) -> None:
    """Raise RunError where a run that is resumed began with other weights.

    Args:
        run: folder of the run.
        given: what is asked for now; None where nothing is.
    """
    if given is None:
        return
    kept = read_kept(run)
    if kept is None:
        raise RunError(f"{run} was not started from another run; omit --start")
    same = kept.digest == given.digest and all(
        mine.keys() == theirs.keys()
        and all(torch.equal(mine[name], theirs[name]) for name in mine)
        for mine, theirs in (
            (kept.generator, given.generator),
            (kept.discriminator, given.discriminator),
        )
    )
    if not same:
        raise RunError(
            f"{run} was started from {kept.path}, and {given.path} has other networks; "
            "omit --start, or choose another --out"
        )


def read_record(run: Path) -> dict[str, Any] | None:
    """Read from what a run began: `path`, `classes`, `data_digest`; None if noise.

    Raises:
        RunError: the file is damaged.
    """
    path = run / START_RECORD
    if not path.is_file():
        return None
    return read_json(path, RunError, types=RECORD_TYPES, cure="delete it")


def find_run_folder(source: Path) -> Path:
    """Find the folder with both networks: the run, or that of a store's GAN."""
    beside = source.with_name(f"{source.name}.run")
    folder = source if (source / "config.json").is_file() else beside
    if (folder / f"{GENERATOR}.safetensors").is_file():
        return folder
    if not source.exists():
        raise RunError(f"{source} does not exist; give a run that ganaug train wrote")
    if (folder / "config.json").is_file():
        raise RunError(f"{folder} is not finished; run ganaug train again to resume")
    raise RunError(
        f"{source} is no run, and there is no {beside.name} beside it; give the folder "
        "of a finished run"
    )


def _pick(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in KEPT_TYPES}


def _without_prefix(tensors: Mapping[str, Tensor], prefix: str) -> Weights:
    return {k[len(prefix) :]: t for k, t in tensors.items() if k.startswith(prefix)}
