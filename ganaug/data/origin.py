"""Origin: where a set of images was read from, so that it can be read again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_digits, load_images
from ganaug.errors import DataError
from ganaug.files import write_text

NAME = "data.json"
FORMAT = 1


@dataclass(frozen=True)
class Origin:
    """What `load_images` was called with.

    Attributes:
        source: absolute path, or `digits`; None for arrays and Datasets.
        group_regex: that named the groups, or None.
    """

    source: str | None = None
    group_regex: str | None = None

    def load(self) -> LabelledImages:
        """The images, read again.

        Raises:
            DataError: the source is not known, or gone.
        """
        if self.source is None:
            raise DataError("the images came from memory; give them again")
        if self.source == "digits":  # even where a folder has that name now
            return load_digits()
        if not Path(self.source).exists():
            raise DataError(f"the data have moved: {self.source} does not exist")
        return load_images(self.source, group_regex=self.group_regex)


def describe_origin(data: Any, group_regex: str | None = None) -> Origin:
    """The origin of whatever `load_images` takes.

    Example:
        >>> describe_origin("digits")
        Origin(source='digits', group_regex=None)
        >>> describe_origin(([[0]], [0])).source is None
        True
    """
    if not isinstance(data, str | os.PathLike):
        return Origin(None, group_regex)
    path = Path(data)
    if str(path) == "digits" and not path.exists():
        return Origin("digits", group_regex)
    return Origin(os.path.abspath(path), group_regex)


def write_origin(folder: Path, origin: Origin) -> None:
    """Write `data.json`; ASCII, since file names may not be Unicode."""
    values = {"format": FORMAT, **asdict(origin)}
    write_text(folder / NAME, json.dumps(values, indent=1) + "\n")


def read_origin(folder: Path) -> Origin:
    """What `write_origin` wrote; an unknown origin where there is no file.

    Raises:
        DataError: the file is damaged, or of a newer format.
    """
    path = folder / NAME
    if not path.is_file():
        return Origin()
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] > FORMAT:
            raise DataError(f"{path} has a newer format; update ganaug to read it")
        return Origin(values["source"], values["group_regex"])
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} is damaged: {error}; delete it") from error
