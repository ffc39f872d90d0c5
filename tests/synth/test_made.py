"""`verify more.csv`: written texts and drawn rows against what is beside them."""

import csv
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from ganaug import verify
from ganaug.synth.made.checking import check_made
from ganaug.tables.made_file import digest_entries
from ganaug.tables.settings import TableConfig
from ganaug.tables.synthesis import synthesize_rows
from ganaug.text.settings import TextConfig
from ganaug.text.synthesis import synthesize_texts

SMALL = TextConfig(
    images=64, gan_images=320, hidden=8, latent=6, embedding=4, batch=8, length=16
)
PLACES = ["Rome", "Bern", "Oslo", "Lima", "Bonn"]
PEOPLE = ["Bach", "Bohr", "Kant", "Sand", "Mann"]
TEXTS = [
    *[(f"where is {x} ?", "place") for x in PLACES],
    *[(f"=in which land, is {x} ?", "place") for x in PLACES],
    *[(f"who was {x} ?", "person") for x in PEOPLE],
    *[(f"when was {x} born ?", "person") for x in PEOPLE],
]


@pytest.fixture(scope="module")
def kept_texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    pd.DataFrame(TEXTS, columns=["text", "label"]).to_csv(folder / "t.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        made = synthesize_texts(
            folder / "t.csv", "text", "label", folder / "m.csv",
            lambda classes, real: dict.fromkeys(classes, 6), config=SMALL, rewrite=None,
        )  # fmt: skip
    assert made.values["made"] == {"person": 6, "place": 6}
    return folder


@pytest.fixture(scope="module")
def kept_rows(tmp_path_factory):
    folder, random = tmp_path_factory.mktemp("rows"), np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": random.integers(20, 80, 30),
            "height": random.normal(170, 10, 30),
            "code": [f"00{k}" for k in random.integers(1, 4, 30)],
            "note": [f"=1+{k}, free" for k in range(30)],
            "state": ["well"] * 22 + ["ill"] * 8,
        }
    )
    table.loc[3, "height"] = np.nan
    table.to_csv(folder / "t.csv", index=False)
    synthesize_rows(
        folder / "t.csv", "state", folder / "m.csv",
        lambda classes, real: dict.fromkeys(classes, 6),
        config=TableConfig(images=64, features=8),
    )  # fmt: skip
    return folder


@pytest.fixture
def texts(kept_texts, tmp_path):
    return shutil.copytree(kept_texts, tmp_path / "texts") / "m.csv"


@pytest.fixture
def rows(kept_rows, tmp_path):
    return shutil.copytree(kept_rows, tmp_path / "rows") / "m.csv"


