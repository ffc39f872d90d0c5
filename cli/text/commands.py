"""`ganaug text synth` and `ganaug text gain`: further texts of each class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..shared.options import Budget
from ..shared.waiting import start
from ..synth_request import read_request
from ..train import default_place

text = typer.Typer(
    help="Write further texts of each class, and measure whether they help.",
    no_args_is_help=True,
)
COLUMNS = {
    "drawn": "drawn", "wrong": "another class", "copies": "copies",
    "halting": "not fluent", "repeated": "repeated",
}  # fmt: skip

Source = Annotated[
    Path,
    typer.Argument(
        metavar="DATA.csv", help="A CSV with a column of texts and one of classes."
    ),
]
TextColumn = Annotated[str, typer.Option(help="The column of texts.")]
LabelColumn = Annotated[str, typer.Option(help="The column of classes.")]
Seed = Annotated[int, typer.Option(help="Seed of all random numbers.")]
Unlabelled = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Further texts without classes: a .csv with the same column of texts, or "
        "a file with a text per line.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="field=value of the training; can be repeated."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object at the end.")
]


@text.command()
def synth(
    source: Source,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    per_class: Annotated[int | None, typer.Option(help="Texts of each class.")] = None,
    balance: Annotated[
        bool,
        typer.Option("--balance", help="Fill every class up to the largest real one."),
    ] = False,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class", help="name=number: texts of one class; can be repeated."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The CSV to write; default <data>-synthetic.csv."),
    ] = None,
    unlabelled: Unlabelled = None,
    filters: Annotated[
        str | None,
        typer.Option(help="Some of label,copy,fluency, or none; by default all."),
    ] = None,
    top_p: Annotated[
        float,
        typer.Option(help="Above 0, up to 1; lower values write likelier words."),
    ] = 0.8,
    rewrite: Annotated[
        float,
        typer.Option(
            help="Share of the words that do not tell the class that are written anew."
        ),
    ] = 0.4,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Write whole texts anew, which reads worse than --rewrite."
        ),
    ] = False,
    seed: Seed = 0,
    budget: Budget = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Train on labelled texts and write a CSV of further ones; resumes."""
    start("ganaug.text.synthesis")
    from ganaug.synth.counts import plan_counts
    from ganaug.text.filters import FILTERS
    from ganaug.text.synthesis import synthesize_texts
    from ganaug.training.bar import show_training

    from ..shared.console import progress
    from ..shared.made_file import print_made, read_made_filters
    from ..shared.planning import parse_minutes

    numbers = read_request(per_class, balance, classes or [])
    minutes = parse_minutes(budget)
    found = synthesize_texts(
        source,
        text_column,
        label_column,
        out or Path(f"{default_place(str(source), '-synthetic')}.csv"),
        lambda names, real: plan_counts(names, numbers, balance=balance, real=real),
        unlabelled=unlabelled,
        filters=read_made_filters(filters, FILTERS, "texts"),
        top_p=top_p,
        rewrite=None if whole else rewrite,
        config=_read_config(settings or [], seed),
        budget=None if minutes is None else 60 * minutes,
        show=lambda stack: stack.enter_context(show_training(progress, unit="texts")),
    )
    print_made(found, COLUMNS, "texts", as_json=as_json)


@text.command()
def gain(
    source: Source,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    out: Annotated[
        Path | None, typer.Option(help="Folder for results; default <data>-gain.")
    ] = None,
    unlabelled: Unlabelled = None,
    splits: Annotated[
        int, typer.Option(help="How often all is repeated on another split.")
    ] = 5,
    margin: Annotated[
        float, typer.Option(help="Gains up to this many points count as none.")
    ] = 1.0,
    require: Annotated[
        str | None, typer.Option(help="helps: exit with 1 for any other verdict.")
    ] = None,
    seed: Seed = 0,
    budget: Budget = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Measure whether GAN texts help classifiers; the same command resumes."""
    start("ganaug.gain.text.measuring")
    from ganaug.errors import ConfigError
    from ganaug.gain.text.measuring import measure_text_gain

    from ..shared.arm_gains import print_gains
    from ..shared.console import progress
    from ..shared.planning import parse_minutes

    if require not in (None, "helps"):
        raise ConfigError(f"--require {require} is not allowed; give helps")
    minutes = parse_minutes(budget)
    found = measure_text_gain(
        source,
        text_column,
        label_column,
        out or default_place(str(source), "-gain"),
        unlabelled=unlabelled,
        splits=splits,
        margin=margin / 100,
        config=_read_config(settings or [], seed),
        budget=None if minutes is None else 60 * minutes,
        tell=lambda done, of: progress.print(f"split {done} of {of} done"),
    )
    print_gains(found, as_json=as_json)
    if require is not None and found[0].word != require:
        raise typer.Exit(1)


def _read_config(settings: list[str], seed: int) -> Any:
    from ganaug.config import parse_settings
    from ganaug.text.settings import TextConfig

    asked = parse_settings(settings, TextConfig)
    return TextConfig().replace(**{"seed": seed, **asked})
