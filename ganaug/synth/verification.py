"""verify: compare a store with its manifest, and draw some of its images again."""

from __future__ import annotations

import hashlib
import io
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ganaug import engine
from ganaug.data.images import hash_pixels
from ganaug.data.readers.decode import PNG_MARK
from ganaug.data.resize import resize_pixels
from ganaug.errors import DataError, StoreError
from ganaug.files import open_file, refuse_links
from ganaug.gan.inputs.captions import Encode
from ganaug.gan.run_folder import GENERATOR
from ganaug.synth.difference import Difference
from ganaug.synth.fill.opening import open_filler, was_filled
from ganaug.synth.filling import Drawer
from ganaug.synth.made.checking import check_made, find_csv
from ganaug.synth.store import manifest
from ganaug.synth.store.manifest import MANIFEST_FILE, Row
from ganaug.synth.store.meta import Meta, find_versions, read_meta
from ganaug.synth.store.png import (
    UNREADABLE,
    decode_quickly,
    load_png,
    make_mark,
    to_pixels,
    write_head,
)
from ganaug.synth.styled.opening import open_styler, was_styled
from ganaug.synth.synthesizer import Synthesizer
from ganaug.training.weights import file_digest

ROWS_AGAIN = 64  # rows to draw again
TOLERANCE = 2  # grey levels that another machine may differ by


def verify(
    store: Any,
    *,
    sample: int = ROWS_AGAIN,
    seed: int = 0,
    encode: Encode | None = None,
    data: Any = None,
    device: str = "auto",
) -> list[Difference]:
    """Check every file of a store against its row, and draw some images again.

    A CSV of rows or of texts is checked as `check_made` does.

    Args:
        store: a Store or its folder, or a CSV that ganaug wrote.
        sample: number of rows to draw again, including rejected candidates.
        seed: seed for the choice of rows.
        encode: caption encoder that the generator was trained with, if any.
        data: the real images that a translator carried over, where they have moved or
            came from memory; the real rows or texts of a CSV, where they have moved.
        device: device to draw on.

    Returns:
        Differences, the manifest's first; empty if there are none. The filters' scores
        and soft labels are not checked. Images drawn again must have the same pixels in
        the environment that meta.json records, and may differ by 2 grey levels
        elsewhere.

    Raises:
        StoreError: there is no store, its meta.json or manifest cannot be read, or it
            has links.
        DataError: the images were carried over from real ones, and these cannot be
            found, or are others.

    Example:
        >>> verify("digits-synthetic")  # doctest: +SKIP
        []
    """
    folder = Path(getattr(store, "path", store))
    made = find_csv(folder)
    if made is not None:
        return check_made(made, sample=sample, seed=seed, data=data).differences
    meta = read_meta(folder)
    refuse_links(folder, StoreError)
    rows = list(manifest.read_rows(folder / MANIFEST_FILE, None))
    found = [
        *_check_manifest(folder, meta, rows),
        *_check_files(folder, meta, rows),
        *_find_strangers(folder, meta, rows),
    ]
    generator = folder / GENERATOR
    if generator.is_file() and not os.access(generator, os.R_OK):
        return [*found, Difference(GENERATOR, "may not be read by this user")]
    if not generator.is_file():
        return [*found, Difference(GENERATOR, "missing: images cannot be drawn again")]
    if file_digest(generator) != meta.generator_sha256:
        return [*found, Difference(GENERATOR, "not the generator that drew the images")]
    known = [row for row in rows if meta.class_to_idx.get(row.class_name) == row.label]
    chosen = _choose(known, sample, seed)
    if not chosen:
        return found
    drawer: Drawer
    if was_filled(meta):
        drawer = open_filler(folder, meta, data, device)
    elif was_styled(meta):
        drawer = open_styler(folder, meta, data, device)
    else:
        drawer = Synthesizer.load(folder / GENERATOR, device, encode=encode)
    same = same_environment(meta, device)
    return [*found, *_draw_again(folder, meta, chosen, drawer=drawer, same=same)]


def same_environment(meta: Meta, device: str = "auto") -> bool:
    """Whether this machine gives the same bytes as the one that meta.json records.

    The versions of Python and of ganaug may differ.
    """
    here, there = dict(find_versions()), dict(meta.versions)
    for versions in (here, there):
        for name in ("python", "ganaug"):
            versions.pop(name, None)
    return here == there and engine.describe(engine.pick_device(device)) == meta.engine


def _check_manifest(folder: Path, meta: Meta, rows: list[Row]) -> Iterator[Difference]:
    """Compare the manifest's rows with meta.json and with each other."""
    if manifest.find_cut(folder / MANIFEST_FILE):
        yield Difference(MANIFEST_FILE, "its last row is cut short")
    known: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for what in _check_row(row, meta, known[row.class_name]):
            yield Difference(MANIFEST_FILE, what)
        known[row.class_name].add(row.place)
    step = max(1, len(meta.domains))  # domains take turns in a class's indices
    for (name, start), places in _group_turns(known, step).items():
        turns = range(start, start + step * len(places), step)
        missing = next((k for k in turns if k not in places), None)
        if missing is not None:
            what = f"no row of class {name!r} and index {missing}"
            yield Difference(MANIFEST_FILE, what)


def _group_turns(
    known: Mapping[str, set[int]], step: int
) -> dict[tuple[str, int], set[int]]:
    """Group the indices of each class by the turn that they are of."""
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    for name, places in known.items():
        for place in places:
            found[name, place % step].add(place)
    return found


