"""render_report: one HTML page that holds all it shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.files import say_disk_error, write_whole
from ganaug.report.gain.page import render_gain
from ganaug.report.gain.sources import is_gain, open_gain
from ganaug.report.page import Section, fill_page
from ganaug.report.run.acceptance import describe_acceptance
from ganaug.report.run.checks import describe_data
from ganaug.report.run.choices import describe_choices
from ganaug.report.run.copies import describe_copies
from ganaug.report.run.curves import describe_curves
from ganaug.report.run.diagnostics import describe_diagnostics
from ganaug.report.run.embedding import describe_map
from ganaug.report.run.figures import describe_figures
from ganaug.report.run.film import describe_film
from ganaug.report.run.gallery import describe_gallery
from ganaug.report.run.interpolation import describe_interpolations
from ganaug.report.run.reading.sources import Sources, open_sources
from ganaug.report.run.recipe import describe_recipe
from ganaug.report.run.request import describe_request
from ganaug.report.run.summary import describe_summary

NAME = "report.html"

SECTIONS = (
    Section("gallery", "Real beside synthetic", describe_gallery),
    Section("film", "How it learned", describe_film),
    Section("curves", "Training curves", describe_curves),
    Section("diagnostics", "Was it a healthy training?", describe_diagnostics),
    Section("map", "A map of the images", describe_map),
    Section("interpolations", "Between two images", describe_interpolations),
    Section("acceptance", "Kept and rejected", describe_acceptance),
    Section("copies", "Closest to a real image", describe_copies),
    Section("figures", "Measured", describe_figures),
    Section("data", "The real images", describe_data),
    Section("request", "What was requested", describe_request),
    Section("choices", "The plan", describe_choices),
    Section("recipe", "Make it again", describe_recipe),
)


def render_report(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    data: Any = None,
) -> Path:
    """Write one self-contained HTML page about a run, a store or a gain.

    It opens without a network in any browser; an unfinished run gets a page too.

    Args:
        path: folder of a run, a store or a gain.
        out: the page; by default `report.html` in that folder.
        data: whatever `load_images` takes, where the real images have moved or came
            from memory; without them the page is made without them and says so. The
            page about a gain shows none, and names them in its commands.

    Returns:
        Where the page is.

    Raises:
        StoreError: the folder holds none of these, or the disk refuses.
        DataError: `data` is not what the GAN was trained on, or the gain has no
            verdict yet.

    Example:
        >>> render_report("digits-synthetic")  # doctest: +SKIP
        PosixPath('digits-synthetic/report.html')
    """
    folder = Path(path)
    page = Path(out) if out is not None else folder / NAME
    # names of files that are not Unicode hold what UTF-8 cannot write
    content = _render(folder, data).encode("utf-8", "backslashreplace")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_whole(page, lambda hidden: hidden.write_bytes(content))
    except OSError as error:
        raise StoreError(say_disk_error(page, error)) from error
    return page


def render_page(sources: Sources) -> str:
    """Return the page as text."""
    summary = describe_summary(sources)
    return fill_page(
        "page.html", SECTIONS, sources, title=sources.title, summary=summary
    )


def _render(folder: Path, data: Any) -> str:
    if is_gain(folder):
        return render_gain(open_gain(folder, data))
    return render_page(open_sources(folder, data))
