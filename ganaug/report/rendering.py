"""render_report: one self-contained HTML page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.files import beside, refuse_place, say_disk_error, write_whole
from ganaug.report.gain.material import is_gain, open_gain
from ganaug.report.gain.page import render_gain
from ganaug.report.page import Section, fill_page
from ganaug.report.run.carried import describe_carried
from ganaug.report.run.cells import describe_cells
from ganaug.report.run.checks import describe_data
from ganaug.report.run.embedding import describe_map
from ganaug.report.run.figures import describe_figures
from ganaug.report.run.filtering.acceptance import describe_acceptance
from ganaug.report.run.filtering.confusion import describe_confusion
from ganaug.report.run.filtering.copies import describe_copies
from ganaug.report.run.filtering.weakest import describe_weakest
from ganaug.report.run.gallery import describe_gallery
from ganaug.report.run.reading.material import RunMaterial, open_material
from ganaug.report.run.recipe import describe_recipe
from ganaug.report.run.request import describe_request
from ganaug.report.run.styled import describe_styled
from ganaug.report.run.summary import describe_summary
from ganaug.report.run.training.choices import describe_choices
from ganaug.report.run.training.curves import describe_curves
from ganaug.report.run.training.diagnostics import describe_diagnostics
from ganaug.report.run.training.film import describe_film
from ganaug.report.run.training.interpolation import describe_interpolations
from ganaug.report.table.material import open_rows
from ganaug.report.table.page import render_rows
from ganaug.report.text.material import open_texts
from ganaug.report.text.page import render_texts
from ganaug.tables.made_file import is_made, read_kind
from ganaug.text.synthesis import TEXTS

REPORT_FILE = "report.html"

SECTIONS = (
    Section("run/cells", "Filled cells", describe_cells),
    Section("run/carried", "From domain to domain", describe_carried),
    Section("run/styled", "Content, style and result", describe_styled),
    Section("run/gallery", "Real beside synthetic", describe_gallery),
    Section("run/filtering/acceptance", "Kept and rejected", describe_acceptance),
    Section("run/filtering/weakest", "The weakest that passed", describe_weakest),
    Section("run/filtering/confusion", "What classifiers saw", describe_confusion),
    Section("run/figures", "Measured", describe_figures),
    Section("run/filtering/copies", "Closest to a real image", describe_copies),
    Section("run/map", "A map of the images", describe_map),
    Section("run/data", "The real images", describe_data),
    Section("run/training/curves", "Training curves", describe_curves, folded=True),
    Section(
        "run/training/diagnostics",
        "Was it a healthy training?",
        describe_diagnostics,
        folded=True,
    ),
    Section("run/training/film", "How it learned", describe_film, folded=True),
    Section(
        "run/training/interpolations",
        "Between two images",
        describe_interpolations,
        folded=True,
    ),
    Section("run/training/choices", "The plan", describe_choices, folded=True),
    Section("run/request", "What was requested", describe_request, folded=True),
    Section("run/recipe", "Make it again", describe_recipe, folded=True),
)


def render_report(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    data: Any = None,
) -> Path:
    """Write one self-contained HTML page about a run, a store, a gain, rows or texts.

    The page opens in any browser without a network; an unfinished run gets one too.

    Args:
        path: folder of a run, a store or a gain; or a CSV of rows or
            texts that ganaug made.
        out: file for the page; by default `report.html` in that folder, or beside the
            CSV.
        data: real images in any form that `load_images` takes, if they have moved or
            came from memory. If they are not found, the page says so and omits them.
            The page about a gain only names them in its commands.

    Returns:
        Path of the page.

    Raises:
        StoreError: the folder contains none of these, or the disk refuses.
        DataError: `data` is not what the GAN was trained on, or the gain has no
            verdict yet.

    Example:
        >>> render_report("digits-synthetic")  # doctest: +SKIP
        PosixPath('digits-synthetic/report.html')
    """
    folder = Path(path)
    usual = beside(folder, ".html") if is_made(folder) else folder / REPORT_FILE
    page = usual if out is None else Path(out)
    refuse_place(page, StoreError)
    if page.exists() and not page.is_file():
        what = "a folder; name a file in it" if page.is_dir() else "no plain file"
        raise StoreError(f"{page} is {what} (--out page.html)")
    # file names that are not Unicode contain characters that UTF-8 cannot write
    content = _render(folder, data).encode("utf-8", "backslashreplace")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_whole(page, lambda hidden: hidden.write_bytes(content))
    except OSError as error:
        raise StoreError(say_disk_error(page, error)) from error
    return page


def render_page(material: RunMaterial) -> str:
    """Return the HTML of the page about a run or store."""
    summary = describe_summary(material)
    return fill_page(
        "page.html", SECTIONS, material, title=material.title, summary=summary
    )


def _render(folder: Path, data: Any) -> str:
    if is_made(folder):
        if read_kind(folder) == TEXTS.name:
            return render_texts(open_texts(folder, data))
        return render_rows(open_rows(folder, data))
    if is_gain(folder):
        return render_gain(open_gain(folder, data))
    return render_page(open_material(folder, data))
