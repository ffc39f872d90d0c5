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
from PIL import Image

from ganaug.data.images import hash_pixels
from ganaug.data.origin import NAME as ORIGIN
from ganaug.data.resize import resize_pixels
from ganaug.errors import StoreError
from ganaug.files import LOCK, hold_lock, say_disk_error, write_whole
from ganaug.gan.run_folder import GENERATOR, SPLIT
from ganaug.synth.captioning import Captioning
from ganaug.synth.counts import MOST
from ganaug.synth.filters.screen import Judgement
from ganaug.synth.store import manifest
from ganaug.synth.store import meta as meta_json
from ganaug.synth.store.meta import Meta, read_meta, write_meta
from ganaug.synth.store.png import UNREADABLE, label_picture, save_png
from ganaug.training.weights import file_digest

NEW, DONE, LOST, REJECTED = range(4)  # no row; file; its file is gone; never had one
READ = 256  # images read at a time
STARTING = {LOCK}  # all that a store cut at its start can hold, but hidden files

logger = logging.getLogger(__name__)

Images = tuple[NDArray[np.uint8], NDArray[np.int64]]  # (n, h, w, c), labels


@contextmanager
def open_writer(path: Path, meta: Meta, generator: Path) -> Iterator[StoreWriter]:
    """Begin a store or go on with it, alone, as long as the block lasts.

    Raises:
        StoreError: the folder holds something else or a store of another generator,
            seed or size; another process writes it; or the disk refuses.
    """
    refuse_foreign(path)
    try:
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


def refuse_other(path: Path, meta: Meta) -> None:
    """Raise StoreError where `open_writer` would, before anything is written."""
    refuse_foreign(path)
    if (path / meta_json.NAME).is_file():
        _check_same(path, read_meta(path), meta)


class StoreWriter:
    """Adds images to a store that this process has locked."""

    def __init__(self, path: Path, meta: Meta) -> None:
        self.path, self.meta = path, meta
        self.captioning: Captioning | None = None  # where the generator reads captions
        self._states = _read_states(path, meta)
        self._lost = any((s == LOST).any() for s in self._states.values())

    def count(self, class_name: str) -> int:
        """Images that the class has, accepted ones only."""
        return int(np.isin(self._states[class_name], (DONE, LOST)).sum())

    def count_drawn(self, class_name: str) -> int:
        """Candidates that the class had, rejected ones included."""
        return int((self._states[class_name] != NEW).sum())

    def find_new(self, class_name: str, n: int) -> NDArray[np.int64]:
        """The first n indices that have no row yet."""
        states = np.pad(self._states[class_name], (0, n))
        return np.flatnonzero(states == NEW)[:n].astype(np.int64)

    def find_lost(self, class_name: str) -> NDArray[np.int64]:
        """Indices whose image had been accepted, but whose file is gone."""
        return np.flatnonzero(self._states[class_name] == LOST).astype(np.int64)

    def find_captions(
        self, labels: NDArray[np.int64], indices: NDArray[np.int64]
    ) -> list[str] | None:
        """(n,) captions of these rows, None where the generator reads none."""
        book = self.captioning
        return None if book is None else book.find(labels, indices)

    def read_kept(self, classes: Sequence[str]) -> Iterator[Images]:
        """Accepted images of these classes at the GAN's grid, some at a time."""
        wanted, found = set(classes), []
        for row in manifest.read_rows(self.path / manifest.NAME):
            if row.kept and row.class_name in wanted:
                found.append((row.path, row.label))
        for start in range(0, len(found), READ):
            part = found[start : start + READ]
            images = [self._read(path) for path, _ in part]
            yield np.stack(images), np.array([label for _, label in part], np.int64)

    def make_folders(self, classes: Sequence[str]) -> None:
        for name in classes:
            (self.path / self.meta.folders[name]).mkdir(exist_ok=True)

    def drop_empty_folders(self) -> None:
        """Take away those of classes given up: ImageFolder refuses empty ones."""
        for name in self.meta.folders.values():
            folder = self.path / name
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def save_images(
        self,
        rows: NDArray[np.int64],
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        images: NDArray[np.uint8],
        verdict: Judgement | None,
    ) -> list[manifest.Row]:
        """Write the files of `rows` and return their lines; any thread may call it."""
        captions = self.find_captions(labels, indices) or [""] * len(labels)
        saved = (
            self._save(int(labels[i]), int(indices[i]), images[i], verdict, int(i))
            for i in rows
        )
        return [
            row._replace(caption=captions[i])
            for i, row in zip(rows, saved, strict=True)
        ]

    def add_rows(self, rows: Sequence[manifest.Row]) -> None:
        """Add rows to the manifest; those that have lost only their file, not again."""
        if self._lost:
            rows = [row for row in rows if not self._has_row(row)]
        for row in rows:
            self._note(row)
        manifest.append_lines(self.path / manifest.NAME, rows)

    def _save(
        self,
        label: int,
        index: int,
        image: NDArray[np.uint8],
        verdict: Judgement | None,
        i: int,
    ) -> manifest.Row:
        meta = self.meta
        name = meta.classes[label]
        kept = verdict is None or bool(verdict.kept[i])
        image = resize_pixels(image, meta.size)
        path, digest = "", ""
        if kept:
            path = f"{meta.folders[name]}/{index:06d}.png"
            text = label_picture(meta.generator_sha256, meta.seed, name, index)
            digest = save_png(os.path.join(self.path, path), image, text)
        row = manifest.Row(
            path, name, label, meta.seed, index, hash_pixels(image), digest,
            kept=int(kept),
        )  # fmt: skip
        return row if verdict is None else verdict.add_to(row, i, meta.labels)

    def _note(self, row: manifest.Row) -> None:
        states = self._states[row.class_name]
        if row.place >= len(states):
            grown = np.zeros(2 * row.place + 64, np.uint8)
            grown[: len(states)] = states
            self._states[row.class_name] = states = grown
        states[row.place] = DONE if row.kept else REJECTED

    def _read(self, path: str) -> NDArray[np.uint8]:
        try:
            with Image.open(os.path.join(self.path, path)) as picture:
                pixels = np.asarray(picture)
        except UNREADABLE as error:
            if getattr(error, "errno", None) is not None:
                raise  # the disk or its permissions, not the image
            raise StoreError(
                f"{self.path / path} is damaged; delete it and run the same command to "
                "restore it"
            ) from error
        pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
        return resize_pixels(pixels, self.meta.grid)

    def _has_row(self, row: manifest.Row) -> bool:
        states = self._states[row.class_name]
        return row.place < len(states) and bool(states[row.place] != NEW)


