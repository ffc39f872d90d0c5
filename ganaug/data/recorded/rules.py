"""Rules by which the images of a source are read, as they are typed and recorded."""

from __future__ import annotations

from dataclasses import dataclass

from ganaug.data.readers.intensity import choose_scaling, write_range
from ganaug.data.readers.pages import check_pages


@dataclass(frozen=True)
class Rules:
    """How images are read.

    Attributes:
        group_regex: expression that finds the groups, or None.
        domain_from: rule that finds the domains, or None.
        pages: first or all pages of files that have several.
        scale: auto or LOWEST:HIGHEST, which scale all values; None scales only those of
            more than 8 bits.
        labelled: whether the images have classes.
    """

    group_regex: str | None = None
    domain_from: str | None = None
    pages: str = "first"
    scale: str | None = None
    labelled: bool = True

    def check(self) -> None:
        """Raise ConfigError where pages or scale is not allowed."""
        check_pages(self.pages)
        choose_scaling(scale=self.scale)

    def list_options(self) -> list[str]:
        """List the options of a command that reads images by these rules.

        Example:
            >>> Rules("^p[0-9]+", "inside", scale="auto").list_options()
            ['--group-regex', '^p[0-9]+', '--domain-from', 'inside', '--scale', 'auto']
        """
        options = {
            "--group-regex": self.group_regex,
            "--domain-from": self.domain_from,
            "--pages": None if self.pages == "first" else self.pages,
            "--scale": write_range(self.scale),
        }
        given = [[name, value] for name, value in options.items() if value is not None]
        return [word for pair in given for word in pair]


NO_RULES = Rules()
