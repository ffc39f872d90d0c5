"""Regular expressions of others: searched within a time, however they are written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

from ganaug.errors import DataError

LONGEST_EXPRESSION = 1_000  # characters
LONGEST_NAME = 4_096  # characters, as of a path
SECONDS = 5  # of a processor's time
PATIENCE = 60.0  # seconds on the clock
REPEATS = re.compile(r"[*+{]")
# runs in a process of its own, which alone can be stopped in the middle of a search
SEARCH = """
import json, re, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
except ImportError:
    pass
pattern, names = json.load(sys.stdin)
pattern = re.compile(pattern)
found = [pattern.search(name) for name in names]
json.dump([m and m.group(min(1, pattern.groups)) for m in found], sys.stdout)
"""


def search_names(expression: str, names: Sequence[str]) -> list[str | None]:
    """Search an expression in each name.

    Expressions with nested repeats, such as `(a+)+$`, can take longer than anyone
    lives; a file that was sent by somebody may contain one.

    Returns:
        For each name the first capturing group, or else the whole match; None where
        there is no match.

    Raises:
        DataError: it is no regular expression, is too long, or takes too long.

    Example:
        >>> search_names("^(p[0-9]+)_", ["p12_a.png", "x.png"])
        ['p12', None]
    """
    pattern = compile_expression(expression)
    longest = max(map(len, names), default=0)
    if longest > LONGEST_NAME:
        raise DataError(
            f"{expression!r} is not searched in a name of {longest:,} characters, at "
            f"most in {LONGEST_NAME:,}; shorten it"
        )
    if len(REPEATS.findall(expression)) > 1:
        return _search_apart(expression, names)
    found = [pattern.search(name) for name in names]
    return [match and match.group(min(1, pattern.groups)) for match in found]


def compile_expression(expression: str) -> re.Pattern[str]:
    """Compile an expression; DataError where it is none, or is too long."""
    if len(expression) > LONGEST_EXPRESSION:
        raise DataError(
            f"{expression[:40]!r}… has {len(expression):,} characters; at most "
            f"{LONGEST_EXPRESSION:,} are allowed"
        )
    try:
        return re.compile(expression)
    except (re.error, RecursionError, OverflowError) as error:
        raise DataError(
            f"{expression!r} is not a regular expression: {error}"
        ) from error


def _search_apart(expression: str, names: Sequence[str]) -> list[str | None]:
    command = [sys.executable, "-I", "-S", "-c", SEARCH, str(SECONDS)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps([expression, list(names)]),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
    except (subprocess.SubprocessError, MemoryError) as error:
        raise DataError(
            f"{expression!r} takes too long on these names; write it "
            "without repeats inside repeats"
        ) from error
    found: list[str | None] = json.loads(done.stdout)
    return found
