"""Pages of the site that lie elsewhere in the repository, or are made from the code.

MkDocs calls `on_config`, `on_files` and `on_page_markdown` (see `hooks` in mkdocs.yml).
The README becomes the first page, the measured tables and the source files that pages
link to get pages too, and links between files of the repository become links between
pages.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
# file of the repository → page of the site; docs/ is the site's own folder
PAGES = {
    "README.md": "index.md",
    "README.zh-CN.md": "index.zh-CN.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks/index.md",
}
MEASURED = "Measured"  # section of the navigation
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^```[\s\S]*?^```$|^    .*$", re.MULTILINE)  # code


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List all measured tables in the navigation."""
    for section in config.nav or []:
        if MEASURED in section:
            section[MEASURED] = [PAGES.get(name, name) for name in _list_tables()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages whose sources lie outside docs/."""
    own = {file.src_uri for file in files}
    for source, content in [*_list_texts(), *_list_references()]:
        page = PAGES.get(source, source)
        if page not in own:
            files.append(File.generated(config, page, content=content))
    for picture in sorted((ROOT / "benchmarks").glob("*.png")):
        name = f"benchmarks/{picture.name}"
        files.append(File.generated(config, name, abs_src_path=str(picture)))
    for source in _list_linked_sources():
        code = (ROOT / source).read_text(encoding="utf-8")
        name, page = f"source/{source}.md", _show(source, code)
        level = InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, name, content=page, inclusion=level))
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Make links between files of the repository links between pages."""
    source = find_source(page.file.src_uri)
    return relink(markdown, source)


def find_source(page: str) -> str:
    """Return the file of the repository that a page comes from.

    Example:
        >>> find_source("index.md"), find_source("guide.md")
        ('README.md', 'docs/guide.md')
    """
    for source, own in PAGES.items():
        if own == page:
            return source
    return page if page.startswith("benchmarks/") else f"docs/{page}"


def find_page(source: str) -> str | None:
    """Return the page or picture of the site that shows a file; None if none does.

    Example:
        >>> find_page("docs/guide.md"), find_page("ganaug/config.py")
        ('guide.md', 'source/ganaug/config.py.md')
    """
    if source in PAGES:
        return PAGES[source]
    if source.startswith("docs/"):
        return source.removeprefix("docs/")
    if re.fullmatch(r"benchmarks/[^/]+\.(md|png)", source):
        return source
    if source.startswith("benchmarks") and (ROOT / source).is_dir():
        return PAGES["benchmarks/README.md"]
    return f"source/{source}.md" if (ROOT / source).is_file() else None


def relink(markdown: str, source: str) -> str:
    """Return the text of a file with links that hold on the site."""
    here = posixpath.dirname(find_page(source) or "")

    def change(found: re.Match[str]) -> str:
        mark, text, target, part = found.groups()
        page = find_page(_resolve(source, target))
        if page is None:  # a folder of the code: nothing to show
            return text
        target = posixpath.relpath(page, here or ".")
        return f"{mark}[{text}]({target}{part or ''})"

    parts, last = [], 0
    for fence in FENCE.finditer(markdown):
        parts += [LINK.sub(change, markdown[last : fence.start()]), fence.group()]
        last = fence.end()
    return "".join([*parts, LINK.sub(change, markdown[last:])])


def _resolve(source: str, target: str) -> str:
    """Return the path, from the repository's root, of what a file links to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def _list_texts() -> Iterator[tuple[str, str]]:
    """List the Markdown files that become pages, with their texts."""
    named = [name for name in PAGES if (ROOT / name).is_file()]
    for name in dict.fromkeys([*named, *_list_tables()]):
        yield name, (ROOT / name).read_text(encoding="utf-8")


def _list_tables() -> list[str]:
    """List the files of measured tables, README.md first."""
    return [f"benchmarks/{p.name}" for p in sorted((ROOT / "benchmarks").glob("*.md"))]


def _list_linked_sources() -> list[str]:
    """List the source files that a page links to."""
    found = set()
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / n for n in PAGES)]
    for path in [*pages, *(ROOT / "benchmarks").glob("*.md")]:
        if not path.is_file():
            continue
        own = path.relative_to(ROOT).as_posix()
        for _, _, target, _ in LINK.findall(path.read_text(encoding="utf-8")):
            source = _resolve(own, target)
            if (find_page(source) or "").startswith("source/"):
                found.add(source)
    return sorted(found)


def _show(source: str, code: str) -> str:
    """Write the page of a source file, which the search leaves out."""
    kinds = {".py": "python", ".toml": "toml", ".ipynb": "json"}
    kind = kinds.get(Path(source).suffix, "text")
    return f"---\nsearch:\n  exclude: true\n---\n# `{source}`\n\n```{kind}\n{code}```\n"


def _list_references() -> Iterator[tuple[str, str]]:
    yield "reference/python.md", describe_python()
    yield "reference/command-line.md", describe_command_line()


def describe_python() -> str:
    """Write the page of all public names, whose docstrings mkdocstrings fills in."""
    import ganaug

    lines = ["# Python", "", "Everything here is `ganaug.NAME`.", ""]
    for name in ganaug.__all__:
        home = ganaug._HOMES[name]
        lines += [f"::: {home}.{name}", "    options:"]
        lines += [f"      {key}: ganaug.{name}" for key in ("heading", "toc_label")]
        lines.append("")
    return "\n".join(lines)


def describe_command_line() -> str:
    """Write the page of all commands from their own help."""
    from ganaug_cli.main import app
    from typer.main import get_command

    command = get_command(app)
    lines = ["# Command line", "", command.help or "", ""]
    return "\n".join([*lines, *_describe(command, "ganaug", 2)])


def _describe(command: Any, path: str, level: int) -> Iterator[str]:
    for name, sub in command.commands.items():
        yield f"{'#' * level} {path} {name}\n"
        yield f"{sub.help or ''}\n"
        if hasattr(sub, "commands"):
            yield from _describe(sub, f"{path} {name}", level + 1)
            continue
        yield "| option | what it does | default |\n|---|---|---|"
        yield from map(_describe_option, sub.params)
        yield ""


def _describe_option(option: Any) -> str:
    """Write the row of an option or an argument."""
    argument = option.param_type_name == "argument"
    names = [option.name.upper()] if argument else option.opts
    default = "" if option.default in (None, False, [], ()) else option.default
    words = " ".join((option.help or "").split()).replace("|", "\\|")
    return f"| {', '.join(f'`{name}`' for name in names)} | {words} | {default} |"
