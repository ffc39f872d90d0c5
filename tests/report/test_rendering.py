"""The page: every section, for finished and unfinished runs, whole in one file."""

import json
import re
import shutil
import sys
import webbrowser
from itertools import pairwise

import numpy as np
import pytest
from ganaug_cli.main import run as call_command

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.errors import DataError, StoreError
from ganaug.gan.plan import Plan
from ganaug.gan.training import train
from ganaug.report.rendering import SECTIONS, render_report
from ganaug.report.run.reading.candidates import WEAKEST
from ganaug.synth.store import manifest
from ganaug.synth.synthesis import synthesize

NASTY = ("<script>alert('x')</script>", '"><img src=x onerror=alert(1)> {{ 7*7 }}')
TINY = {
    "height": 8, "width": 8, "channels": 1, "base_channels": 16, "max_channels": 16,
    "latent": 8, "batch": 16, "images": 160, "snapshots": 2,
}  # fmt: skip


def make_images(*, classes=NASTY, n=40, size=8, channels=1):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (n, size, size, channels), np.uint8)
    return LabelledImages(
        pixels, np.arange(n) % len(classes), classes, data_size=(size, size)
    )


@pytest.fixture(scope="module")
def images():
    return make_images()


@pytest.fixture(scope="module")
def root(tmp_path_factory, images):
    """Make a folder with a run `pets.run` and its store `pets`."""
    root = tmp_path_factory.mktemp("report")
    plan = Plan(TrainConfig(**TINY), {"batch": "<b>small</b>"}, 100.0, 0.1)
    train(images, root / "pets.run", config=plan, device="cpu")
    asked = {"per_class": 6, "filters": None, "command": "ganaug <synth>"}
    synthesize(root / "pets.run", root / "pets", **asked)
    return root


def read_page(*args, **options):
    return render_report(*args, **options).read_text(encoding="utf-8")


def sections_of(page):
    return re.findall(r'<section id="(\w+)"', page)


def write_screening(store, images):
    first = images.classes[0]
    path = next(store.glob("*/*.png")).relative_to(store).as_posix()
    found = {
        "format": 1,
        "classes": {
            first: {
                "wanted": 6, "accepted": 4, "drawn": 9,
                "rejected": {"label": 3, "copy": 2}, "note": "<i>hard</i>",
            }
        },
        "closest": [{"path": path, "class": first, "real": 3, "distance": 0.4}],
        "memorisation": {
            "too_close": 0.25,
            "ct": {first: {"z": None, "note": "not enough held-out images"}},
        },
        "notes": ["A <u>note</u>."],
        "recognised": {first: {first: 6, images.classes[1]: 3}},
    }  # fmt: skip
    (store / "screening.json").write_text(json.dumps(found))


def write_scores(store):
    """Give accepted rows a score, and add three candidates that were rejected."""
    table = store / manifest.MANIFEST_FILE
    rows = [row._replace(label_score="0.5") for row in manifest.read_rows(table, None)]
    bad = rows[0]._replace(path="", kept=0, reason="label")
    table.unlink()
    manifest.start_manifest(table)
    more = [bad._replace(place=100 + k) for k in range(3)]
    manifest.append_rows(table, [*rows, *more])


def test_everything_is_in_one_escaped_file(root, images, tmp_path):
    for name in ("pets", "pets.run"):
        shutil.copytree(root / name, tmp_path / name)
    store = tmp_path / "pets"
    write_screening(store, images)
    write_scores(store)
    columns = "class,metric,features,value,low,high,floor,synthetic,real,reference"
    rows = ["all,kernel,<net>,0.2,0.1,0.3,0.05,12,6,6 held-out images"]
    rows += ["cat,kernel,<net>,0.2,,,nan,6,3,6 held-out images"]
    (store / "evaluation.csv").write_text("\n".join([columns, *rows]) + "\n")
    page = read_page(store, data=images)
    every = [section.id for section in SECTIONS]
    assert sections_of(page) == [
        name for name in every if name not in ("carried", "cells", "styled")
    ]  # no domains
    body = page[: page.index("<script>")] + page[page.index("</script>") :]
    for raw in ("<script>alert", "<img src=x", "<b>", "<i>hard", "<u>", "<net>", ">49"):
        assert raw not in body, raw
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "ganaug &lt;synth&gt;" in page
    assert "not enough held-out images" in page
    assert "&lt;i&gt;hard&lt;/i&gt;." in page
    assert "real vs real 0.05" in page
    assert "25\xa0%<span" in page, "a quarter of what real images reach"
    assert "floor" not in body
    assert page.count('<details class="fold">') == 7
    links = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert {link.split(":")[0] for link in links if link[0] != "#"} == {"data"}
    assert set(re.findall(r"url\((.)", page)) == {"#"}
    assert page.count("Rejected candidate for class") == 3
    assert page.count(", label score 0.50") == 2 * WEAKEST


