"""Class names as folder names that every file system accepts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence

from ganaug.data.word import order_words

UNSAFE = frozenset('%/\\<>:"|?*\x7f')
DEVICE_NAMES = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{k}" for port in ("com", "lpt") for k in range(1, 10)]
)
STORE_FILES = frozenset(
    [
        "meta.json",
        "manifest.csv",
        "generator.safetensors",
        "data.json",
        "split.json",
        "evaluation.csv",
        "screening.json",
        "recipe.json",
        "report.html",
    ]
)
LONGEST_NAME = 200  # bytes of a folder name; file systems allow 255
APART = "%="  # stands before a hash that tells apart names equal to a file system
CUT = "%+"  # stands before the hash of a name that was cut; meta.json has the full name


def name_folders(classes: Sequence[str]) -> dict[str, str]:
    """Return a folder name for each class, decided by the list of classes alone.

    Characters that a file system may refuse become a percent sign and two digits.
    Names that differ only in case or in Unicode form are kept apart by a hash.

    Example:
        >>> name_folders(["cat", "T-shirt/top", ".hidden", "50%"])["T-shirt/top"]
        'T-shirt%2Ftop'
        >>> sorted(name_folders(["a", "A"]).values())
        ['A%=559aead0', 'a%=ca978112']
    """
    folders = {name: _shorten(_escape(name), name) for name in classes}
    shared = Counter(fold_name(folder) for folder in folders.values())
    for name, folder in folders.items():
        if shared[fold_name(folder)] > 1:
            folders[name] = f"{folder}{APART}{_hash(name)}"
    return folders


def fold_name(folder: str) -> str:
    """Return the same text for names that some file system takes for equal."""
    return unicodedata.normalize(
        "NFC", unicodedata.normalize("NFKC", folder).casefold()
    )


def explain_order(classes: Sequence[str]) -> str:
    """Say that ImageFolder numbers the folders in another order, or nothing.

    It sorts them as text, so that whole numbers do not follow their values.

    Example:
        >>> explain_order(["0", "1", "2"])
        ''
        >>> explain_order(["0", "2", "10"])[:66]
        'torchvision.ImageFolder sorts class folders as text: its label 1 i'
    """
    folders = name_folders(classes)
    as_text = sorted(classes, key=lambda name: folders[name])
    numbers = all(name.isascii() and name.isdecimal() for name in classes)
    expected = sorted(classes, key=order_words) if numbers else classes
    other = [k for k, name in enumerate(expected) if as_text[k] != name]
    if not other:
        return ""
    return (
        "torchvision.ImageFolder sorts class folders as text: its label "
        f"{other[0]} is the class {as_text[other[0]]}, not {expected[other[0]]}; "
        "SyntheticDataset and manifest.csv go by name"
    )


def _escape(name: str) -> str:
    escaped = "".join(_quote(c) if c in UNSAFE or c < " " else c for c in name)
    # file names that are not Unicode contain lone surrogates
    escaped = "".join(_quote(c) if "\ud800" <= c <= "\udfff" else c for c in escaped)
    if escaped[-1] in ". ":
        escaped = escaped[:-1] + _quote(escaped[-1])
    stem = escaped.partition(".")[0].rstrip().lower()
    if escaped[0] == "." or stem in DEVICE_NAMES or escaped.lower() in STORE_FILES:
        escaped = _quote(escaped[0]) + escaped[1:]
    return escaped


def _quote(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="surrogateescape"))


def _shorten(escaped: str, name: str) -> str:
    encoded = escaped.encode()
    if len(encoded) <= LONGEST_NAME:
        return escaped
    return f"{encoded[:LONGEST_NAME].decode(errors='ignore')}{CUT}{_hash(name)}"


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