def edit(path, change):
    """Change the lines of a CSV, the header among them."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    change(lines)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def set_field(row, column, value):
    def change(lines):
        lines[row][lines[0].index(column)] = value

    return change


def swap(lines):
    """Exchange two new texts of one class."""
    lines[1][0], lines[2][0] = lines[2][0], lines[1][0]


def copy_real(lines):
    lines[1][0] = "Who  was Bach ?"


def repeat(lines):
    lines[2][0] = lines[1][0].upper()


def set_entry(path, name, value, *, sealed=False):
    """Change an entry of the .json, and its digest with it."""
    file = path.with_name("m.csv.json")
    values = json.loads(file.read_text(encoding="utf-8"))
    values[name] = value
    if sealed:
        values["sha256"] = digest_entries(values)
    file.write_text(json.dumps(values), encoding="utf-8")


def say(path, **options):
    return [d.what for d in check_made(path, **{"sample": 64, **options}).differences]


def test_what_was_not_touched_is_as_recorded(texts, rows):
    for path in (texts, rows):
        assert check_made(path, sample=64) == ([], [])
        assert verify(path) == verify(path.with_name("m.csv.json")) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (set_field(1, "text", "who sings ?"), "row 1: ganaug_"),
        (set_field(1, "label", "place"), "row 1: class 'place', but the real row"),
        (set_field(1, "label", "thing"), "row 1: class 'thing' is none that m.csv.js"),
        (set_field(1, "text", " "), "row 1: the text is empty"),
        (set_field(1, "ganaug_row", "99"), "row 1: ganaug_row is 99, but there are 20"),
        (set_field(1, "ganaug_row", "0"), "row 1: ganaug_row is '0', not a number of"),
        (set_field(1, "ganaug_seed", "5"), "row 1: ganaug_seed is '5', not 0"),
        (set_field(1, "ganaug_synthetic", "0"), "ganaug_synthetic is '0', not 1"),
        (set_field(1, "ganaug_agreement", "0.1234"), "row 1: ganaug_agreement is 0.12"),
        (set_field(1, "ganaug_distance", "far"), "ganaug_distance is 'far', not a num"),
        (copy_real, "row 1: the same text as a real one"),
        (repeat, "row 2: the same text as row 1, an earlier one"),
        (lambda lines: lines.pop(3), "5 rows of class 'person', but m.csv.json has 6"),
        (lambda lines: lines.append(lines[1]), "row 13: the same text as row 1"),
        (lambda lines: [line.pop() for line in lines], "the column ganaug_seed is"),
        (lambda lines: lines[0].__setitem__(7, "x"), "the column x was not written by"),
        (lambda lines: lines[4].append("x"), "has 9 fields in line 5, but 8 columns"),
        (lambda lines: lines.clear(), "is empty"),
        (swap, "row 1: ganaug_"),
    ],
)  # fmt: skip
def test_a_change_of_the_texts_is_found(texts, change, what):
    edit(texts, change)
    assert any(what in said for said in say(texts)), say(texts)


def test_draws_and_bytes_tell_what_the_rows_alone_do_not(texts):
    def move(lines):  # rows of the same class in another order
        lines[1], lines[2] = lines[2], lines[1]

    edit(texts, move)
    assert any("drawn again" in said for said in say(texts))
    assert say(texts, sample=0) == ["altered: other bytes than when it was written"]
    set_entry(texts, "csv_sha256", "0")
    edit(texts, lambda lines: lines.pop(3))
    assert len(say(texts)) == 1  # the .json comes first
    assert "m.csv.json" in check_made(texts, sample=1).differences[0].path


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("top_p", 0.3, "drawn again"),
        ("seed", 3, "ganaug_seed is '0', not 3"),
        ("counts", {"person": 6, "place": 5}, "drawn again"),
        ("made", {"person": 6, "place": 5}, "6 rows of class 'place', but m.csv.json"),
        ("digest", "0", "on other texts"),
        ("top_p", 5.0, "top_p=5.0 is not allowed"),
        ("csv_sha256", "0", "altered: other bytes"),
    ],
)
def test_a_change_of_the_json_is_found(texts, name, value, what):
    set_entry(texts, name, value)
    (said,) = say(texts)
    assert "altered since it was written" in said
    set_entry(texts, name, value, sealed=True)  # its own digest does not tell any more
    assert any(what in said for said in say(texts)), say(texts)


def test_what_the_filters_refuse_is_counted(texts):
    values = json.loads(texts.with_name("m.csv.json").read_text(encoding="utf-8"))
    forced = values["tallies"]["place"]["forced"]
    assert forced > 0
    tallies = values["tallies"] | {"place": values["tallies"]["place"] | {"forced": 0}}
    set_entry(texts, "tallies", tallies, sealed=True)
    assert f"the filters refuse {forced} rows of class 'place'" in say(texts)[0]


def test_texts_are_checked_as_far_as_what_is_there_goes(texts, monkeypatch):
    shutil.rmtree(texts.with_name("m.csv.run"))
    found, notes = check_made(texts, sample=64)
    assert found == []
    assert len(notes) == 1
    assert "no text was drawn again" in notes[0]
    moved = texts.with_name("t.csv").rename(texts.with_name("moved.csv"))
    set_entry(texts, "source", "gone.csv", sealed=True)
    found, notes = check_made(texts, sample=64)
    assert found == []
    assert "the real texts are not there (--data)" in notes[1]
    edit(texts, swap)
    assert say(texts) == ["altered: other bytes than when it was written"]
    assert "row 1: ganaug_" in say(texts, data=moved)[0]


def test_other_software_may_draw_other_texts(texts):
    set_entry(texts, "environment", {"torch": "0.1"}, sealed=True)
    set_entry(texts, "top_p", 0.3, sealed=True)
    found, notes = check_made(texts, sample=64)
    assert found == []
    assert "came out differently when drawn again" in notes[0]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (set_field(1, "height", "180.5"), "row 1: "),
        (set_field(1, "age", "old"), "row 1: age is 'old', not a number"),
        (set_field(1, "state", "well"), "row 1: class 'well', but the real row"),
        (set_field(1, "note", "free"), "row 1: drawn again, it is"),
        (set_field(1, "ganaug_row", "31"), "row 1: ganaug_row is 31, but there are 30"),
        (set_field(1, "ganaug_distance", "99"), "row 1: ganaug_distance is 99, but"),
        (lambda lines: lines.pop(3), "5 rows of class 'ill', but m.csv.json has 6"),
        (lambda lines: lines.append(lines[1]), "7 rows of class 'ill', but m.csv.json"),
        (lambda lines: [line.pop(1) for line in lines], "the column height is missing"),
    ],
)
def test_a_change_of_the_rows_is_found(rows, change, what):
    edit(rows, change)
    assert any(what in said for said in say(rows)), say(rows)


def test_a_change_of_the_json_of_rows_is_found(rows):
    set_entry(rows, "counts", {"ill": 6})
    assert "altered since it was written" in say(rows)[0]
    set_entry(rows, "counts", {"ill": 6, "well": 5}, sealed=True)
    assert "6 rows of class 'well', but m.csv.json has 5" in say(rows)
    shutil.rmtree(rows.with_name("m.csv.run"))
    set_entry(rows, "source", "gone.csv", sealed=True)
    found, notes = check_made(rows, sample=64)
    assert [d.what for d in found] == ["6 rows of class 'well', but m.csv.json has 5"]
    assert "the real rows are not there" in notes[0]


def test_the_command_says_a_line_for_each_fault(call, texts):
    assert call("verify", str(texts))[:2] == (0, f"{texts}: all as recorded\n")
    edit(texts, set_field(3, "label", "place"))
    status, out, _ = call("verify", str(texts))
    assert status == 1
    assert out.splitlines()[-1] == f"{texts}: 3 differences"
    assert len(out.splitlines()) == 4
    status, out, _ = call("verify", str(texts), "--json")
    assert status == 1
    assert len(json.loads(out)["differences"]) == 3
    texts.with_name("m.csv.json").write_text("{")
    status, _, err = call("verify", str(texts))
    assert (status, "m.csv.json" in err) == (2, True)
    texts.with_name("m.csv.json").unlink()
    status, _, err = call("verify", str(texts))
    assert status == 2
    assert "has no m.csv.json beside it" in err
    status, _, err = call("verify", "none.csv")
    assert status == 2
    assert err.splitlines()[-1].startswith("ganaug: none.csv")
