"""Options that several verbs share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .completion import (
    BACKENDS,
    DEVICES,
    DOMAIN_RULES,
    PAGES,
    SCALES,
    complete_from,
    complete_setting,
)

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A folder with a subfolder per class, a .csv or an .npz file; or digits, "
        "or digits-domains, sets that come with ganaug.",
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(help="Training time, such as 90s, 10m or 1h; default 3m to 10m."),
]
Grid = Annotated[
    int | None,
    typer.Option(
        "--grid",
        metavar="PIXELS",
        help="Longer side of the images that the GAN draws, such as 64; by default at "
        "most 32 on a CPU, and 64 on a GPU or from --budget 1h up.",
    ),
]
Start = Annotated[
    Path | None,
    typer.Option(
        "--start",
        help="A finished run, or the store beside it: begin with its networks in place "
        "of noise. Classes are matched by name.",
    ),
]
GainStart = Annotated[
    Path | None,
    typer.Option(
        "--start",
        help="A finished run on related classes, or the store beside it: every GAN "
        "starts from its networks, and classifiers of both sides may start from its "
        "images.",
    ),
]
StartData = Annotated[
    str | None, typer.Option(help="Images of --start, where they have moved.")
]
Config = Annotated[
    Path | None,
    typer.Option(
        help="Another run or store, or a config.json: train with its settings. The "
        "folder of one says --pages and --scale too."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="field=value, in place of the plan's choice; can be repeated.",
        autocompletion=complete_setting,
    ),
]
Device = Annotated[
    str,
    typer.Option(help="auto, cpu, cuda or mps.", autocompletion=complete_from(DEVICES)),
]
Processes = Annotated[
    int | None,
    typer.Option(help="Processes that do it, with the same result; default 1."),
]
Backend = Annotated[
    str,
    typer.Option(
        help="loky: processes of this machine; dask or ray: a cluster at --address.",
        autocompletion=complete_from(BACKENDS),
    ),
]
Address = Annotated[
    str | None,
    typer.Option(help="Of a cluster's scheduler, such as tcp://node1:8786."),
]
GroupRegex = Annotated[
    str | None,
    typer.Option(
        help="The part of a file name that names its subject, such as ^patient[0-9]+. "
        "Images of one subject are trained on or held out together."
    ),
]
DomainRegex = Annotated[
    str | None,
    typer.Option(
        help="The part of a file name that names its domain: the circumstances of the "
        "image, such as its camera, site or light."
    ),
]
DomainsOutside = Annotated[
    bool, typer.Option("--domains-outside", help="DATA is a tree domain/class/….")
]
DomainsInside = Annotated[
    bool, typer.Option("--domains-inside", help="DATA is a tree class/domain/….")
]
DomainFrom = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        help="Find domains: exif:Model (or another tag), exif:day, parent, parent:2, "
        "size, clusters or clusters:N.",
        autocompletion=complete_from(DOMAIN_RULES),
    ),
]
Pages = Annotated[
    str,
    typer.Option(
        metavar="first|all",
        help="Of TIFF, GIF, WebP and PNG files with several pages or frames: only the "
        "first, or all, which are one group.",
        autocompletion=complete_from(PAGES),
    ),
]
Scale = Annotated[
    str | None,
    typer.Option(
        metavar="RANGE",
        help="auto, or LOWEST:HIGHEST such as 0:16: these two values become black and "
        "white in every image. For masks, which would be nearly black.",
        autocompletion=complete_from(SCALES),
    ),
]
Unlabelled = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=DIR",
        help="Images of a domain without labels: a folder, a .csv or an .npz; can be "
        "repeated.",
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Stop at unreadable files; do not skip them.")
]
Fast = Annotated[
    bool,
    typer.Option("--fast", help="Do not test whether mirroring keeps the class."),
]
