"""Made files: a CSV that ganaug wrote, and a .json beside it that says how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sklearn

from ganaug import engine
from ganaug.errors import ConfigError, StoreError
from ganaug.files import beside, read_json, refuse_place, write_json
from ganaug.training.weights import file_digest

FORMAT = 1
TYPES = {
    "format": int, "kind": str, "environment?": dict[str, Any], "csv_sha256?": str,
    "sha256?": str,
}  # fmt: skip
CURE = "delete it together with its CSV"


@dataclass(frozen=True)
class MadeKind:
    """A kind of made files.

    Attributes:
        name: of the kind, as the .json has it.
        source: what they are made of, in a word.
        types: type of each entry of the .json, beside format and kind.
    """

    name: str
    source: str
    types: Mapping[str, Any]


@dataclass(frozen=True)
class MadeFile:
    """A CSV that ganaug wrote, and what is known of it.

    Attributes:
        path: the CSV.
        values: what its .json says: source, label_column, classes, counts, seed, ….
        fresh: whether this call made it; otherwise it was there already.
    """

    path: Path
    values: dict[str, Any]
    fresh: bool = False


def find_made(out: Path, kind: MadeKind, asked: Mapping[str, Any]) -> MadeFile | None:
    """Return the file if it is there already, made as asked; None where nothing is.

    Raises:
        StoreError: it is something else, or was made of another source or request.
        ConfigError: its name does not end in .csv.
    """
    refuse_place(out, StoreError)
    if out.suffix.lower() != ".csv":
        raise ConfigError(f"--out {out} must end in .csv, for it is a table")
    if not out.exists():
        return None
    if not is_made(out):
        raise StoreError(f"{out} is there already; choose another --out")
    found = read_made(out, kind)
    other = [name for name, value in asked.items() if found.values[name] != value]
    if other:
        what = kind.source if "digest" in other else other[0]
        raise StoreError(
            f"{out} was made with another {what}; choose another --out, or delete it"
        )
    return found


def note_made(
    out: Path, kind: MadeKind, values: Mapping[str, Any], *, device: str = "cpu"
) -> MadeFile:
    """Write beside a CSV how it was made, with digests of the CSV and of itself."""
    known = {
        "format": FORMAT, "kind": kind.name, **values,
        "environment": find_environment(device), "csv_sha256": file_digest(out),
    }  # fmt: skip
    known["sha256"] = digest_entries(known)
    write_json(beside(out, ".json"), known)
    return MadeFile(out, known, fresh=True)


def find_environment(device: str = "cpu") -> dict[str, Any]:
    """Return what equal draws depend on: versions, processor and device."""
    found = engine.describe(engine.pick_device(device))
    del found["threads"]  # rows and texts are drawn by one
    return {**found, "scikit-learn": sklearn.__version__}


def digest_entries(values: Mapping[str, Any]) -> str:
    """Return the digest of what a .json says, without its own digest.

    Example:
        >>> digest_entries({"seed": 1, "sha256": "…"}) == digest_entries({"seed": 1})
        True
    """
    rest = {name: value for name, value in values.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def read_made(path: Path, kind: MadeKind) -> MadeFile:
    """Read what is known of a made file.

    Raises:
        StoreError: it is none of this kind, or its .json is damaged.
    """
    file = beside(path, ".json")
    if read_kind(path) not in (None, kind.name):
        raise StoreError(f"{file} does not tell of {kind.name}; {CURE}")
    types = {**TYPES, **kind.types}
    values = read_json(file, StoreError, types=types, newest=FORMAT, cure=CURE)
    return MadeFile(path, values)


def read_kind(path: Path) -> str | None:
    """Return the name of a made file's kind, None where it is not there.

    Raises:
        StoreError: its .json is missing or damaged.
    """
    found = read_json(beside(path, ".json"), StoreError, newest=FORMAT, cure=CURE)
    kind = found.get("kind")
    return kind if isinstance(kind, str) else None


def is_made(path: Path) -> bool:
    """Whether a path is a CSV with a .json beside it."""
    return path.suffix.lower() == ".csv" and beside(path, ".json").is_file()
