"""`ganaug export SOURCE`: a store or a generator in a format that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .shared.completion import EXPORTS, GENERATOR_EXPORTS, complete_from


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="STORE_OR_RUN",
            help="A store for formats of images; a run or store for those of "
            "generators.",
        ),
    ],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="imagefolder, webdataset, parquet, npz or csv: the images; onnx or "
            "torchscript: the generator.",
            autocompletion=complete_from((*EXPORTS, *GENERATOR_EXPORTS)),
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="New file or folder; default <source>-<format>."),
    ] = None,
    real: Annotated[
        bool,
        typer.Option(
            "--real", help="The real images too, at the size of the synthetic ones."
        ),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(help="With --real: the real images, where they have moved."),
    ] = None,
    licence: Annotated[
        str,
        typer.Option(
            "--license", help="For the card: an identifier such as cc-by-4.0."
        ),
    ] = "unknown",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end.")
    ] = False,
) -> None:
    """Write a store's images, or a generator, for other programs."""
    from .shared.waiting import start, working

    start("ganaug.exports.stores", "ganaug.exports.generators")
    from ganaug.exports.generators import GENERATOR_FORMATS, export_generator
    from ganaug.exports.stores import export_store

    place = out or _default_out(source, form)
    with working(f"writing {place}") as say:
        if form in GENERATOR_FORMATS:
            _refuse_real(form, real=real, data=data)
            export_generator(source, place, format=form, license=licence)
        else:
            _refuse_unknown(form)
            export_store(
                source,
                place,
                format=form,
                real=real,
                data=data,
                license=licence,
                progress=lambda done, total: say(
                    f"writing {place}: {done:,} of {total:,}"
                ),
            )
    _print_result(place, form, as_json)


def _default_out(source: str, form: str) -> Path:
    from .train import default_place

    ending = f".{form}" if form in ("parquet", "npz", "csv") else f"-{form}"
    return default_place(source, ending)


def _refuse_unknown(form: str) -> None:
    """Raise ConfigError for a format that neither images nor generators have."""
    from ganaug.errors import ConfigError
    from ganaug.spelling import suggest

    known = (*EXPORTS, *GENERATOR_EXPORTS)
    if form not in known:
        raise ConfigError(
            f"there is no format {form!r}{suggest(form, known)}; choose one of "
            f"{', '.join(known)}"
        )


def _refuse_real(form: str, *, real: bool, data: str | None) -> None:
    from ganaug.errors import ConfigError

    if real or data is not None:
        raise ConfigError(
            f"--format {form} writes the generator; omit --real and --data"
        )


def _print_result(place: Path, form: str, as_json: bool) -> None:
    import json

    from .shared.console import printable, results

    if as_json:
        typer.echo(json.dumps({"out": str(place), "format": form}))
        return
    results.print(f"{printable(place)} is written", soft_wrap=True)
    card = place / "README.md"
    if card.is_file():
        results.print(
            f"before you share it, read {printable(card)} and fill in its licence",
            soft_wrap=True,
        )
