"""verify: is a store still what its manifest says, and does it draw the same again?"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug import engine
from ganaug.data.images import hash_pixels
from ganaug.data.readers.decode import MARK
from ganaug.data.resize import resize_pixels
from ganaug.errors import DataError
from ganaug.gan.inputs.captions import Encode
from ganaug.gan.run_folder import GENERATOR
from ganaug.synth.store import manifest
from ganaug.synth.store.manifest import Row
from ganaug.synth.store.meta import Meta, find_versions, read_meta
from ganaug.synth.store.png import UNREADABLE, make_mark
from ganaug.synth.synthesizer import Synthesizer
from ganaug.training.weights import file_digest

SAMPLE = 64  # rows drawn again
TOLERANCE = 2  # grey levels, on another machine


@dataclass(frozen=True)
class Difference:
    """One thing that is not as recorded: where, and what."""

    path: str
    what: str


def verify(
    store: Any,
    *,
    sample: int = SAMPLE,
    seed: int = 0,
    encode: Encode | None = None,
    device: str = "auto",
) -> list[Difference]:
    """Check every file of a store against its row, and draw some images again.

    Args:
        store: a Store or its folder.
        sample: rows to draw again, rejected candidates among them.
        seed: decides which.
        encode: the encoder of captions that the generator was trained with, if any.
        device: where to draw.

    Returns:
        Differences, the manifest's own first; none when all is as recorded, as far as
        files tell: the filters' scores and soft labels are not judged again. Images
        drawn again must have the same pixels in the environment that meta.json
        records, and may differ by 2 grey levels elsewhere.

    Raises:
        StoreError: there is no store, or its meta.json or manifest cannot be read.

    Example:
        >>> verify("digits-synthetic")  # doctest: +SKIP
        []
    """
    folder = Path(getattr(store, "path", store))
    meta = read_meta(folder)
    rows = list(manifest.read_rows(folder / manifest.MANIFEST_FILE))
    found = [
        *_check_manifest(folder, meta, rows),
        *_check_files(folder, meta, rows),
        *_find_strangers(folder, meta, rows),
    ]
    generator = folder / GENERATOR
    if not generator.is_file():
        return [*found, Difference(GENERATOR, "missing: images cannot be drawn again")]
    if file_digest(generator) != meta.generator_sha256:
        return [*found, Difference(GENERATOR, "not the generator that drew the images")]
    known = [row for row in rows if meta.class_to_idx.get(row.class_name) == row.label]
    chosen = _choose(known, sample, seed)
    return [*found, *_draw_again(folder, meta, chosen, device, encode)]


def same_environment(meta: Meta, device: str = "auto") -> bool:
    """Whether this machine promises the bytes that meta.json records.

    Python's version does not decide any byte.
    """
    here, there = dict(find_versions()), dict(meta.versions)
    for versions in (here, there):
        for name in ("python", "ganaug"):
            versions.pop(name, None)
    return here == there and engine.describe(engine.pick_device(device)) == meta.engine


def _check_manifest(folder: Path, meta: Meta, rows: list[Row]) -> Iterator[Difference]:
    if manifest.find_cut(folder / manifest.MANIFEST_FILE):
        yield Difference(manifest.MANIFEST_FILE, "its last row is cut short")
    known: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.seed != meta.seed:
            what = f"a row of seed {row.seed}, unlike meta.json"
            yield Difference(manifest.MANIFEST_FILE, what)
        if meta.class_to_idx.get(row.class_name) != row.label:
            what = f"class {row.class_name!r} has label {row.label}, unlike meta.json"
            yield Difference(manifest.MANIFEST_FILE, what)
        if row.place in known[row.class_name]:
            what = f"two rows of class {row.class_name!r} and index {row.place}"
            yield Difference(manifest.MANIFEST_FILE, what)
        known[row.class_name].add(row.place)
    for name, places in known.items():
        missing = next((k for k in range(len(places)) if k not in places), None)
        if missing is not None:
            what = f"no row of class {name!r} and index {missing}"
            yield Difference(manifest.MANIFEST_FILE, what)


def _check_files(folder: Path, meta: Meta, rows: list[Row]) -> Iterator[Difference]:
    for row in rows:
        if not row.kept:
            continue
        if row.class_name not in meta.folders:
            continue  # said already
        place = f"{meta.folders[row.class_name]}/{row.place:06d}.png"
        what = f"in the row of {place}"
        if row.path == place:
            what = _check_file(os.path.join(folder, row.path), meta, row)
        if what:
            yield Difference(row.path, what)


def _check_file(path: str, meta: Meta, row: Row) -> str:
    """What is wrong with an image's file, or ""."""
    try:
        with open(path, "rb") as opened:
            data = opened.read()
    except OSError:
        return "missing"
    whole = hashlib.sha256(data).hexdigest() == row.file_sha256
    try:
        pixels, text = _decode(path)
    except UNREADABLE:
        return "damaged: no longer an image"
    if hash_pixels(pixels) != row.pixel_sha256:
        return "altered: other pixels than when it was written"
    expected = make_mark(meta.generator_sha256, row.seed, row.class_name, row.place)
    if text != expected[MARK]:
        return "altered: the text that marks it as synthetic is gone or another"
    return "" if whole else "altered: the same pixels in another file"


