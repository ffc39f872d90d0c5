"""The page about a table's new rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ganaug import render_report
from ganaug.errors import DataError, StoreError
from ganaug.report.table.columns import describe_columns
from ganaug.report.table.material import open_rows
from ganaug.report.table.nearness import describe_agreement, describe_nearness
from ganaug.report.table.pairs import correlate, describe_pairs
from ganaug.tables.settings import TableConfig
from ganaug.tables.synthesis import synthesize_rows

TITLES = (
    "Column by column", "How columns hang together", "Closest to a real row",
    "What classifiers saw", "Make it again",
)  # fmt: skip
TINY = TableConfig(images=64, features=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": random.integers(20, 80, 40),
            "<b>sex</b>": random.choice(["f", "m"], 40),
            "dose": np.where(random.random(40) < 0.2, np.nan, random.normal(size=40)),
            "seen": [f"2024-01-{k:02d}" for k in random.integers(1, 28, 40)],
            "note": [f"=1+{k}" if k else "<script>" for k in range(40)],
            "y": ["well"] * 28 + ["ill"] * 12,
        }
    )
    table.to_csv(folder / "t.csv", index=False)
    synthesize_rows(
        folder / "t.csv", "y", folder / "more.csv",
        lambda classes, real: dict.fromkeys(classes, 10), config=TINY,
    )  # fmt: skip
    return folder


def test_the_page_has_its_sections_and_nothing_from_outside(folder):
    page = render_report(folder / "more.csv")
    assert page == folder / "more.csv.html"
    text = page.read_text()
    for title in TITLES:
        assert title in text
    assert text.count("<svg") == 4 + 2
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "<b>sex" not in text
    assert "<script>\n" not in text.split("<footer>")[0]


def test_sections_say_what_is_there(folder):
    material = open_rows(folder / "more.csv")
    assert material.weights.sum() == pytest.approx(1)
    columns = describe_columns(material)
    assert {row["name"] for row in columns["rows"]} == {
        "age", "<b>sex</b>", "dose", "seen",
    }  # fmt: skip
    assert all(0 <= row["distance"] <= 1 for row in columns["rows"])
    assert columns["carried"] == [("note", "it has 40 different values")]
    assert 0 <= describe_nearness(material)["below"] <= 1
    pairs = describe_pairs(material)
    assert not any(one.split(":")[0] == other.split(":")[0]
                   for one, other, _, _ in pairs["rows"])  # fmt: skip
    agreement = describe_agreement(material)["rows"]
    assert [(row["name"], row["rows"]) for row in agreement] == [
        ("ill", 10), ("well", 10),
    ]  # fmt: skip


def test_correlations_are_numpys():
    rows = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    weights = np.repeat([1.0, 2.0], 25)
    doubled = np.concatenate([rows, rows[25:]])
    wanted = np.corrcoef(doubled, rowvar=False)
    assert np.allclose(correlate(rows, weights), wanted, atol=1e-5)
    assert np.isnan(correlate(np.ones((4, 2), np.float32), np.ones(4))).all()


def test_without_the_real_rows_the_page_says_so(folder, tmp_path):
    for name in ("more.csv", "more.csv.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    text = (tmp_path / "more.csv.json").read_text()
    moved = text.replace(str(folder / "t.csv"), str(tmp_path / "gone.csv"))
    (tmp_path / "more.csv.json").write_text(moved)
    said = render_report(tmp_path / "more.csv").read_text()
    assert "The real rows are not shown" in said
    assert "Column by column" not in said
    again = render_report(tmp_path / "more.csv", data=folder / "t.csv").read_text()
    assert "Column by column" in again
    with pytest.raises(DataError, match="cannot be read"):
        render_report(tmp_path / "more.csv", data=tmp_path / "gone.csv")


def test_altered_files_are_refused_in_one_line(folder, tmp_path):
    for name in ("more.csv", "more.csv.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    csv, values = tmp_path / "more.csv", tmp_path / "more.csv.json"
    before = csv.read_text()
    csv.write_text(before.replace(",ill,", ",dead,"))
    with pytest.raises(StoreError, match="a class 'dead'"):
        render_report(csv)
    csv.write_text(before.replace("ganaug_row", "row"))
    with pytest.raises(StoreError, match="no column ganaug_row"):
        render_report(csv)
    values.write_text('{"format": 1}')
    with pytest.raises(StoreError, match="damaged"):
        render_report(csv)
    assert not Path(tmp_path / "more.csv.html").exists()
