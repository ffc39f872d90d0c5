"""Shell completion of option values, from names alone: it must not import torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

BACKENDS = ("loky", "dask", "ray")
DEVICES = ("auto", "cpu", "cuda", "mps")
FILTERS = ("label", "realism", "copy", "duplicate", "none")
LABELS = ("hard", "soft")
LOGS = ("tensorboard", "csv")
PAGES = ("first", "all")
SCALES = ("auto", "0:1", "0:16")
EXPORTS = ("imagefolder", "webdataset", "parquet", "npz", "csv")
GENERATOR_EXPORTS = ("onnx", "torchscript")
DOMAIN_RULES = ("exif:Model", "exif:day", "parent", "size", "clusters")
# some of torchvision's, and the small network
CLASSIFIERS = (
    "small", "resnet18", "resnet34", "resnet50", "mobilenet_v3_small",
    "mobilenet_v3_large", "efficientnet_b0", "convnext_tiny",
)  # fmt: skip
# field of TrainConfig → its names; a test compares them with the tables behind it
FIELD_NAMES = {
    "network": ("r3", "dcgan"),
    "stem": ("strided", "full"),
    "norm": ("batch", "spectral", "none"),
    "norm_d": ("batch", "spectral", "none"),
    "conditioning": (
        "class", "concat", "caption", "image", "image-warp", "separate", "none",
    ),
    "loss": ("relativistic", "bce", "bce-ns", "lsgan", "hinge", "wgan", "wgan-gp"),
    "penalties": ("r1", "r2", "gp", "none"),
    "diversity": ("mode-seeking", "entropy", "none"),
    "augment": ("colour", "hflip", "vflip", "translation", "cutout", "none"),
    "class_sampling": ("natural", "sqrt", "uniform"),
    "precision": ("float32", "bfloat16"),
}  # fmt: skip


def complete_from(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Return a completion that offers these names.

    Example:
        >>> complete_from(("hard", "soft"))("s")
        ['soft']
    """

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return complete


def complete_filters(incomplete: str) -> list[str]:
    """Offer the filters that a comma-separated list has not yet.

    Example:
        >>> complete_filters("label,re")
        ['label,realism']
    """
    begun, comma, last = incomplete.rpartition(",")
    names = [name for name in FILTERS if name not in begun.split(",")]
    return [begun + comma + name for name in names if name.startswith(last)]


def complete_setting(incomplete: str) -> list[str]:
    """Offer fields and, where only one is left, its names.

    Example:
        >>> complete_setting("pe"), complete_setting("penalties=r")
        (['penalties=', 'penalty_every='], ['penalties=r1', 'penalties=r2'])
    """
    from dataclasses import fields

    from ganaug.config import TrainConfig

    names = [field.name for field in fields(TrainConfig)]
    field, equals, _ = incomplete.partition("=")
    open_fields = [field] if equals else [n for n in names if n.startswith(field)]
    words = [f"{name}=" for name in open_fields]
    if len(open_fields) == 1:
        words = [words[0] + name for name in FIELD_NAMES.get(open_fields[0], ("",))]
    return [word for word in words if word.startswith(incomplete)]


def complete_class(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the classes of a run, a store or a folder of class folders."""
    # an option without its value keeps the parser from naming what stands before it
    source = ctx.params.get("source") or next(iter(ctx.args), "")
    names = [f"{name}=" for name in list_classes(Path(source))]
    return [name for name in names if name.startswith(incomplete)]


def list_classes(folder: Path) -> list[str]:
    """List the classes that a folder has, as far as can be told without images."""
    if not folder.is_dir():
        return []
    for file, key in (("fingerprint.json", "classes"), ("meta.json", "class_to_idx")):
        if (folder / file).is_file():
            return list(_read_names(folder / file, key))
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _read_names(path: Path, key: str) -> Iterable[str]:
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        return map(str, values[key])
    except (OSError, ValueError, KeyError, TypeError):
        return ()
