"""Config fields with several names, separated by commas."""

from __future__ import annotations

from collections.abc import Collection

from ganaug.errors import ConfigError
from ganaug.spelling import suggest


def parse_names(
    field: str, text: str | None, allowed: Collection[str]
) -> tuple[str, ...]:
    """Read the names in a field's text, each once; unknown ones raise ConfigError.

    Args:
        field: name of the field, for the error message.
        text: comma-separated names; None or an empty text for no names.
        allowed: names that the field may have.

    Example:
        >>> parse_names("penalties", "r1, r2", {"r1", "r2", "gp"})
        ('r1', 'r2')
    """
    names = [word.strip() for word in (text or "").split(",") if word.strip()]
    for name in names:
        if name not in allowed:
            raise ConfigError(
                f"{field}={text} is not allowed: there is no {name!r}"
                f"{suggest(name, allowed)}; choose from {', '.join(allowed)}, or none"
            )
    return tuple(dict.fromkeys(names))