def _decode(path: str) -> tuple[NDArray[np.uint8], str | None]:
    with Image.open(path) as picture:
        pixels = np.asarray(picture)
        text = picture.info.get(MARK)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels, text


def _find_strangers(folder: Path, meta: Meta, rows: list[Row]) -> Iterator[Difference]:
    """Files in class folders that no row speaks of, and folders of no class.

    Hidden files are ours, while they are written; a hidden folder is none, and
    ImageFolder takes it for a class.
    """
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in meta.folders.values():
            yield Difference(f"{entry.name}/", "a folder of no class of this store")
    known = {row.path for row in rows if row.kept}
    for name in meta.folders.values():
        if not (folder / name).is_dir():
            continue
        for file in sorted(os.listdir(folder / name)):
            path = f"{name}/{file}"
            if path not in known and not file.startswith("."):
                yield Difference(path, "not in the manifest")


def _choose(rows: list[Row], sample: int, seed: int) -> list[Row]:
    order = np.random.default_rng(seed).permutation(len(rows))[:sample]
    return [rows[i] for i in np.sort(order)]


def _draw_again(
    folder: Path, meta: Meta, rows: list[Row], device: str, encode: Encode | None
) -> Iterator[Difference]:
    if not rows:
        return
    synthesizer = Synthesizer.load(folder / GENERATOR, device, encode=encode)
    same = same_environment(meta, device)
    labels = np.array([row.label for row in rows], np.int64)
    places = np.array([row.place for row in rows], np.int64)
    for seed in {row.seed for row in rows}:
        own = np.flatnonzero([row.seed == seed for row in rows])
        captions = [rows[i].caption for i in own] if synthesizer.reads else None
        try:
            drawn = synthesizer.sample_rows(
                labels[own], places[own], seed=seed, captions=captions
            )
        except DataError as error:  # a caption that was altered
            yield Difference(manifest.MANIFEST_FILE, str(error))
            continue
        for i, image in zip(own, drawn, strict=True):
            row, image = rows[i], resize_pixels(image, meta.size)
            what = _compare(folder, row, image, same)
            if what:
                yield Difference(row.path or f"{row.class_name} #{row.place}", what)


def _compare(folder: Path, row: Row, image: NDArray[np.uint8], same: bool) -> str:
    """How an image drawn again differs from the one recorded, or ""."""
    if hash_pixels(image) == row.pixel_sha256:
        return ""
    if same:
        return "drawn again, it has other pixels"
    if not row.kept:
        return ""  # there is no file to compare with
    try:
        stored, _ = _decode(os.path.join(folder, row.path))
    except UNREADABLE:
        return ""  # said already
    if stored.shape != image.shape:
        return "drawn again, it has another size"
    apart = int(np.abs(stored.astype(int) - image.astype(int)).max())
    return (
        f"drawn again, it differs by {apart} grey levels" if apart > TOLERANCE else ""
    )
