"""Options that several verbs share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str, typer.Argument(help="Folder of class folders, .csv, .npz, or digits.")
]
Budget = Annotated[
    str | None, typer.Option(help="Training time, such as 90s, 10m or 1h.")
]
Config = Annotated[Path | None, typer.Option(help="A saved config.json to train with.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="field=value of the configuration."),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
GroupRegex = Annotated[
    str | None, typer.Option(help="Groups from file names: the first (…) group.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse data with unreadable files.")
]
Fast = Annotated[
    bool, typer.Option("--fast", help="Do not measure whether flips are safe.")
]
