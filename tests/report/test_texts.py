"""The page about new texts."""

import pytest

from ganaug import render_report
from ganaug.errors import DataError, StoreError
from ganaug.report.text.examples import describe_closest, describe_examples
from ganaug.report.text.material import open_texts
from ganaug.text.settings import TextConfig
from ganaug.text.synthesis import synthesize_texts

TITLES = (
    "Real beside synthetic", "Closest to a real text", "Fluency",
    "What classifiers saw", "Make it again",
)  # fmt: skip
TINY = TextConfig(
    images=16, gan_images=320, hidden=8, latent=6, embedding=4, batch=8, length=16
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    names = ["Rome", "Bern", "<b>Oslo</b>", "Lima"]
    rows = [f"where is {n} ?,place" for n in names] + [
        f"=who was {n} ?,person" for n in names
    ]
    (folder / "t.csv").write_text("\n".join(["text,y", *rows]))
    (folder / "u.txt").write_text("where was Kant ?\n")
    synthesize_texts(
        folder / "t.csv", "text", "y", folder / "more.csv",
        lambda classes, real: dict.fromkeys(classes, 6),
        config=TINY, unlabelled=folder / "u.txt",
    )  # fmt: skip
    return folder


def test_the_page_has_its_sections_and_nothing_from_outside(folder):
    page = render_report(folder / "more.csv")
    assert page == folder / "more.csv.html"
    text = page.read_text()
    for title in TITLES:
        assert title in text
    assert "<b>Oslo" not in text
    assert "--unlabelled" in text
    assert "--set=images=16" in text
    assert "--filters" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_texts_stand_beside_the_real_ones(folder):
    material = open_texts(folder / "more.csv")
    groups = describe_examples(material)["groups"]
    assert [group["name"] for group in groups] == ["person", "place"]
    for group in groups:
        assert len(group["rows"]) == 5
        for row in group["rows"]:
            assert row["origin"] in material.real.texts
            assert row["nearest"] in material.real.texts
    closest = describe_closest(material)["rows"]
    distances = [row["distance"] for row in closest]
    assert distances == sorted(distances)


def test_without_the_real_texts_the_page_says_so(folder, tmp_path):
    for name in ("more.csv", "more.csv.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    values = tmp_path / "more.csv.json"
    values.write_text(
        values.read_text().replace(str(folder / "t.csv"), str(tmp_path / "gone.csv"))
    )
    said = render_report(tmp_path / "more.csv").read_text()
    assert "The real texts are not shown" in said
    assert "Fluency" not in said
    again = render_report(tmp_path / "more.csv", data=folder / "t.csv").read_text()
    assert "Fluency" in again
    with pytest.raises(DataError, match="cannot be read"):
        render_report(tmp_path / "more.csv", data=tmp_path / "gone.csv")


def test_altered_files_are_refused_in_one_line(folder, tmp_path):
    for name in ("more.csv", "more.csv.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    csv, before = tmp_path / "more.csv", (folder / "more.csv").read_text()
    csv.write_text(before.replace(",person,", ",dead,"))
    with pytest.raises(StoreError, match="a class 'dead'"):
        render_report(csv)
    csv.write_text(before.replace("ganaug_fluency", "fluency"))
    with pytest.raises(StoreError, match="no column ganaug_fluency"):
        render_report(csv)
    csv.write_text(before.replace(",person,1,", ",person,1,x"))
    with pytest.raises(StoreError, match="no numbers in row 1"):
        render_report(csv)
