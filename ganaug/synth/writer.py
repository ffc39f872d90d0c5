"""StoreWriter: the one process that adds images to a store."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import hash_pixels
from ganaug.data.resize import resize_pixels
from ganaug.errors import StoreError
from ganaug.files import hold_lock, say_disk_error
from ganaug.synth.filters.pipeline import Judgement
from ganaug.synth.store import manifest
from ganaug.synth.store.meta import Meta, write_meta
from ganaug.synth.store.png import make_mark, read_stored, save_png, to_pixels
from ganaug.synth.store.resumption import begin_or_resume, refuse_foreign
from ganaug.synth.store.row_states import RowStates

IMAGES_AT_A_TIME = 256  # images that are read together

logger = logging.getLogger(__name__)

# (n, h, w, c), labels, and indices in the classes
Images = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class DrawnCandidates:
    """Candidates that were drawn together, with the filters' judgement.

    Attributes:
        labels, indices: (n,) classes, and indices in these classes.
        captions: (n,) texts that they were drawn from, or None.
        images: (n, h, w, c) uint8.
        judgement: the filters' judgement, or None without filters.
    """

    labels: NDArray[np.int64]
    indices: NDArray[np.int64]
    captions: list[str] | None
    images: NDArray[np.uint8]
    judgement: Judgement | None


@contextmanager
def open_writer(path: Path, meta: Meta, generator: Path) -> Iterator[StoreWriter]:
    """Begin or resume a store, and keep it locked inside the `with` block.

    Raises:
        StoreError: the folder contains something else or a store of another generator,
            seed or size; another process writes it; or the disk refuses.
    """
    refuse_foreign(path)
    try:
        with hold_lock(path, StoreError):
            yield StoreWriter(path, begin_or_resume(path, meta, generator))
    except OSError as error:
        raise StoreError(
            f"{say_disk_error(path, error)}; images written so far stay, and the same "
            "command resumes"
        ) from error


class StoreWriter:
    """Adds images to a store that this process has locked."""

    def __init__(self, path: Path, meta: Meta) -> None:
        self.path, self.meta = path, meta
        self.states = RowStates(path, meta)
        self._lost = any(len(self.states.find_lost(name)) for name in meta.classes)

    def read_kept(
        self, classes: Sequence[str], domain: str | None = None
    ) -> Iterator[Images]:
        """Yield accepted images of these classes at the GAN's grid, in batches."""
        names, found = set(classes), []
        table = self.path / manifest.MANIFEST_FILE
        for row in manifest.read_rows(table, self.meta.folders):
            wanted = row.class_name in names and domain in (None, row.domain)
            if row.kept and wanted:
                found.append((row.path, row.label, row.place))
        for start in range(0, len(found), IMAGES_AT_A_TIME):
            paths, *numbers = zip(*found[start : start + IMAGES_AT_A_TIME], strict=True)
            labels, places = (np.array(each, np.int64) for each in numbers)
            yield np.stack([self._read(path) for path in paths]), labels, places

    def make_folders(self, classes: Sequence[str]) -> None:
        for name in classes:
            (self.path / self.meta.folders[name]).mkdir(exist_ok=True)

    def drop_empty_folders(self) -> None:
        """Remove empty class folders, which ImageFolder refuses."""
        for name in self.meta.folders.values():
            folder = self.path / name
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def save_images(
        self, rows: NDArray[np.int64], drawn: DrawnCandidates
    ) -> list[manifest.Row]:
        """Write the images with the numbers `rows`, and return their manifest rows.

        Several threads may call this at once.
        """
        return [self._save(drawn, int(i)) for i in rows]

    def add_rows(self, rows: Sequence[manifest.Row]) -> None:
        """Add rows to the manifest, without those that it has already.

        A verdict is dropped: the next one is given when all images are there.
        """
        if self._lost:
            rows = [row for row in rows if not self.states.has_row(row)]
        if rows and self.meta.verdict is not None:  # it is about fewer images
            self.meta = replace(self.meta, verdict=None)
            write_meta(self.path, self.meta)
        for row in rows:
            self.states.note(row)
        manifest.append_rows(self.path / manifest.MANIFEST_FILE, rows)

    def _save(self, drawn: DrawnCandidates, i: int) -> manifest.Row:
        meta, judgement = self.meta, drawn.judgement
        label, index = int(drawn.labels[i]), int(drawn.indices[i])
        name = meta.classes[label]
        kept = judgement is None or bool(judgement.kept[i])
        image = resize_pixels(drawn.images[i], meta.size)
        path, digest = "", ""
        if kept:
            path = f"{meta.folders[name]}/{index:06d}.png"
            text = make_mark(meta.generator_sha256, meta.seed, name, index=index)
            digest = save_png(os.path.join(self.path, path), image, text)
        row = manifest.Row(
            path, name, label, seed=meta.seed, place=index,
            pixel_sha256=hash_pixels(image), file_sha256=digest,
            caption="" if drawn.captions is None else drawn.captions[i],
            kept=int(kept),
        )  # fmt: skip
        return row if judgement is None else judgement.add_to(row, i, meta.labels)

    def _read(self, path: str) -> NDArray[np.uint8]:
        image = read_stored(
            self.path / path, self.meta.size, self.meta.config["channels"]
        )
        return resize_pixels(to_pixels(image), self.meta.grid)
