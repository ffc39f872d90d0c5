"""`ganaug text synth DATA.csv`: texts, provenance, odd and bad input."""

import json

import pandas as pd
import pytest

from ganaug.tables.csv_file import read_csv

TINY = [
    f"--set={name}={n}"
    for name, n in {
        "images": 16, "gan_images": 320, "hidden": 8, "latent": 6, "embedding": 4,
        "batch": 8, "length": 16,
    }.items()
]  # fmt: skip
ROWS = [
    ("where is Rome ?", "place"),
    ("in which land is Bern ?", "place"),
    ("=cmd, where ?", "place"),
    ('who said "no", and\nwhy ?', "person"),
    ("who was Bohr ?", "person"),
]


@pytest.fixture
def data(tmp_path):
    table = pd.DataFrame(ROWS, columns=["text", "label"])
    table.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_texts_get_further_ones_with_their_origin(call, data):
    (data.parent / "more.txt").write_text("where is Oslo ?\n\nwho was Kant ?\n")
    words = ("text", "synth", "t.csv", "--unlabelled", "more.txt", "--whole", *TINY)
    status, out, _ = call(*words, "--per-class", "3", "--out", "m.csv")
    assert status == 0
    assert "6 texts" in out
    made = read_csv(data.parent / "m.csv")
    assert list(made.columns) == [
        "text", "label", "ganaug_synthetic", "ganaug_row", "ganaug_agreement",
        "ganaug_distance", "ganaug_fluency", "ganaug_seed",
    ]  # fmt: skip
    assert made["label"].value_counts().to_dict() == {"person": 3, "place": 3}
    origins = [ROWS[k - 1][1] for k in made["ganaug_row"]]
    assert origins == made["label"].tolist()
    known = json.loads((data.parent / "m.csv.json").read_text())
    assert known["unlabelled"] == "more.txt"
    assert known["made"] == {"person": 3, "place": 3}

    before = (data.parent / "m.csv").read_bytes()
    assert (
        "nothing was changed" in call(*words, "--per-class", "3", "--out", "m.csv")[1]
    )
    for name in ("m.csv", "m.csv.json"):
        (data.parent / name).unlink()
    assert call(*words, "--per-class", "3", "--out", "m.csv")[0] == 0
    assert (data.parent / "m.csv").read_bytes() == before
    status, _, err = call(*words, "--per-class", "4", "--out", "m.csv")
    assert status == 2
    assert "another counts" in err


@pytest.mark.parametrize(
    "rows",
    [
        [("今天天气很好", "1"), ("我想订一张机票", "2")],
        [("أين المحطة؟", "1"), ("كم الساعة الآن؟", "2")],
        [("👩‍👩‍👧 I ❤️ it", "1"), ("🇨🇭 no", "2")],
        [("x" * 200_000, "1"), ("y z", "2")],
    ],
    ids=["chinese", "arabic", "emoji", "long"],
)
def test_odd_texts_with_one_for_each_class(call, tmp_path, rows):
    table = pd.DataFrame(rows, columns=["words", "y"])
    table.to_csv(tmp_path / "t.csv", index=False)
    words = (
        "text", "synth", "t.csv", "--text-column", "words", "--label-column", "y",
        "--class", "2=1", "--json", *TINY,
    )  # fmt: skip
    status, _, err = call(*words)  # one text alone gives nothing to write it anew by
    assert status == 2
    assert "repeats a real one" in err
    assert not (tmp_path / "t-synthetic.csv").exists()
    status, out, _ = call(*words, "--whole")
    assert status == 0
    assert json.loads(out)["counts"] == {"2": 1}
    assert len(read_csv(tmp_path / "t-synthetic.csv")) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--text-column", "texts"], "has no column 'texts' (did you mean text?)"),
        (["--label-column", "y"], "has no column 'y'"),
        (["--label-column", "text"], "both name text; name two columns"),
        (["--out", "x.txt"], "must end in .csv"),
        (
            ["--filters", "fluent"],
            "no filter 'fluent' for texts (did you mean fluency?)",
        ),
        (["--set", "hiden=3"], "there is no field 'hiden'"),
        (["--class", "plaec=3"], "plaec"),
        (["--unlabelled", "none.txt"], "none.txt cannot be read"),
        (["--top-p", "0"], "top_p=0.0 is not allowed"),
        (["--budget", "soon"], "--budget soon is not a time"),
    ],
)
def test_bad_requests_are_refused_in_one_line(call, data, words, said):
    number = [] if "--class" in words else ["--per-class", "1"]
    status, _, err = call("text", "synth", "t.csv", *number, *words)
    assert status == 2
    assert said in err
    assert err.strip().splitlines()[-1].startswith("ganaug: ")
    assert not (data.parent / "t-synthetic.csv.run").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"text,label\na,u\n\xe9,v\n", "is not UTF-8 in line 3"),
        (b"text,label\na,u\n  ,v\n,v\n", "has 2 rows without text, first row 2"),
        (b"text,label\na,u\nb,\n", "has 1 row without label, first row 2"),
        (b"text,label\na,u\nb,c,v\n", "has 3 fields in line 3, but 2 columns"),
        (b"text;label\na;u\n", "has semicolons between its columns; save it with com"),
        (b"text\tlabel\na\tu\n", "has tabs between its columns"),
        (b"text,label,ganaug_row\na,u,1\n", "holds texts that ganaug made"),
    ],
)
def test_bad_files_are_refused_in_one_line(call, tmp_path, content, said):
    (tmp_path / "t.csv").write_bytes(content)
    status, _, err = call("text", "synth", "t.csv", "--per-class", "1")
    assert status == 2
    assert said in err
