"""The manifest of a store: one CSV row per candidate; rows are only added."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import StoreError
from ganaug.files import append_whole, open_file, refuse_damage
from ganaug.records import LARGEST
from ganaug.spreadsheets import shield, unshield

MANIFEST_FILE = "manifest.csv"
HIGHEST_PLACE = 10_000_000  # indices in a class must be smaller
STORE_CURE = "restore it from a backup, or write a new store"


class Row(NamedTuple):
    """One candidate image; fields that were not measured are empty.

    Attributes:
        path: path of the file relative to the store, with `/`; empty when rejected.
        class_name: class that the image was drawn for.
        label: number of the class in `class_to_idx`.
        seed, place: seed, and the image's index in its class; with the class they
            decide the latent.
        pixel_sha256, file_sha256: digests of the pixels and of the file.
        soft_label: the teacher's probabilities for the classes, see `write_soft`.
        caption: text that the image was drawn from.
        source_id: hash of the source image that it was drawn from, see the run's
            split.json; empty without one.
        label_score, realism_score: scores of the two filters.
        nearest_real_distance: score of the copy filter.
        kept: 1, or 0 for a rejected candidate.
        reason: the filter that rejected it.
        domain, source_domain: domains of the image and of its source image; in stores
            of a translator only.
        style_id, alpha: name of the style image, and how much of its look the image
            got, from 0 to 1; in stores of style transfer only.
    """

    path: str
    class_name: str
    label: int
    seed: int
    place: int
    pixel_sha256: str
    file_sha256: str
    soft_label: str = ""
    caption: str = ""
    source_id: str = ""
    label_score: str = ""
    realism_score: str = ""
    nearest_real_distance: str = ""
    kept: int = 1
    reason: str = ""
    domain: str = ""
    source_domain: str = ""
    style_id: str = ""
    alpha: str = ""


class Source(NamedTuple):
    """What a candidate was drawn from, as its row has it."""

    source_id: str = ""
    domain: str = ""
    source_domain: str = ""
    style_id: str = ""
    alpha: str = ""


# a manifest has the columns of every store, and at most one of these groups
EXTRAS: dict[str, tuple[str, ...]] = {
    "": (),
    "domains": ("domain", "source_domain"),
    "styles": ("style_id", "alpha"),
}
PLAIN = len(Row._fields) - sum(map(len, EXTRAS.values()))  # fields of every store
COLUMNS = ("path", "class", "label", "seed", "index", *Row._fields[5:PLAIN])
FORMS = {(*COLUMNS, *more): more for more in EXTRAS.values()}
# fields whose text comes from the user: names, captions
TEXTS = frozenset(
    Row._fields.index(name)
    for name in (
        *("path", "class_name", "caption", "source_id", "reason"),
        *("domain", "source_domain", "style_id"),
    )
)
NUMBERS = ("label", "seed", "index", "kept")  # the columns of whole numbers
# columns of numbers that may be missing
SCORES = frozenset({"label_score", "realism_score", "nearest_real_distance", "alpha"})


def write_soft(probabilities: NDArray[np.float32]) -> str:
    """Write a distribution over the classes, in label order.

    Example:
        >>> write_soft(np.array([0.25, 0.75], np.float32))
        '0.25 0.75'
    """
    return " ".join(f"{p:.4g}" for p in probabilities)


def read_soft(text: str) -> NDArray[np.float32]:
    """Read a distribution that `write_soft` wrote, scaled to the sum 1.

    Raises:
        ValueError: the text is no distribution.

    Example:
        >>> read_soft("0.5 1.5").tolist()
        [0.25, 0.75]
    """
    values = np.array(text.split(), np.float32)
    if not len(values) or not np.isfinite(values).all() or values.sum() <= 0:
        raise ValueError(f"{text!r} is no distribution")
    return np.asarray(values / values.sum())


def start_manifest(path: Path, extra: str = "") -> None:
    """Write the header line, with a group of `EXTRAS`."""
    _append(path, [(*COLUMNS, *EXTRAS[extra])])


def pick_fields(row: Row, columns: tuple[str, ...]) -> list[Any]:
    """Return a row's fields in the order of a manifest's columns."""
    return _pick(list(row), FORMS[columns])


def append_rows(path: Path, rows: Iterable[Row]) -> None:
    """Add rows at the end and hand them to the operating system."""
    more = FORMS[read_columns(path)]
    _append(path, (_pick(_shield(row), more) for row in rows))


def _pick(values: list[Any], more: tuple[str, ...]) -> list[Any]:
    return [*values[:PLAIN], *(values[Row._fields.index(name)] for name in more)]


def read_columns(path: Path) -> tuple[str, ...]:
    """Read the header line.

    Raises:
        StoreError: the file is missing or is not a manifest.
    """
    with refuse_damage(path, StoreError, STORE_CURE), open_file(path) as opened:
        columns = tuple(
            opened.readline(1000).decode(errors="replace").rstrip().split(",")
        )
    if columns not in FORMS:
        raise StoreError(f"{path} is not a manifest: its columns differ; {STORE_CURE}")
    return columns


def _shield(row: Row) -> list[object]:
    values: list[object] = list(row)
    for k in TEXTS:
        values[k] = shield(str(values[k]))
    return values


def _unshield(fields: list[str], names: Sequence[str]) -> list[str]:
    """Return the fields of a line as they were before `_shield`."""
    kinds = [*range(PLAIN), *(Row._fields.index(name) for name in names)]
    return [
        unshield(text) if k in TEXTS else text
        for k, text in zip(kinds, fields, strict=False)
    ] + fields[len(kinds) :]


def _has_quote(path: Path) -> bool:
    """Whether any text may be shielded; in most stores none is."""
    with open(path, "rb") as opened:
        return any(b"'" in block for block in iter(lambda: opened.read(1 << 20), b""))


def _append(path: Path, rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    # csv does not quote a carriage return, but refuses to read an unquoted one
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        fields = list(map(str, row))
        (quoted if "\r" in "".join(fields) else plain).writerow(fields)
    append_whole(path, text.getvalue().encode(errors="surrogateescape"))


def read_rows(path: Path, folders: Mapping[str, str] | None) -> Iterator[Row]:
    """Yield the rows one by one; an unfinished last row is omitted.

    Args:
        path: of the manifest.
        folders: class name → folder, as meta.json has them. A row must have the path
            that follows from them; None takes rows as they are, for a comparison.

    Raises:
        StoreError: the file is missing or is not a manifest, or a row has another path.
    """
    columns = read_columns(path)
    more = FORMS[columns]
    size = _whole_bytes(path)
    with open(path, "rb") as opened:
        if size < path.stat().st_size:
            lines = csv.reader(_read_lines(opened, size))
        else:  # most are whole, and decoded faster at once
            whole = io.TextIOWrapper(opened, "utf-8", "surrogateescape", newline="")
            lines = csv.reader(whole)
        shielded = _has_quote(path)
        next(lines, ())
        try:
            for fields in lines:
                if shielded:
                    fields = _unshield(fields, more)
                row = _parse(path, lines.line_num, fields, more)
                if folders is not None and row.path != name_file(row, folders):
                    raise _refuse_path(path, row, folders)
                yield row
        except csv.Error as error:
            raise StoreError(
                f"{path} is damaged in line {lines.line_num + 1}: {error}; {STORE_CURE}"
            ) from error


def name_file(row: Row, folders: Mapping[str, str]) -> str | None:
    """Return the path that a row must have; None for a class without a folder."""
    folder = folders.get(row.class_name)
    if folder is None:
        return None
    return f"{folder}/{row.place:06d}.png" if row.kept else ""


def _refuse_path(path: Path, row: Row, folders: Mapping[str, str]) -> StoreError:
    what = f"a path {row.path!r} for index {row.place} of class {row.class_name!r}"
    if row.class_name not in folders:
        what = f"a row of class {row.class_name!r}, meta.json has not"
    return StoreError(f"{path} is damaged: it has {what}; {STORE_CURE}")


def repair_manifest(path: Path) -> int:
    """Drop a last row that a killed process or a full disk left unfinished.

    Returns:
        Number of bytes that were dropped.
    """
    cut = find_cut(path)
    if cut:
        with open(path, "rb+") as opened:
            opened.truncate(path.stat().st_size - cut)
    return cut


def find_cut(path: Path) -> int:
    """Return the number of bytes of an unfinished last row."""
    return path.stat().st_size - _whole_bytes(path)


def _whole_bytes(path: Path) -> int:
    """Find where the last complete row ends; a quoted name may contain newlines."""
    whole = position = quotes = 0
    with open(path, "rb") as opened:
        if _ends_whole(opened):
            return opened.tell()
        opened.seek(0)
        for line in opened:
            position += len(line)
            quotes += line.count(b'"')
            if quotes % 2 == 0 and line.endswith(b"\n"):
                whole = position
    return whole


def _ends_whole(opened: BinaryIO) -> bool:
    """Read to the end, and tell whether the last row is complete."""
    quotes, last = 0, b""
    while block := opened.read(1 << 20):
        quotes, last = quotes + block.count(b'"'), block[-1:]
    return quotes % 2 == 0 and last in (b"", b"\n")


def _read_lines(opened: BinaryIO, size: int) -> Iterator[str]:
    position = 0
    for line in opened:
        position += len(line)
        if position > size:
            return
        yield line.decode(errors="surrogateescape")


def _parse(path: Path, line: int, fields: list[str], more: tuple[str, ...]) -> Row:
    try:
        if len(fields) != PLAIN + len(more):
            raise ValueError(f"{len(fields)} columns, not {PLAIN + len(more)}")
        name, class_name, label, seed, place = fields[:5]
        numbers = int(label), int(seed), int(place)
        kept, reason, *extra = fields[13:]
        if kept not in ("0", "1"):
            raise ValueError(f"kept is {kept!r}, neither 0 nor 1")
        if not (0 <= numbers[2] < HIGHEST_PLACE and abs(numbers[1]) < LARGEST):
            raise ValueError(f"seed {seed} or index {place} is not possible")
        for score in fields[10:13]:
            if score:
                float(score)
        known = dict(zip(more, extra, strict=True))
        last = (known.get(field, "") for field in Row._fields[PLAIN:])
        texts = *fields[5:13], int(kept), reason, *last
        return Row._make((name, class_name, *numbers, *texts))
    except ValueError as error:
        raise StoreError(
            f"{path} is damaged in line {line}: {error}; {STORE_CURE}"
        ) from error
