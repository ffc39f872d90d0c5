"""meta.json of a store: the origin of its images, and how to draw them again."""

from __future__ import annotations

import json
import platform
import re
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from ganaug.config import TrainConfig
from ganaug.data.resize import check_size
from ganaug.display.words import CHANNEL_NAMES
from ganaug.errors import StoreError
from ganaug.files import is_plain_name, read_json, refuse_damage, write_text
from ganaug.records import conform, list_types
from ganaug.synth.store.folder_names import STORE_FILES, fold_name
from ganaug.synth.store.manifest import STORE_CURE
from ganaug.synth.verdict.record import StoreVerdict

META_FILE = "meta.json"
META_FORMAT = 1
PACKAGES = ("ganaug", "torch", "numpy", "scipy", "pillow")

IMAGE_NAME = re.compile(r"[0-9]{6,}\.png")

Size = tuple[int, int]  # (height, width)


@dataclass(frozen=True, kw_only=True)
class Meta:
    """The contents of a store's meta.json.

    Attributes:
        generator_sha256: digest of the generator file that drew the images.
        data_digest: digest of the data that the generator was trained on.
        config: the generator's training configuration.
        class_to_idx: label numbers by class name.
        folders: folder names by class name.
        size: (height, width) of the stored images.
        data_size: (height, width) of the user's own images.
        seed: seed for all latents.
        versions: versions of Python and of the packages that decide bytes.
        engine: torch, device, processor and threads, see `engine.describe`.
        filters: names of the filters that candidates went through.
        domains: names of the domains that images have; empty without any.
        labels: `hard`, or `soft` if the manifest has the teacher's probabilities.
        command: command that the user typed, or "".
        training: how long the GAN was trained in `minutes`, the `settings` that the
            user chose, and whether the whole configuration was `given`; empty where
            that is not known.
        verdict: whether the images are any good; None if nobody judged them.
        format: number of the format; readers refuse a newer one.
    """

    generator_sha256: str
    data_digest: str
    config: dict[str, Any]
    class_to_idx: dict[str, int]
    folders: dict[str, str]
    size: Size
    data_size: Size
    seed: int
    versions: dict[str, str]
    engine: dict[str, str | int]
    filters: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    labels: str = "hard"
    command: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    verdict: StoreVerdict | None = None
    format: int = META_FORMAT

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted(self.class_to_idx, key=self.class_to_idx.__getitem__))

    def owns(self, path: str) -> bool:
        """Whether a path from a file is that of an image in a class's folder."""
        folder, _, name = path.rpartition("/")
        return folder in self.folders.values() and bool(IMAGE_NAME.fullmatch(name))

    @property
    def training_config(self) -> TrainConfig:
        """Configuration of the training; a translator's has its image format only."""
        if "kind" in self.config:
            names = ("height", "width", "channels")
            return TrainConfig(augment=None, **{n: self.config[n] for n in names})
        return TrainConfig.from_dict(self.config)

    @property
    def extra_columns(self) -> str:
        """Key of `manifest.EXTRAS`."""
        if self.domains:
            return "domains"
        return "styles" if self.config.get("kind") == "style" else ""

    @property
    def grid(self) -> Size:
        """(height, width) at which the GAN drew."""
        return int(self.config["height"]), int(self.config["width"])


def read_meta(folder: Path) -> Meta:
    """Read the meta.json of a store.

    Raises:
        StoreError: the file is missing or damaged, or has a newer format.
    """
    path = folder / META_FILE
    if not path.is_file():
        what = "contains no store" if folder.exists() else "does not exist"
        raise StoreError(f"{folder} {what}; make one with: ganaug synth RUN_OR_DATA")
    types = list_types(Meta, labels=Literal["hard", "soft"], verdict=dict | None)
    values = read_json(
        path, StoreError, types=types, newest=META_FORMAT, cure=STORE_CURE
    )
    with refuse_damage(path, StoreError, STORE_CURE):
        if values.get("verdict") is not None:
            values["verdict"] = StoreVerdict.from_dict(values["verdict"])
        return _check(Meta(**values))


def _check(meta: Meta) -> Meta:
    """Raise ValueError for values that are not possible together."""
    numbers = sorted(meta.class_to_idx.values())
    if not numbers or numbers != list(range(len(numbers))):
        raise ValueError("class_to_idx does not number the classes 0, 1, 2, …")
    if set(meta.folders) != set(meta.class_to_idx):
        raise ValueError("folders and class_to_idx have other classes")
    for folder in meta.folders.values():
        if not is_plain_name(folder) or folder.lower() in STORE_FILES:
            raise ValueError(f"{folder!r} is no name of a class's folder")
    if len(set(map(fold_name, meta.folders.values()))) < len(meta.folders):
        raise ValueError("two classes have one folder")
    if len(set(meta.domains)) < len(meta.domains):
        raise ValueError("two domains have one name")
    for name in ("height", "width", "channels"):
        conform(meta.config[name], int, f"{name} of config")
    for size in (meta.size, meta.data_size, meta.grid):
        check_size(size)
    if meta.config["channels"] not in CHANNEL_NAMES:
        raise ValueError("its images have neither 1, 3 nor 4 channels")
    return meta


def write_meta(folder: Path, meta: Meta) -> None:
    """Write meta.json whole, in ASCII, since file names may not be Unicode."""
    values = asdict(meta)
    for name in ("training", "domains"):
        if not values[name]:
            del values[name]
    if meta.verdict is None:
        del values["verdict"]
    else:
        values["verdict"] = meta.verdict.to_dict()
    write_text(folder / META_FILE, json.dumps(values, indent=1) + "\n")


def find_versions() -> dict[str, str]:
    """Find the versions of Python and of the packages that decide a PNG's bytes."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions
