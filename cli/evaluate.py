"""`ganaug evaluate STORE`: how good its images are, compared with real ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .shared.options import Device
from .shared.verdict import Require, check_require, enforce, print_verdict

if TYPE_CHECKING:
    import pandas as pd

    from ganaug.synth.store.store import Store

CLASSES_SHOWN = 50  # in a table; --json and evaluation.csv have all
BY_CLASS = ("kernel", "density", "coverage", "diversity", "cas", "ct", "authenticity")


def evaluate(
    store: Annotated[
        Path, typer.Argument(metavar="STORE", help="A folder that ganaug synth wrote.")
    ],
    data: Annotated[
        str | None,
        typer.Option(help="The real images, where they have moved."),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(help="More real images of the same classes to compare with."),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(help="A torchvision or timm model that gives further features."),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="The file with its weights, .pth or .safetensors."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides which images are compared.")] = 0,
    device: Device = "auto",
    require: Require = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead.")
    ] = False,
) -> None:
    """Compare a store with real images that its GAN did not see, class by class."""
    from .shared.waiting import working

    check_require(require)
    with working("starting") as say:
        from ganaug.evaluation.evaluation import EVALUATION_FILE
        from ganaug.evaluation.evaluation import evaluate as run_evaluation
        from ganaug.synth.store.store import Store

        table = run_evaluation(
            data,
            store,
            test,
            features=features,
            weights=weights,
            seed=seed,
            device=device,
            progress=say,
        )
    judged = Store.load(store)
    if as_json:
        _print_json(judged, table)
    else:
        _print_tables(store, table, store / EVALUATION_FILE)
        print_verdict(judged)
    enforce(judged, require)


def _print_json(store: Store, table: pd.DataFrame) -> None:
    import json

    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    verdict = None if store.verdict is None else store.verdict.to_dict()
    found = {"store": str(store.path), "rows": rows, "verdict": verdict}
    typer.echo(json.dumps(found))


def _print_tables(store: Path, table: pd.DataFrame, saved: Path) -> None:
    from ganaug.evaluation.table import OVERALL

    from .shared.console import make_table, printable, results

    reference = table["reference"].iloc[0]
    results.print(f"{printable(store)} beside {reference}", soft_wrap=True)
    columns = (
        "metric",
        "features",
        "value #",
        "95 % interval",
        "real vs real #",
        "meaning",
    )
    overall = table[table["class"] == OVERALL]
    rows = [_describe(row) for row in overall.to_dict("records")]
    results.print(make_table("all classes", columns, rows))
    for features in table["features"].unique():
        if features != "pixels":
            _print_classes(
                features, table[table["features"].isin([features, "pixels"])]
            )
    results.print(
        "real vs real: the same figure for equally many real training images (for "
        "authenticity, held-out images; for ct, 0)\n"
        f"all figures, with intervals: {printable(saved)}",
        soft_wrap=True,
    )


def _describe(row: dict[Any, Any]) -> tuple[str, ...]:
    """Return one line of the overall table."""
    from ganaug.evaluation.table import MEANINGS

    value, low, high, floor = (
        say_number(row[name]) for name in ("value", "low", "high", "floor")
    )
    meaning = MEANINGS[row["metric"]]
    if row["value"] != row["value"]:
        few = "held-out images" if row["metric"] == "ct" else "images"
        meaning = f"not enough {few}: {row['synthetic']:,} and {row['real']:,} real"
    interval = "–" if low == "–" else f"{low} … {high}"
    return row["metric"], row["features"], value, interval, floor, meaning


def _print_classes(features: str, part: pd.DataFrame) -> None:
    """Print a line per class: each figure, and what real images reach."""
    from ganaug.evaluation.table import OVERALL

    from .shared.console import make_table, results

    shown = [metric for metric in BY_CLASS if metric in set(part["metric"])]
    classes = [name for name in part["class"].unique() if name != OVERALL]
    cells = {(row["class"], row["metric"]): row for row in part.to_dict("records")}
    rows = [
        (name, *(_say_both(cells[name, metric]) for metric in shown))
        for name in classes[:CLASSES_SHOWN]
    ]
    columns = ("class", *(f"{metric} #" for metric in shown))
    title = f"by class, {features} features: figure / real vs real"
    results.print(make_table(title, columns, rows))
    if len(classes) > CLASSES_SHOWN:
        results.print(
            f"… and {len(classes) - CLASSES_SHOWN:,} more classes (--json has all)"
        )


def _say_both(row: dict[Any, Any]) -> str:
    return f"{say_number(row['value'])} / {say_number(row['floor'])}"


def say_number(value: float) -> str:
    """Write a number with three digits, a tiny one with two, NaN as a dash.

    Example:
        >>> say_number(0.01234), say_number(123.4), say_number(float("nan"))
        ('0.0123', '123', '–')
        >>> say_number(-0.0000559)
        '−0.000056'
    """
    from ganaug.report.numbers import write_number

    if value != value:
        return "–"
    size = abs(value)
    if size < 0.001:
        return write_number(value)
    digits = next(d for d, least in enumerate((100, 10, 1, 0.1, 0)) if size >= least)
    return f"{value:.{digits}f}".replace("-", "−")
