"""The page: sections in one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Generic, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ganaug.report.numbers import write_number, write_share

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Section(Generic[Subject]):
    """A part of the page: template, title, and a function for its contents.

    `name` is the template's path without its ending; its last part is the id.

    The section is omitted if `describe` returns None; a `title` among the contents
    replaces the usual one. A folded section shows its title only, until it is opened.
    """

    name: str
    title: str
    describe: Callable[[Subject], Mapping[str, Any] | None]
    folded: bool = False

    @property
    def id(self) -> str:
        return self.name.rpartition("/")[2]


def fill_page(
    template: str,
    sections: Sequence[Section[Subject]],
    subject: Subject,
    **head: Any,
) -> str:
    """Return a page's HTML.

    Args:
        template: template of the whole page.
        sections: parts of the page in their order.
        subject: run, store or gain that the sections describe.
        head: values outside the sections, such as `title`.
    """
    environment = _make_environment()
    parts = []
    for section in sections:
        found = section.describe(subject)
        if found is not None:
            body = environment.get_template(f"{section.name}.html").render(found)
            parts.append(
                {
                    "name": section.id,
                    "title": found.get("title", section.title),
                    "body": Markup(body),
                    "folded": section.folded,
                }
            )
    return environment.get_template(template).render(
        parts=parts,
        style=_read_asset("style.css"),
        script=_read_asset("script.js"),
        **head,
    )


def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ganaug.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = write_number
    environment.filters["share"] = write_share
    environment.filters["count"] = lambda value: f"{value:,}"
    return environment


def _read_asset(name: str) -> Markup:
    folder = resources.files("ganaug.report") / "templates"
    return Markup((folder / name).read_text(encoding="utf-8"))
