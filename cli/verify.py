"""`ganaug verify STORE`: compare a store, or a CSV, with what is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .shared.options import Device

if TYPE_CHECKING:
    from ganaug.synth.difference import Difference

DIFFERENCES_SHOWN = 50  # --json has all


def verify_store(
    store: Annotated[
        Path,
        typer.Argument(
            metavar="STORE", help="A folder or a CSV that ganaug synth wrote."
        ),
    ],
    sample: Annotated[
        int, typer.Option(min=0, help="Number of images to draw again and compare.")
    ] = 64,
    data: Annotated[
        str | None,
        typer.Option(
            help="The real images of filled cells, rows or texts, where they have "
            "moved."
        ),
    ] = None,
    device: Device = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead.")
    ] = False,
) -> None:
    """Check every file against the manifest; exit with 1 when something differs."""
    from .shared.waiting import start

    start("ganaug.synth.verification")
    from ganaug.synth.made.checking import find_csv

    made = find_csv(store)
    found = (
        _verify_images(store, sample, data, device, as_json)
        if made is None
        else _verify_made(made, sample, data, as_json)
    )
    if found:
        raise typer.Exit(1)


def _verify_images(
    store: Path, sample: int, data: str | None, device: str, as_json: bool
) -> list[Difference]:
    from ganaug.synth.store.meta import read_meta
    from ganaug.synth.verification import same_environment, verify

    from .shared.console import progress
    from .shared.waiting import working

    meta = read_meta(store)
    with working("reading every file, and drawing some images again"):
        found = verify(store, sample=sample, data=data, device=device)
    same = same_environment(meta, device)
    if as_json:
        _print_json(store, found, same_environment=same)
        return found
    _print_differences(store, found)
    if not same:
        progress.print(
            "note: the store was written with other software or another device; "
            "images drawn again may differ by 2 grey levels",
            soft_wrap=True,
        )
    _print_end(store, found)
    return found


def _verify_made(
    path: Path, sample: int, data: str | None, as_json: bool
) -> list[Difference]:
    from ganaug.synth.made.checking import check_made

    from .shared.console import printable, progress
    from .shared.waiting import working

    with working("reading the file, and drawing some of it again"):
        found, notes = check_made(path, sample=sample, data=data)
    if as_json:
        _print_json(path, found, notes=notes)
        return found
    _print_differences(path, found)
    for note in notes:
        progress.print(f"note: {printable(note)}", soft_wrap=True)
    _print_end(path, found)
    return found


def _print_json(store: Path, found: list[Difference], **values: Any) -> None:
    import json

    pairs = [{"path": d.path, "what": d.what} for d in found]
    typer.echo(json.dumps({"store": str(store), "differences": pairs, **values}))


def _print_differences(store: Path, found: list[Difference]) -> None:
    from .shared.console import printable, results

    for d in found[:DIFFERENCES_SHOWN]:
        what = f"{printable(d.path)}: {printable(d.what)}"
        results.print(what, soft_wrap=True)
    if len(found) > DIFFERENCES_SHOWN:
        more = len(found) - DIFFERENCES_SHOWN
        results.print(f"… and {more:,} more (--json lists all)")


def _print_end(store: Path, found: list[Difference]) -> None:
    from .shared.console import results

    n = len(found)
    said = f"{n:,} difference{'s' * (n > 1)}" if n else "all as recorded"
    results.print(f"{store}: {said}", soft_wrap=True)
