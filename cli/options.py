"""Options that several verbs share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A folder with a subfolder per class, a .csv or .npz file; or digits, "
        "the bundled set.",
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(help="Training time, such as 90s, 10m or 1h; default 3m to 10m."),
]
Config = Annotated[
    Path | None,
    typer.Option(help="The config.json of another run: train with its settings."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="field=value replaces the plan's choice; can be repeated."
    ),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
GroupRegex = Annotated[
    str | None,
    typer.Option(
        help="The part of a file name that tells its subject, such as ^patient[0-9]+: "
        "images of one subject stay together."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse unreadable files; do not skip them.")
]
Fast = Annotated[
    bool,
    typer.Option("--fast", help="Do not test whether mirroring keeps the class."),
]
