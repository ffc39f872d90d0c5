"""Rules by which domains are read from files, written as `kind` or `kind:detail`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ganaug.errors import ConfigError

DETAILS = {
    # kind → form of its detail; None where it has none
    "regex": r"(?s).+",
    "outside": None,
    "inside": None,
    "exif": r"[A-Za-z]+",
    "parent": r"[1-9]?",
    "size": None,
    "clusters": r"([2-9]|[1-9][0-9])?",
}
ALLOWED = (
    "exif:Model (or another tag), exif:day, parent, parent:2, size, clusters, "
    "clusters:N, outside, inside or regex:EXPRESSION"
)


@dataclass(frozen=True)
class DomainRule:
    """How the domain of an image is found.

    Attributes:
        kind: a key of DETAILS.
        detail: what stands behind the colon, or nothing.
    """

    kind: str
    detail: str = ""


def parse_rule(text: str) -> DomainRule:
    """Read a rule, such as `exif:Model`.

    Raises:
        ConfigError: there is no such rule.

    Example:
        >>> parse_rule("clusters:3")
        DomainRule(kind='clusters', detail='3')
    """
    kind, colon, detail = text.partition(":")
    form = DETAILS.get(kind)
    fits = bool(re.fullmatch(form, detail)) if form is not None else not colon
    if kind not in DETAILS or not fits or (colon and not detail):
        raise ConfigError(f"--domain-from {text} is not allowed; give {ALLOWED}")
    return DomainRule(kind, detail)


def join_rule(
    *,
    domain_regex: str | None = None,
    domains_outside: bool = False,
    domains_inside: bool = False,
    domain_from: str | None = None,
) -> str | None:
    """Write whichever option was given as one rule; None for none of them.

    Raises:
        ConfigError: several are given, or the rule is not allowed.

    Example:
        >>> join_rule(domain_regex="^(day|night)"), join_rule(domains_inside=True)
        ('regex:^(day|night)', 'inside')
    """
    regex = None if domain_regex is None else f"regex:{domain_regex}"
    outside = "outside" if domains_outside else None
    inside = "inside" if domains_inside else None
    given = [rule for rule in (regex, outside, inside, domain_from) if rule is not None]
    if len(given) > 1:
        raise ConfigError(
            "--domain-regex, --domains-outside, --domains-inside and --domain-from "
            "exclude each other; give one of them"
        )
    if given:
        parse_rule(given[0])
    return given[0] if given else None