def test_ids_are_unique_and_headings_in_order(root, images):
    page = read_page(root / "pets", root / "page.html", data=images)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert all("alt=" in tag for tag in re.findall(r"<img[^>]*>", page))


def test_a_run_alone_and_a_store_alone(root, images, tmp_path):
    shutil.copytree(root / "pets", tmp_path / "pets")
    alone = read_page(tmp_path / "pets")
    assert (tmp_path / "pets" / "report.html").is_file()
    assert {"gallery", "map", "interpolations", "recipe"} <= set(sections_of(alone))
    assert "The real images were not found" in alone
    assert "film" not in sections_of(alone)
    run = read_page(root / "pets.run", tmp_path / "run.html", data=images)
    assert {"gallery", "film", "curves", "map"} <= set(sections_of(run))
    assert "&lt;b&gt;small&lt;/b&gt;" in run


def test_an_unfinished_run_says_so(root, images, tmp_path):
    shutil.copytree(root / "pets.run", tmp_path / "run")
    (tmp_path / "run" / "generator.safetensors").unlink()
    page = read_page(tmp_path / "run", data=images)
    assert "The training is not finished: it has seen 160 of 160 images" in page
    assert {"gallery", "film", "map"} <= set(sections_of(page))
    for name in ("samples", "snapshots"):
        shutil.rmtree(tmp_path / "run" / name)
    (tmp_path / "run" / "metrics.jsonl").unlink()
    page = read_page(tmp_path / "run", data=images)
    assert "it has seen 0 of 160 images" in page
    assert "film" not in sections_of(page)


@pytest.mark.parametrize("conditioning", ["separate", "none"])
@pytest.mark.parametrize(("classes", "channels"), [(("one",), 4), (("a", "b"), 3)])
def test_other_runs(tmp_path, conditioning, classes, channels):
    images = make_images(classes=classes, n=24, channels=channels)
    config = TrainConfig(**TINY).replace(conditioning=conditioning, channels=channels)
    train(images, tmp_path / "a.run", config=config, device="cpu")
    synthesize(tmp_path / "a.run", tmp_path / "a", per_class=3, filters=None)
    page = read_page(tmp_path / "a", data=images)
    assert {"gallery", "film", "curves", "map"} <= set(sections_of(page))


@pytest.mark.slow
def test_a_heavy_page_stays_small(tmp_path):
    classes = tuple(f"kind {k}" for k in range(20))
    images = make_images(classes=classes, n=400, size=96, channels=3)
    config = TrainConfig(**TINY).replace(
        height=96, width=96, channels=3, images=32, snapshots=1, network="dcgan"
    )
    train(images, tmp_path / "run", config=config, device="cpu")
    page = render_report(tmp_path / "run", data=images)
    assert page.stat().st_size < 10e6


def test_names_that_are_not_unicode(tmp_path):
    images = make_images(classes=("caf\udce9", "b"))
    train(images, tmp_path / "run", config=TrainConfig(**TINY), device="cpu")
    assert "caf\\udce9" in read_page(tmp_path / "run", data=images)


def test_bad_requests_are_one_line(root, images, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match="contains no run, store or gain"):
        render_report(tmp_path / "empty")
    with pytest.raises(StoreError, match="does not exist"):
        render_report(tmp_path / "nothing")
    with pytest.raises(StoreError, match="is a folder; name a file in it"):
        render_report(root / "pets", tmp_path / "empty", data=images)
    with pytest.raises(DataError, match="other images"):
        render_report(root / "pets", data=make_images(n=20))
    shutil.copytree(root / "pets", tmp_path / "torn")
    next((tmp_path / "torn").glob("*/*.png")).write_bytes(b"")
    with pytest.raises(StoreError, match="is damaged"):
        render_report(tmp_path / "torn", data=images)


@pytest.mark.parametrize(("found", "said"), [(True, "open in"), (False, "open it in")])
def test_the_command_opens_the_page(root, monkeypatch, capsys, found, said):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: opened.append(uri) or found)
    monkeypatch.setattr(sys, "argv", ["ganaug", "report", str(root / "pets"), "--open"])
    with pytest.raises(SystemExit) as ended:
        call_command()
    assert not ended.value.code
    assert opened == [(root / "pets" / "report.html").as_uri()]
    assert said in capsys.readouterr().out


def test_the_command(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        sys, "argv",
        ["ganaug", "report", str(root / "pets"), "--out", str(tmp_path / "a.html")],
    )  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        call_command()
    assert not ended.value.code
    assert "a.html: open it in a browser" in capsys.readouterr().out
    assert (tmp_path / "a.html").stat().st_size > 10_000