def _start_or_resume(path: Path, meta: Meta, generator: Path) -> StoreWriter:
    if (path / meta_json.NAME).is_file():
        meta = _go_on(path, read_meta(path), meta)
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


def _check_same(path: Path, old: Meta, new: Meta) -> None:
    for name, what in (
        ("generator_sha256", "generator"),
        ("seed", "seed"),
        ("classes", "set of classes"),
        ("size", "size"),
        ("filters", "set of filters"),
        ("labels", "kind of labels"),
    ):
        if getattr(old, name) != getattr(new, name):
            shown = "" if what == "generator" else f" ({_show(getattr(old, name))})"
            raise StoreError(
                f"{path} was begun with another {what}{shown}; use that one, or choose "
                "another --out"
            )


def _go_on(path: Path, old: Meta, new: Meta) -> Meta:
    """The meta to go on with: the old one, with the newest command."""
    _check_same(path, old, new)
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


def _show(value: object) -> str:
    return (
        ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
    )


def _say(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _read_states(path: Path, meta: Meta) -> dict[str, NDArray[np.uint8]]:
    """One byte per candidate and class: NEW, DONE, LOST or REJECTED."""
    states = {name: bytearray() for name in meta.class_to_idx}
    for row in manifest.read_rows(path / manifest.NAME):
        if row.class_name not in states or not 0 <= row.place < MOST:
            raise StoreError(f"{path} is damaged: manifest.csv has a row {row}")
        own = states[row.class_name]
        if row.place >= len(own):
            own.extend(bytes(row.place + 1 - len(own)))
        own[row.place] = _find_state(path, row)
    return {name: np.frombuffer(own, np.uint8).copy() for name, own in states.items()}


def _find_state(path: Path, row: manifest.Row) -> int:
    if not row.kept:
        return REJECTED
    return DONE if _is_whole(path, row.path) else LOST


def _is_whole(path: Path, name: str) -> bool:
    try:
        return os.stat(os.path.join(path, name)).st_size > 0
    except FileNotFoundError:
        return False
