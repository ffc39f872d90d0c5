"""Store: a folder of synthetic images with their labels, for reading."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.display.gallery import (
    CLASSES_SHOWN,
    ClassImages,
    draw_gallery,
    spread_indices,
)
from ganaug.display.words import count, describe_format
from ganaug.errors import StoreError
from ganaug.files import refuse_damage, refuse_links
from ganaug.synth.store.manifest import (
    MANIFEST_FILE,
    NUMBERS,
    SCORES,
    STORE_CURE,
    Row,
    pick_fields,
    read_columns,
    read_rows,
    read_soft,
)
from ganaug.synth.store.meta import Meta, read_meta
from ganaug.synth.store.png import read_stored, to_pixels
from ganaug.synth.verdict.record import StoreVerdict

if TYPE_CHECKING:
    import pandas as pd


class Store:
    """Synthetic images on disk; their labels come from the manifest.

    It is a sequence of (image (h, w, c) uint8, label), so that `load_images` and a
    DataLoader take it as they take any Dataset.

    Attributes:
        path: the folder.
        meta: what the images come from.
        paths: (n,) str, path of each kept image relative to the folder.
        labels: (n,) int64, indices into `classes`.
        domains: (n,) int64, indices into `domain_names`; None in a store without
            domains.

    Example:
        >>> Store.load("digits-synthetic")[0]  # doctest: +SKIP
    """

    def __init__(
        self,
        path: Path,
        meta: Meta,
        paths: NDArray[np.str_],
        labels: NDArray[np.int64],
        domains: NDArray[np.int64] | None = None,
    ) -> None:
        self.path, self.meta = path, meta
        self.paths, self.labels, self.domains = paths, labels, domains

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Store:
        """Open the store in that folder.

        Raises:
            StoreError: the folder contains no store, a newer one, or a damaged one.
        """
        folder = Path(path)
        meta = read_meta(folder)
        refuse_links(folder, StoreError)
        # compact: a store may have millions of rows
        paths, labels, domains = [], array("q"), array("q")
        number = {name: k for k, name in enumerate(meta.domains)}
        table = folder / MANIFEST_FILE
        for row in read_rows(table, meta.folders):
            if meta.class_to_idx.get(row.class_name) != row.label:
                raise StoreError(
                    f"{folder} is damaged: manifest.csv has label {row.label} for "
                    f"class {row.class_name!r}, meta.json has not; "
                    f"{STORE_CURE}"
                )
            if row.kept:
                paths.append(row.path)
                labels.append(row.label)
                if number:
                    domains.append(_find_domain(folder, row, number))
        return Store(
            folder,
            meta,
            np.array(paths, np.str_),
            np.array(labels, np.int64),
            np.array(domains, np.int64) if number else None,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """All class names in label order, also those without images."""
        return self.meta.classes

    @property
    def class_to_idx(self) -> dict[str, int]:
        return self.meta.class_to_idx

    @property
    def domain_names(self) -> tuple[str, ...]:
        """Names of the domains, empty without any."""
        return self.meta.domains

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images."""
        return self.meta.size

    @property
    def verdict(self) -> StoreVerdict | None:
        """Whether the images are any good; None for a store that was not judged."""
        return self.meta.verdict

    @property
    def counts(self) -> NDArray[np.int64]:
        """Kept images per class, in label order."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    @property
    def manifest(self) -> pd.DataFrame:
        """One row per candidate, rejected ones included, as manifest.csv has them.

        Scores are numbers, NaN where nothing was measured.
        """
        import pandas as pd

        columns = read_columns(self.path / MANIFEST_FILE)
        rows = self.read_rows()
        # objects: pandas' own strings refuse names that are not valid Unicode
        frame = pd.DataFrame(
            (pick_fields(row, columns) for row in rows),
            columns=list(columns),
            dtype=object,
        )
        for name in SCORES & set(columns):
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        return frame.astype(dict.fromkeys(NUMBERS, np.int64))

    def read_rows(self) -> Iterator[Row]:
        """Yield the rows of the manifest one by one, rejected candidates included.

        Raises:
            StoreError: the manifest is damaged.
        """
        table = self.path / MANIFEST_FILE
        return read_rows(table, self.meta.folders)

    def read_soft_labels(self) -> NDArray[np.float32]:
        """Read the teacher's distribution over `classes` for each kept image, (n, k).

        Raises:
            StoreError: the store was written with hard labels.
        """
        if self.meta.labels != "soft":
            raise StoreError(
                f"{self.path} has hard labels only; write a store with: ganaug synth "
                "RUN --labels soft"
            )
        found = np.zeros((len(self), len(self.classes)), np.float32)
        table = self.path / MANIFEST_FILE
        for i, row in enumerate(self._kept()):
            with refuse_damage(table, StoreError, STORE_CURE):
                found[i] = read_soft(row.soft_label)
        return found

    def read_label_scores(self) -> NDArray[np.float32]:
        """Read the teacher's probability of each kept image's class, (n,), or 1."""
        scores = (row.label_score for row in self._kept())
        return np.array([float(s) if s else 1.0 for s in scores], np.float32)

    def _kept(self) -> Iterator[Row]:
        return (row for row in self.read_rows() if row.kept)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[NDArray[np.uint8], int]:
        return self.image(i), int(self.labels[i])

    def image(self, i: int) -> NDArray[np.uint8]:
        """Read the i-th kept image, (h, w, c) uint8.

        Raises:
            StoreError: its file is missing or damaged.
        """
        return to_pixels(self.pil_image(i))

    def pil_image(self, i: int) -> Image.Image:
        """Read the i-th kept image as a PIL image: grey, RGB or RGBA.

        Raises:
            StoreError: its file is missing or damaged.
        """
        path = os.path.join(self.path, self.paths[i])
        return read_stored(path, self.meta.size, self.meta.config["channels"])

    def __repr__(self) -> str:
        images, classes = count(len(self), "image"), count(len(self.classes), "class")
        form = describe_format(self.size, self.meta.config["channels"])
        word = "" if self.verdict is None else f", {self.verdict.word}"
        return f"Store({self.path}: {images} of {classes}, {form}{word})"

    def _repr_html_(self) -> str:
        """Return the verdict and some images of each class, for notebooks."""
        said = "" if self.verdict is None else f"\n{self.verdict.sentence}"
        try:
            shown = [self._pick(k) for k in range(len(self.classes))[:CLASSES_SHOWN]]
        except StoreError as error:
            shown, said = [], f"{said}\n{error}"
        return draw_gallery(f"{self!r}{said}", shown, total=len(self.classes))

    def _pick(self, label: int) -> ClassImages:
        rows = np.flatnonzero(self.labels == label)
        some = [self.image(i) for i in rows[spread_indices(len(rows))]]
        height, width = self.size
        empty = np.empty((0, height, width, 1), np.uint8)
        return ClassImages(
            self.classes[label], len(rows), np.stack(some) if some else empty
        )


def _find_domain(folder: Path, row: Row, number: Mapping[str, int]) -> int:
    if row.domain not in number:
        raise StoreError(
            f"{folder} is damaged: manifest.csv has a domain {row.domain!r}, meta.json "
            f"has not; {STORE_CURE}"
        )
    return number[row.domain]
