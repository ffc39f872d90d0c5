"""StoreWriter: the one process that adds images to a store."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import hash_pixels
from ganaug.data.origin import NAME as ORIGIN
from ganaug.data.resize import resize_pixels
from ganaug.errors import StoreError
from ganaug.files import hold_lock, say_disk_error, write_whole
from ganaug.gan.run_folder import GENERATOR, SPLIT
from ganaug.gan.weights import file_digest
from ganaug.synth import manifest
from ganaug.synth import meta as meta_json
from ganaug.synth.counts import MOST
from ganaug.synth.meta import Meta, read_meta, write_meta
from ganaug.synth.png import save_png

NEW, DONE, LOST = 0, 1, 2  # no row; row and file; row without its file
STARTING = {".lock"}  # all that a store cut at its start can hold, but hidden files

logger = logging.getLogger(__name__)


@contextmanager
def open_writer(path: Path, meta: Meta, generator: Path) -> Iterator[StoreWriter]:
    """Begin a store or go on with it, alone, as long as the block lasts.

    Raises:
        StoreError: the folder holds something else or a store of another generator,
            seed or size; another process writes it; or the disk refuses.
    """
    refuse_foreign(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with hold_lock(path, StoreError):
            yield _start_or_resume(path, meta, generator)
    except OSError as error:
        raise StoreError(
            f"{say_disk_error(path, error)}; what is there stays, and the same "
            "command goes on"
        ) from error


def refuse_foreign(path: Path) -> None:
    """Raise StoreError for a file, or a folder that holds something else."""
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is a file; choose another --out")
    if path.is_dir() and not (path / meta_json.NAME).is_file():
        others = [p.name for p in path.iterdir() if p.name not in STARTING]
        others = [name for name in others if not name.endswith(".tmp")]
        if others:
            raise StoreError(
                f"{path} holds something else ({others[0]}); choose another --out"
            )


class StoreWriter:
    """Adds images to a store that this process has locked."""

    def __init__(self, path: Path, meta: Meta) -> None:
        self.path, self.meta = path, meta
        self._states = _read_states(path, meta)
        self._lost = any((s == LOST).any() for s in self._states.values())

    def count(self, class_name: str) -> int:
        """Rows that the class has."""
        return int((self._states[class_name] != NEW).sum())

    def find_missing(self, class_name: str, wanted: int) -> NDArray[np.int64]:
        """Indices below `wanted` without a file, and any that have lost theirs."""
        states = self._states[class_name]
        states = np.pad(states, (0, max(0, wanted - len(states))))
        new = np.flatnonzero(states[:wanted] == NEW)
        return np.union1d(new, np.flatnonzero(states == LOST)).astype(np.int64)

    def make_folders(self, classes: Sequence[str]) -> None:
        for name in classes:
            (self.path / self.meta.folders[name]).mkdir(exist_ok=True)

    def save_images(
        self,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        images: NDArray[np.uint8],
    ) -> list[manifest.Row]:
        """Write the files and return their rows; any thread may call it."""
        classes = self.meta.classes
        return [
            self._save(classes[label], int(label), int(index), image)
            for label, index, image in zip(labels, indices, images, strict=True)
        ]

    def add_rows(self, rows: Sequence[manifest.Row]) -> None:
        """Add rows to the manifest; those that have lost only their file, not again."""
        if self._lost:
            rows = [row for row in rows if not self._has_row(row)]
        manifest.append_lines(self.path / manifest.NAME, rows)

    def _save(
        self, name: str, label: int, index: int, image: NDArray[np.uint8]
    ) -> manifest.Row:
        image = resize_pixels(image, self.meta.size)
        path = f"{self.meta.folders[name]}/{index:06d}.png"
        digest = save_png(os.path.join(self.path, path), image)
        seed = self.meta.seed
        return manifest.Row(path, name, label, seed, index, hash_pixels(image), digest)

    def _has_row(self, row: manifest.Row) -> bool:
        states = self._states[row.class_name]
        return row.place < len(states) and bool(states[row.place] != NEW)


def _start_or_resume(path: Path, meta: Meta, generator: Path) -> StoreWriter:
    if (path / meta_json.NAME).is_file():
        meta = _check_same(path, read_meta(path), meta)
    else:
        write_meta(path, meta)
    copy = path / GENERATOR
    if not copy.is_file():
        _copy_whole(generator, copy)
    elif file_digest(copy) != meta.generator_sha256:
        raise StoreError(
            f"{copy} was altered; delete it and run the same command again"
        )
    _copy_missing(generator.parent, path)
    table = path / manifest.NAME
    if not table.is_file() or not table.stat().st_size:
        manifest.start_manifest(table)
    elif manifest.repair_manifest(table):
        logger.info("%s: dropped a row that was cut short", table)
        if not table.stat().st_size:
            manifest.start_manifest(table)
    return StoreWriter(path, meta)


def _copy_missing(source: Path, path: Path) -> None:
    """Where the real images lie and which were held out, as the run has it."""
    for name in (ORIGIN, SPLIT):
        if (source / name).is_file() and not (path / name).is_file():
            _copy_whole(source / name, path / name)


def _copy_whole(source: Path, target: Path) -> None:
    write_whole(target, lambda hidden: shutil.copyfile(source, hidden))


def _check_same(path: Path, old: Meta, new: Meta) -> Meta:
    """The meta to go on with: the old one, with the newest command."""
    for name, what in (
        ("generator_sha256", "generator"),
        ("seed", "seed"),
        ("size", "size"),
    ):
        if getattr(old, name) != getattr(new, name):
            shown = "" if what == "generator" else f" ({getattr(old, name)})"
            raise StoreError(
                f"{path} was begun with another {what}{shown}; use that one, or choose "
                "another --out"
            )
    if old.engine != new.engine:
        logger.warning(
            "%s was begun on %s; images added on %s may differ by 2 grey levels from "
            "what that one draws",
            path, _say(old.engine), _say(new.engine),
        )  # fmt: skip
    if old.command != new.command:
        old = replace(old, command=new.command)
        write_meta(path, old)
    return old


def _say(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _read_states(path: Path, meta: Meta) -> dict[str, NDArray[np.uint8]]:
    """One byte per image and class: NEW, DONE or LOST."""
    states = {name: bytearray() for name in meta.class_to_idx}
    for row in manifest.read_rows(path / manifest.NAME):
        if row.class_name not in states or not 0 <= row.place < MOST:
            raise StoreError(f"{path} is damaged: manifest.csv has a row {row}")
        own = states[row.class_name]
        if row.place >= len(own):
            own.extend(bytes(row.place + 1 - len(own)))
        own[row.place] = LOST if row.kept and not _is_whole(path, row.path) else DONE
    return {name: np.frombuffer(bytes(own), np.uint8) for name, own in states.items()}


def _is_whole(path: Path, name: str) -> bool:
    try:
        return os.stat(os.path.join(path, name)).st_size > 0
    except FileNotFoundError:
        return False
