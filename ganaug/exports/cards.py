"""Cards: what dataset and model cards have in common, as Hugging Face reads them."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ganaug.errors import ConfigError
from ganaug.evaluation.evaluation import EVALUATION_FILE
from ganaug.evaluation.table import MEANINGS, OVERALL
from ganaug.files import open_file

UNKNOWN = "unknown"  # licence that nobody named
NOT_FOR = (
    "**As test or validation data, or to report an accuracy.** Measure on real images "
    "that neither the GAN nor the classifier has seen.",
    "**As evidence.** No synthetic image shows a thing that exists: no diagnosis, no "
    "inspection, no identification may rest on one.",
    "**As anonymous data.** A filter looks for near copies of training images, which "
    "does not prove that nobody can be recognised. Who may not share the real images "
    "may not share these either.",
    "**For what the real images lack.** Classes, views and groups of people that are "
    "missing or rare there are so here, and wrong labels come back.",
    "**For detection, segmentation or regression.** There is one class per image, and "
    "nothing else: no boxes, no masks.",
)


def write_front_matter(values: Mapping[str, Any]) -> str:
    """Write the YAML at the head of a card; every value is JSON, which YAML contains.

    Example:
        >>> print(write_front_matter({"license": "mit", "tags": ["synthetic"]}))
        ---
        license: "mit"
        tags: ["synthetic"]
        ---
    """
    lines = [f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in values.items()]
    return "\n".join(["---", *lines, "---"])


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Write a table in Markdown.

    Example:
        >>> print(write_table(["class", "images"], [["a|b", 3]]))
        | class | images |
        |---|---|
        | a\|b | 3 |
    """
    lines = [columns, ["---"] * len(columns), *rows]
    written = [" | ".join(map(_write_cell, line)) for line in lines]
    written[1] = "|".join(["---"] * len(columns))
    return "\n".join(
        f"|{line}|" if k == 1 else f"| {line} |" for k, line in enumerate(written)
    )


def _write_cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", "\\|").split())


def write_limits() -> str:
    """Write what neither images nor generator may be used for, as a list."""
    return "\n".join(f"- {line}" for line in NOT_FOR)


def write_licence(name: str) -> str:
    """Write the paragraph about the licence."""
    source = (
        "All of this was made from real images; their licence, and the consent of whom "
        "they show, decide what may be done with it."
    )
    if name == UNKNOWN:
        return (
            "**Unknown: fill in the field `license` at the head of this page before "
            f"sharing it.** {source}"
        )
    return f"`{name}`, as its maker says. {source}"


def check_licence(name: str) -> str:
    """Return the name of a licence; raise ConfigError for one that is no plain word.

    Example:
        >>> check_licence("cc-by-4.0")
        'cc-by-4.0'
    """
    if not name or not all(c.isalnum() or c in "-._+" for c in name):
        raise ConfigError(
            f"the licence {name[:40]!r} is no identifier; give one such as cc-by-4.0, "
            "mit or other"
        )
    return name


def describe_evaluation(folder: Path) -> str | None:
    """Return a store's evaluation over all classes as a table; None without one."""
    rows = read_evaluation(folder)
    if not rows:
        return None
    shown = [
        (
            row["metric"],
            row["features"],
            _round(row["value"]),
            f"{_round(row['low'])} to {_round(row['high'])}",
            _round(row["floor"]),
            MEANINGS.get(row["metric"], ""),
        )
        for row in rows
    ]
    reference = rows[0].get("reference") or "real images"
    columns = (
        "metric", "features", "value", "95 % interval", "real vs real", "meaning",
    )  # fmt: skip
    return (
        f"Compared with {reference}. *Real vs real* is the same figure with equally "
        f"many real images in place of the synthetic ones.\n\n"
        f"{write_table(columns, shown)}"
    )


def read_evaluation(folder: Path) -> list[dict[str, str]]:
    """Read the rows of evaluation.csv about all classes that have a value."""
    path = folder / EVALUATION_FILE
    if not path.is_file():
        return []
    with open_file(path) as opened:
        text = opened.read().decode("utf-8", "replace")
    needed = {"class", "metric", "features", "value", "low", "high", "floor"}
    rows = list(csv.DictReader(text.splitlines()))
    if not rows or not needed <= rows[0].keys():
        return []
    return [row for row in rows if row["class"] == OVERALL and _is_number(row["value"])]


def _is_number(text: str | None) -> bool:
    try:
        return math.isfinite(float(text or ""))
    except ValueError:
        return False


def _round(text: str) -> str:
    return f"{float(text):.3g}" if _is_number(text) else "–"
