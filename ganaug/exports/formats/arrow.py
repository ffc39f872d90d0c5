"""Arrow schemas that tell Hugging Face's `datasets` which classes the labels are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ganaug.exports.extras import import_extra
from ganaug.exports.formats.content import Content
from ganaug.exports.selection import FACTS, Example

GROUP_ROWS = 500  # rows of a row group: these are in memory at once
TYPES = {int: "int64", float: "float64", str: "string", bool: "bool"}
PLAIN: dict[str, type] = {"label": int, "class": str, "synthetic": bool}


def write_rows(
    path: Path,
    content: Content,
    first: Mapping[str, Any],
    make_row: Callable[[Example], Mapping[str, Any]],
) -> None:
    """Write a Parquet file with a row per image: first columns, label and all facts.

    Args:
        path: the file.
        content: what is written.
        first: name of each first column → its feature, in words of `datasets`.
        make_row: function that returns the values of the first columns.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa = import_extra("pyarrow", "parquet", "this format")
    pq = import_extra("pyarrow.parquet", "parquet", "this format")
    schema = _make_schema(pa, content, first)
    rows = ({**make_row(e), **describe_example(e)} for e in content.iterate())
    with pq.ParquetWriter(path, schema) as writer:
        for group in _take(rows):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def describe_example(example: Example) -> dict[str, Any]:
    """Return label, class and all that is known of an image, as plain values."""
    return {
        "label": example.label,
        "class": example.class_name,
        "synthetic": example.synthetic,
        **example.facts,
    }


def _take(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(rows, GROUP_ROWS)):
        yield group


def _make_schema(pa: Any, content: Content, first: Mapping[str, Any]) -> Any:
    selection = content.selection
    kinds = PLAIN | {name: FACTS[name] for name in selection.facts}
    features = dict(first) | {name: _describe(kind) for name, kind in kinds.items()}
    features["label"] = {"names": list(selection.classes), "_type": "ClassLabel"}
    fields = [(name, _find_type(pa, feature)) for name, feature in features.items()]
    metadata = {
        "huggingface": json.dumps({"info": {"features": features}}),
        "ganaug": json.dumps(content.about, ensure_ascii=False),
    }
    return pa.schema(fields, metadata=metadata)


def _describe(kind: type) -> dict[str, Any]:
    if kind is list:
        return {"feature": _describe(float), "_type": "List"}
    return {"dtype": TYPES[kind], "_type": "Value"}


def _find_type(pa: Any, feature: Mapping[str, Any]) -> Any:
    match feature["_type"]:
        case "Image":
            return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        case "ClassLabel":
            return pa.int64()
        case "List":
            return pa.list_(_find_type(pa, feature["feature"]))
    return pa.type_for_alias(feature["dtype"])
