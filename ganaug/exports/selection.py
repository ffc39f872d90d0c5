"""Selection: what an export has of a store, and of the real images behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.resize import resize_pixels
from ganaug.errors import DataError, StoreError
from ganaug.files import open_file, refuse_damage
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.manifest import MANIFEST_FILE, STORE_CURE, Row, read_soft
from ganaug.synth.store.png import encode_png
from ganaug.synth.store.store import Store

Pixels = NDArray[np.uint8]  # (h, w, c)

# what may be known of an image → its type; in exports that have it for some image
FACTS: dict[str, type] = {
    "seed": int,
    "index": int,
    "caption": str,
    "domain": str,
    "source_domain": str,
    "source_id": str,
    "style_id": str,
    "alpha": float,
    "label_score": float,
    "realism_score": float,
    "nearest_real_distance": float,
    "soft_label": list,
    "held_out": bool,
}
FIELDS = {"index": "place"}  # fact → field of a manifest's row, where they differ
REAL = "real"  # begins the file names of real images


@dataclass(frozen=True)
class Example:
    """One image of an export.

    Attributes:
        folder, stem: folder name of its class, and a file name without ending, unique
            in the folder.
        label: number of its class.
        class_name: name of its class, as text that any file can hold.
        synthetic: whether it is no real image.
        facts: what is known of it, see `FACTS`; None for what is not.
        file: the file that it was read from; None for real images of no file.
        read_pixels: returns its pixels (h, w, c) uint8.
        read_png: returns the bytes of a PNG file of it.
    """

    folder: str
    stem: str
    label: int
    class_name: str
    synthetic: bool
    facts: dict[str, Any]
    file: Path | None
    read_pixels: Callable[[], Pixels]
    read_png: Callable[[], bytes]

    @property
    def name(self) -> str:
        """Path of its PNG file in an export of class folders, with `/`."""
        return f"{self.folder}/{self.stem}.png"


class Selection:
    """The images of a store, behind the real images if these are wanted.

    Rejected candidates have no file, so that they are in no selection. Real images get
    the size of the synthetic ones.

    Args:
        store: the store.
        real: the real images, or None.
        folder: where the names of the real images' files lead from, if they have any.

    Attributes:
        facts: names of what is known of some image, in the order of `FACTS`.
    """

    def __init__(
        self, store: Store, real: RealImages | None = None, folder: Path | None = None
    ) -> None:
        self.store, self.real, self.folder = store, real, folder
        if real is not None:
            _refuse_others(store, real)
        self.facts = _list_facts(store, real)

    def __len__(self) -> int:
        return len(self.store) + self.reals

    @property
    def reals(self) -> int:
        """Number of real images."""
        return 0 if self.real is None else len(self.real.images)

    @property
    def classes(self) -> tuple[str, ...]:
        """All class names in label order, as text that any file can hold."""
        return tuple(map(spell, self.store.classes))

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the images."""
        return (*self.store.size, int(self.store.meta.config["channels"]))

    def __iter__(self) -> Iterator[Example]:
        if self.real is not None:
            held = np.isin(np.arange(self.reals), self.real.held)
            for i in range(self.reals):
                yield self._describe_real(self.real, i, held_out=bool(held[i]))
        kept = (row for row in self.store.read_rows() if row.kept)
        # no more than were there at the start: another process may add to the store
        for i, row in enumerate(islice(kept, len(self.store))):
            yield self._describe_row(i, row)

    def _describe_row(self, i: int, row: Row) -> Example:
        file = self.store.path / row.path
        folder, _, name = row.path.rpartition("/")
        with refuse_damage(self.store.path / MANIFEST_FILE, StoreError, STORE_CURE):
            facts = {name: _read_fact(row, name) for name in self.facts}
        return Example(
            folder,
            name.removesuffix(".png"),
            row.label,
            spell(row.class_name),
            synthetic=True,
            facts=facts,
            file=file,
            read_pixels=partial(self.store.image, i),
            read_png=partial(_read_bytes, self.store, i),
        )

    def _describe_real(self, real: RealImages, i: int, *, held_out: bool) -> Example:
        images = real.images
        name = images.classes[int(images.labels[i])]
        label = self.store.class_to_idx[name]
        known: dict[str, Any] = {"held_out": held_out}
        if images.captions is not None:
            known["caption"] = spell(images.captions[i])
        if images.domains is not None and images.domains[i] >= 0:
            known["domain"] = spell(images.domain_names[images.domains[i]])
        if "soft_label" in self.facts:
            known["soft_label"] = np.eye(len(self.classes))[label].tolist()
        return Example(
            self.store.meta.folders[name],
            f"{REAL}-{i:06d}",
            label,
            spell(name),
            synthetic=False,
            facts={fact: known.get(fact) for fact in self.facts},
            file=self._find_file(i),
            read_pixels=lambda: resize_pixels(images.images[i], self.store.size),
            read_png=lambda: encode_png(
                resize_pixels(images.images[i], self.store.size)
            ),
        )

    def _find_file(self, i: int) -> Path | None:
        names = () if self.real is None else self.real.images.names
        if self.folder is None or not names:
            return None
        file = self.folder / names[i]
        return file if file.is_file() else None


def spell(text: str) -> str:
    r"""Return text that UTF-8 can hold, also of a file name that is not Unicode.

    Example:
        >>> spell("café"), spell("caf\udce9")
        ('café', 'caf\\udce9')
    """
    return text.encode("utf-8", "backslashreplace").decode()


def _refuse_others(store: Store, real: RealImages) -> None:
    """Raise DataError for real images that the store has no class for."""
    images = real.images
    for name in images.classes:
        if name not in store.class_to_idx:
            raise DataError(
                f"the real images have a class {name!r}, and {store.path} has only "
                f"{', '.join(store.classes)}; export it without the real images"
            )


def _list_facts(store: Store, real: RealImages | None) -> tuple[str, ...]:
    """List what is known of some image of the store, or of some real one."""
    known: set[str] = set()
    for row in store.read_rows():
        if row.kept:
            known |= {n for n in FACTS.keys() - known if _has_fact(row, n)}
    if real is not None:
        known.add("held_out")
        known |= {"caption"} if real.images.captions is not None else set()
        known |= {"domain"} if real.images.domains is not None else set()
    return tuple(name for name in FACTS if name in known)


def _has_fact(row: Row, name: str) -> bool:
    return getattr(row, FIELDS.get(name, name), "") != ""


def _read_fact(row: Row, name: str) -> Any:
    """Return a fact of a row in its type; None where it is not known."""
    if not _has_fact(row, name):
        return None
    value, kind = getattr(row, FIELDS.get(name, name)), FACTS[name]
    if kind is list:
        return read_soft(value).tolist()
    return spell(value) if kind is str else kind(value)


def _read_bytes(store: Store, i: int) -> bytes:
    """Read the PNG file of a kept image, which must be sound."""
    store.pil_image(i)
    with open_file(store.path / str(store.paths[i])) as opened:
        return opened.read()
