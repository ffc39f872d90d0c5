"""`ganaug report PATH`: one HTML page about a run, a store, a gain or a table."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer


def report(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A folder that train, synth or gain wrote, or synth's CSV.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; default report.html in that folder."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="The real images, where they have moved."),
    ] = None,
    browse: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
) -> None:
    """Write one self-contained HTML page about a run, a store, a gain or a table."""
    from .shared.console import printable, results
    from .shared.waiting import start, working

    start("ganaug.report.rendering")
    from ganaug.report.rendering import render_report

    with working("drawing the page"):
        page = render_report(source, out, data=data)
    if browse and webbrowser.open(page.resolve().as_uri()):
        results.print(f"{printable(page)}: open in the browser", soft_wrap=True)
    else:
        results.print(f"{printable(page)}: open it in a browser", soft_wrap=True)
