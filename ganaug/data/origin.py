"""Origin: where a set of images was read from, so that it can be read again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ganaug.data.images import LabelledImages
from ganaug.data.limits.listings import digest_names, has_at_most, list_all_names
from ganaug.data.load import EMBEDDED, list_names, load_embedded, load_images
from ganaug.data.readers.intensity import write_range
from ganaug.data.readers.pages import name_files
from ganaug.data.recorded.reading import load_by_rules
from ganaug.data.recorded.rules import NO_RULES, Rules
from ganaug.data.unlabelled import UnlabelledImages, load_unlabelled
from ganaug.errors import ConfigError, DataError
from ganaug.files import read_json, write_text
from ganaug.records import list_types

ORIGIN_FILE = "data.json"
ORIGIN_FORMAT = 1
ORIGIN_CURE = "delete it"
# entries that a folder may have for each file that was listed: other parts, notes
MORE_FILES, FEW_FILES = 20, 10_000
MOST_FILES = 10_000_000


@dataclass(frozen=True)
class Origin:
    """Arguments that `load_images` was called with.

    Attributes:
        source: absolute path, or the name of a set that comes with ganaug; None for
            arrays and Datasets.
        group_regex: expression that named the groups, or None.
        domain_from: rule that found the domains, or None.
        unlabelled: name of a domain and absolute path of each set of unlabelled images.
        files: number of files that were listed there; None where that is not known.
        listing: digest of their names.
        pages: first or all pages of files that have several.
        scale: what scaled all values, see `Rules`; None where nothing did.
        labelled: whether the images have classes.
    """

    source: str | None = None
    group_regex: str | None = None
    domain_from: str | None = None
    unlabelled: tuple[tuple[str, str], ...] = ()
    files: int | None = None
    listing: str | None = None
    pages: str = "first"
    scale: str | None = None
    labelled: bool = True

    @property
    def rules(self) -> Rules:
        """How the images were read."""
        return Rules(
            self.group_regex, self.domain_from, self.pages, self.scale, self.labelled
        )

    def note(self, images: LabelledImages) -> Origin:
        """Return a copy that knows the files of the images that were read."""
        if self.source is None or not images.names:
            return self
        names = list_all_names(images)
        names = name_files(names) if self.pages == "all" else names
        return replace(self, files=len(names), listing=digest_names(names))

    def load(self, images: int | None = None) -> LabelledImages:
        """Read the images again, if the files there are those that were listed.

        A file that a stranger sent may name any folder; one that has other files is
        neither read nor scanned to its end.

        Args:
            images: number of images that there were, where the number of files is not
                known.

        Raises:
            DataError: the source is not known, does not exist any more, or has other
                files.
        """
        if self.source is None:
            raise DataError("the images came from memory; give them again")
        if self.source in EMBEDDED:  # even where a folder has that name now
            embedded = load_embedded(self.source, self.scale)
            return load_images(embedded, domain_from=self.domain_from)
        if not Path(self.source).exists():
            raise DataError(f"the data have moved: {self.source} does not exist")
        self._refuse_others(Path(self.source), images)
        return self.load_from(self.source)

    def _refuse_others(self, source: Path, images: int | None) -> None:
        """Raise DataError where the source cannot be what was read, by its names."""
        known = images if self.files is None else self.files
        allowed = MOST_FILES if known is None else MORE_FILES * known + FEW_FILES
        same = not source.is_dir() or has_at_most(source, min(MOST_FILES, allowed))
        if same and self.listing is not None and source.suffix.lower() != ".npz":
            names = list_names(source, self.rules)
            names = name_files(names) if self.pages == "all" else names
            same = digest_names(names) == self.listing
        if not same:
            raise DataError(f"{source} has other files than when it was read")

    def list_options(self) -> list[str]:
        """List the options of a command that reads the data in the same way.

        Example:
            >>> Origin("photos", "^p[0-9]+", "inside").list_options()
            ['--group-regex', '^p[0-9]+', '--domain-from', 'inside']
        """
        pools = [["--unlabelled", f"{name}={path}"] for name, path in self.unlabelled]
        return self.rules.list_options() + [word for pool in pools for word in pool]

    def load_unlabelled(self, like: LabelledImages) -> list[UnlabelledImages]:
        """Read the unlabelled images again, in the form of the labelled ones."""
        return [load_unlabelled(path, name, like) for name, path in self.unlabelled]

    def load_from(self, data: Any) -> LabelledImages:
        """Read the images, wherever they are now, by the same rules."""
        return load_by_rules(data, self.rules)


def describe_origin(
    data: Any, rules: Rules = NO_RULES, unlabelled: Iterable[tuple[str, str]] = ()
) -> Origin:
    """Describe where data came from, given whatever `load_images` takes, and its rules.

    Example:
        >>> describe_origin("digits").source
        'digits'
        >>> describe_origin(([[0]], [0])).source is None
        True
    """
    pools = tuple((name, os.path.abspath(path)) for name, path in unlabelled)
    source = None
    if isinstance(data, LabelledImages):  # what is known of how they were read
        rules = replace(rules, pages=data.pages, scale=write_range(data.scale))
    elif isinstance(data, str | os.PathLike):
        path = Path(data)
        known = str(path) in EMBEDDED and not path.exists()
        source = str(path) if known else os.path.abspath(path)
    return Origin(
        source, rules.group_regex, rules.domain_from, pools,
        pages=rules.pages, scale=rules.scale, labelled=rules.labelled,
    )  # fmt: skip


def write_origin(folder: Path, origin: Origin) -> None:
    """Write `data.json`; ASCII, since file names may not be Unicode."""
    values = {"format": ORIGIN_FORMAT, **asdict(origin)}
    usual = asdict(Origin())
    # as older versions wrote it
    for name in ("files", "listing", "pages", "scale", "labelled"):
        if values[name] == usual[name]:
            del values[name]
    write_text(folder / ORIGIN_FILE, json.dumps(values, indent=1) + "\n")


def read_origin(folder: Path) -> Origin:
    """Read what `write_origin` wrote; without a file the origin is unknown.

    Raises:
        DataError: the file is damaged, or of a newer format.
    """
    path = folder / ORIGIN_FILE
    if not path.is_file():
        return Origin()
    types = list_types(Origin)
    for name in ("source", "group_regex"):  # every version wrote these
        types[name] = types.pop(f"{name}?")
    types["format"] = int
    values = read_json(
        path, DataError, types=types, newest=ORIGIN_FORMAT, cure=ORIGIN_CURE
    )
    del values["format"]
    origin = Origin(**values)
    try:
        origin.rules.check()
    except ConfigError as error:
        raise DataError(f"{path} is damaged: {error}; {ORIGIN_CURE}") from error
    return origin
