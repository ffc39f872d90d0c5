"""`ganaug verify STORE`: compare a store with its manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .shared.options import Device

if TYPE_CHECKING:
    from ganaug.synth.verification import Difference

DIFFERENCES_SHOWN = 50  # --json has all


def verify_store(
    store: Annotated[
        Path, typer.Argument(metavar="STORE", help="A folder that ganaug synth wrote.")
    ],
    sample: Annotated[
        int, typer.Option(min=0, help="Number of images to draw again and compare.")
    ] = 64,
    data: Annotated[
        str | None,
        typer.Option(help="The real images of filled cells, where they have moved."),
    ] = None,
    device: Device = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead.")
    ] = False,
) -> None:
    """Check every file against the manifest; exit with 1 when something differs."""
    from .shared.waiting import start, working

    start("ganaug.synth.verification")
    from ganaug.synth.store.meta import read_meta
    from ganaug.synth.verification import same_environment, verify

    meta = read_meta(store)
    with working("reading every file, and drawing some images again"):
        found = verify(store, sample=sample, data=data, device=device)
    same = same_environment(meta, device)
    if as_json:
        import json

        pairs = [{"path": d.path, "what": d.what} for d in found]
        values = {"differences": pairs, "same_environment": same}
        typer.echo(json.dumps({"store": str(store), **values}))
    else:
        _print_differences(store, found, same)
    if found:
        raise typer.Exit(1)


def _print_differences(store: Path, found: list[Difference], same: bool) -> None:
    from .shared.console import printable, progress, results

    for d in found[:DIFFERENCES_SHOWN]:
        results.print(f"{printable(d.path)}: {d.what}", soft_wrap=True)
    if len(found) > DIFFERENCES_SHOWN:
        more = len(found) - DIFFERENCES_SHOWN
        results.print(f"… and {more:,} more (--json lists all)")
    if not same:
        progress.print(
            "note: the store was written with other software or another device; "
            "images drawn again may differ by 2 grey levels",
            soft_wrap=True,
        )
    said = f"{len(found):,} differences" if found else "all as recorded"
    results.print(f"{store}: {said}", soft_wrap=True)
