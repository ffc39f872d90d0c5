"""`ganaug synth TABLE.csv --label-column NAME`: rows, provenance, errors."""

import json

import numpy as np
import pandas as pd
import pytest

from ganaug.tables.csv_file import read_csv

TINY = ["--set", "images=64", "--set", "features=8"]


@pytest.fixture
def table(tmp_path):
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": random.integers(20, 80, 30),
            "code": [f"00{k}" for k in random.integers(1, 4, 30)],
            "seen": [f"2024-01-{k:02d}" for k in random.integers(1, 28, 30)],
            "note": [f"=1+{k}, free" for k in range(30)],
            "state": ["well"] * 22 + ["ill"] * 8,
        }
    )
    table.to_csv(tmp_path / "t.csv", index=False)
    return table


def test_a_table_gets_rows_with_their_origin(call, table):
    words = ("synth", "t.csv", "--label-column", "state", *TINY)
    status, out, _ = call(*words, "--per-class", "5", "--out", "more.csv")
    assert status == 0
    assert "10 rows" in out
    made = read_csv(_path("more.csv"))
    assert list(made.columns) == [
        *table.columns, "ganaug_row", "ganaug_agreement", "ganaug_distance",
    ]  # fmt: skip
    assert made["state"].value_counts().to_dict() == {"ill": 5, "well": 5}
    assert set(made["code"]) <= set(table["code"])
    origins = table.iloc[made["ganaug_row"] - 1]
    assert (origins["state"].to_numpy() == made["state"].to_numpy()).all()
    assert made["note"].str.startswith("'=1+").all()  # no spreadsheet runs it

    status, out, _ = call(*words, "--per-class", "5", "--out", "more.csv")
    assert status == 0
    assert "nothing was changed" in out
    status, _, err = call(*words, "--per-class", "6", "--out", "more.csv")
    assert status == 2
    assert "another counts" in err
    table.head(25).to_csv("t.csv", index=False)
    status, _, err = call(*words, "--per-class", "5", "--out", "more.csv")
    assert status == 2
    assert "another table" in err


def test_classes_are_balanced_and_json_is_printed(call, table):
    status, out, _ = call(
        "synth", "t.csv", "--label-column", "state", "--balance", "--json",
        "--filters", "none", *TINY,
    )  # fmt: skip
    assert status == 0
    assert json.loads(out)["counts"] == {"ill": 14}
    assert len(read_csv(_path("t-synthetic.csv"))) == 14


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--label-column", "sate"], "has no column 'sate' (did you mean state?)"),
        (["--label-column", "state", "--fill"], "--fill is for images"),
        (["--label-column", "state", "--out", "x.npz"], "must end in .csv"),
        (["--label-column", "state", "--category", "x"], "has no column 'x'"),
        (["--label-column", "state", "--set", "widht=3"], "there is no field 'widht'"),
        (["--label-column", "state", "--filters", "realism"], "no filter 'realism'"),
        (["--label-column", "state", "--class", "dead=3"], "dead"),
        ([], "lacks the column path and label"),
        ([], "name the column of its classes (--label-column)"),
    ],
)
def test_bad_requests_are_refused_in_one_line(call, table, words, said):
    number = [] if "--class" in words else ["--per-class", "5"]
    status, _, err = call("synth", "t.csv", *number, *words)
    assert status == 2
    assert said in err
    assert err.strip().splitlines()[-1].startswith("ganaug: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,y\n", "has no rows"),
        (b"a,a,y\n1,2,u\n", "has the column 'a' twice"),
        (b"a,,y\n1,2,u\n", "has no name above column 2"),
        (b"a,y\n1,u\n2,3,v\n", "has 3 fields in line 3, but 2 columns"),
        (b"a,y\n1,u\n\xe9,v\n", "is not UTF-8 in line 3"),
        (b"a,y\n1,u\n2,\n", "has 1 rows without y, first row 2"),
        (b"y\nu\nv\n", "has no column beside y"),
        (b"a,y\n1,u\ninf,u\n2,v\n", "column 'a' is infinite in row 1"),
        (b"a,y\n1,u\n1,u\n1,v\n", "no column of the table can be drawn"),
        (b"a,y,ganaug_row\n1,u,3\n2,v,4\n", "it holds rows that ganaug made"),
    ],
)
def test_bad_tables_are_refused_in_one_line(call, tmp_path, content, said):
    (tmp_path / "t.csv").write_bytes(content)
    status, _, err = call(
        "synth", "t.csv", "--label-column", "y", "--per-class", "2", *TINY
    )
    assert status == 2
    assert said in err


def test_a_list_of_images_is_no_table(call, tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "t.csv").write_text("path,label\na.png,u\n")
    status, _, err = call(
        "synth", "t.csv", "--label-column", "label", "--per-class", "2"
    )
    assert status == 2
    assert "lists image files in its column path; omit --label-column" in err


def _path(name):
    from pathlib import Path

    return Path.cwd() / name