def _check_row(row: Row, meta: Meta, places: set[int]) -> Iterator[str]:
    """Yield problems of a row; `places` are indices of earlier rows of its class."""
    name = row.class_name
    if row.seed != meta.seed:
        yield f"a row of seed {row.seed}, unlike meta.json"
    if meta.class_to_idx.get(name) != row.label:
        yield f"class {name!r} has label {row.label}, unlike meta.json"
    if meta.domains and row.domain != meta.domains[row.place % len(meta.domains)]:
        yield f"class {name!r} and index {row.place} has domain {row.domain!r}"
    if row.place in places:
        yield f"two rows of class {name!r} and index {row.place}"


def _check_files(folder: Path, meta: Meta, rows: list[Row]) -> Iterator[Difference]:
    for row in rows:
        if not row.kept:
            continue
        place = manifest.name_file(row, meta.folders)
        if place is None:
            continue  # `_check_manifest` says so
        what = f"in the row of {place}"
        if row.path == place:
            what = _check_file(os.path.join(folder, row.path), meta, row)
        if what:
            yield Difference(row.path, what)


def _check_file(path: str, meta: Meta, row: Row) -> str:
    """Say what is wrong with an image's file, or "" for nothing."""
    try:
        with open_file(path) as opened:
            data = opened.read()
    except FileNotFoundError:
        return "missing"
    except PermissionError:
        return "may not be read by this user"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    whole = hashlib.sha256(data).hexdigest() == row.file_sha256
    expected = make_mark(
        meta.generator_sha256, row.seed, row.class_name, index=row.place
    )
    if whole and data.startswith(
        write_head(meta.size, meta.config["channels"], expected)
    ):
        quick = decode_quickly(data)
        if quick is not None and hash_pixels(quick) == row.pixel_sha256:
            return ""
    try:
        pixels, text = _decode(io.BytesIO(data))
    except UNREADABLE:
        return "damaged: no longer an image"
    if hash_pixels(pixels) != row.pixel_sha256:
        return "altered: other pixels than when it was written"
    if text != expected[PNG_MARK]:
        return "altered: the text that marks it as synthetic is gone or different"
    return "" if whole else "altered: the same pixels in another file"


def _decode(opened: BinaryIO) -> tuple[NDArray[np.uint8], str | None]:
    image = load_png(opened)
    return to_pixels(image), image.info.get(PNG_MARK)


def _find_strangers(folder: Path, meta: Meta, rows: list[Row]) -> Iterator[Difference]:
    """Find folders that belong to no class, and files that have no row.

    Hidden files are ignored, because writing leaves temporary ones. Hidden folders are
    not, because ImageFolder takes them for classes.
    """
    names, known = set(meta.folders.values()), {row.path for row in rows if row.kept}
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in names:
            yield Difference(f"{entry.name}/", "a folder of no class of this store")
    for name in meta.folders.values():
        for path in _list_files(folder, name):
            if path not in known:
                yield Difference(path, "not in the manifest")


def _list_files(folder: Path, name: str) -> list[str]:
    """Return the files in a class's folder that are not hidden."""
    if not (folder / name).is_dir():
        return []
    files = sorted(os.listdir(folder / name))
    return [f"{name}/{file}" for file in files if not file.startswith(".")]


def _choose(rows: list[Row], sample: int, seed: int) -> list[Row]:
    order = np.random.default_rng(seed).permutation(len(rows))[:sample]
    return [rows[i] for i in np.sort(order)]


def _draw_again(
    folder: Path,
    meta: Meta,
    rows: list[Row],
    *,
    drawer: Drawer,
    same: bool,
) -> Iterator[Difference]:
    """Draw these images again, and compare them with the recorded pixels."""
    for seed in {row.seed for row in rows}:
        own = [row for row in rows if row.seed == seed]
        try:
            drawn = _draw_rows(drawer, own, seed)
        except DataError as error:  # a caption that was altered
            yield Difference(MANIFEST_FILE, str(error))
            continue
        for row, image in zip(own, drawn, strict=True):
            what = _compare(
                folder, meta, row, resize_pixels(image, meta.size), same=same
            )
            if what:
                yield Difference(row.path or f"{row.class_name} #{row.place}", what)


def _draw_rows(drawer: Drawer, rows: list[Row], seed: int) -> NDArray[np.uint8]:
    labels = np.array([row.label for row in rows], np.int64)
    places = np.array([row.place for row in rows], np.int64)
    captions = [row.caption for row in rows] if drawer.reads_captions else None
    return drawer.sample_rows(labels, places, seed=seed, captions=captions)


def _compare(
    folder: Path, meta: Meta, row: Row, image: NDArray[np.uint8], *, same: bool
) -> str:
    """Say how an image drawn again differs from the recorded one, or ""."""
    if hash_pixels(image) == row.pixel_sha256:
        return ""
    if same:
        return "drawn again, it has other pixels"
    place = manifest.name_file(row, meta.folders)
    if not row.kept or row.path != place:
        return ""  # there is no file to compare with, or `_check_files` says so
    try:
        with open_file(folder / place) as opened:
            stored, _ = _decode(opened)
    except UNREADABLE:
        return ""  # `_check_file` says so
    if stored.shape != image.shape:
        return "drawn again, it has another size"
    apart = int(np.abs(stored.astype(int) - image.astype(int)).max())
    return (
        f"drawn again, it differs by {apart} grey levels" if apart > TOLERANCE else ""
    )
