"""What `ganaug inspect` says of a set, and of a plan."""

import json

import numpy as np
import pytest
import torch
from ganaug_cli.inspect import (
    _print_plan,
    _print_tables,
    describe_checks,
    inspect_data,
)
from ganaug_cli.shared.cells import tabulate
from ganaug_cli.shared.plan_words import describe_plan

from ganaug import load_images
from ganaug.data.cells import CellTable
from ganaug.data.confounding.inspection import DomainInspection
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.gan.plan import make_plan

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)


def fingerprint(**fields):
    pixels = PIXELS[[0, 1, 2, 3, 4, 0]]
    labels = np.array([0, 0, 0, 0, 1, 1])
    names = tuple(f"{i}.png" for i in range(6))
    data = LabelledImages(pixels, labels, ("[red]", "b\udce9"), names=names, **fields)
    return take_fingerprint(data)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (64, 80, 80, 3), np.uint8)
    return LabelledImages(pixels, np.arange(64) // 60, ("many", "few"))


@pytest.fixture
def plan(images, monkeypatch):
    monkeypatch.setattr("ganaug.gan.timing._time_steps", lambda *_: 2.0)
    monkeypatch.setattr("ganaug.gan.timing._snapshot_seconds", lambda *_: 0.0)
    overrides = {"loss": "hinge", "base_channels": 16, "precision": "float32"}
    return make_plan(
        images, take_fingerprint(images), device=torch.device("cpu"),
        overrides=overrides, budget=10,
    )  # fmt: skip


@pytest.mark.parametrize("given", [{"fast": True}, {"device": "cpu"}])
def test_options_of_the_plan_ask_for_it(images, monkeypatch, capsys, given):
    asked = []

    def plan(data, rules, options, *, strict):
        asked.append(options)
        return images, fingerprint(), None

    monkeypatch.setattr("ganaug_cli.inspect._plan", plan)
    inspect_data("digits", **given)
    assert [getattr(asked[0], name) for name in given] == list(given.values())


def test_cells_and_what_is_wrong_with_them(capsys):
    inspect_data("digits-domains")
    said = " ".join(capsys.readouterr().out.split())
    assert "22 seen, 0 thin, 18 empty" in said
    assert said.count("all 24 images of 4 come from plain") == 1
    inspect_data("digits-domains", as_json=True)
    values = json.loads(capsys.readouterr().out)
    assert values["cells"]["domains"] == ["dim", "inverted", "photo", "plain"]
    assert values["domains"]["recognition"]["accuracy"] > 0.9


def test_unlabelled_images_are_compared_with_labelled_ones(tmp_path, capsys):
    digits = load_images("digits-domains").images
    pool = np.concatenate([digits[:3], 255 - digits[3:40]])
    np.savez(tmp_path / "pool.npz", images=pool)
    given = [f"later={tmp_path / 'pool.npz'}"]
    inspect_data("digits-domains", unlabelled=given)
    said = " ".join(capsys.readouterr().out.split())
    assert "40 unlabelled images of later, 3 of them copies of labelled ones" in said
    inspect_data("digits-domains", unlabelled=given, as_json=True)
    (found,) = json.loads(capsys.readouterr().out)["domains"]["pools"]
    assert (found["domain"], found["copies"]) == ("later", 3)


def test_many_domains_make_a_compact_table():
    counts = tuple(tuple((i + k) % 10 for i in range(200)) for k in range(3))
    names = tuple(f"d{i}" for i in range(200))
    columns, rows = tabulate(CellTable(("a", "b", "c"), names, counts, (0, 2, 0)))
    assert columns == (
        "class", "seen cells #", "thin cells #", "empty cells #", "unknown #"
    )  # fmt: skip
    assert rows[1] == ("b", "40", "140", "20", "2")


def test_checks_state_every_finding():
    found = fingerprint(data_size=(80, 80), size_range=((8, 8), (90, 90)))
    rows = dict(describe_checks(found))
    assert rows["size (h × w)"] == "80 × 80, uneven: 8 × 8 to 90 × 90, read at 8 × 8"
    assert rows["channels"] == "RGB"
    assert rows["imbalance"] == "2.0 : 1"
    assert rows["equal images with different labels"] == "2"
    assert rows["such as"] == "0.png = 5.png"
    assert rows["left-right flips"] == "not tested (--plan does, without --fast)"


def test_tables_print_names_as_they_are(capsys):
    found = fingerprint(skipped=(("x[1].png", "empty file"),), notes=("[note]",))
    _print_tables(found, DomainInspection())
    text = capsys.readouterr().out
    for word in ("[red]", "b\\udce9", "x[1].png", "empty file", "[note]"):
        assert word in text


def test_a_plan_is_a_few_lines_of_words(plan, images):
    rows = dict(describe_plan(plan, images))
    assert list(rows) == [
        "image size", "larger", "time", "held out", "mirroring",
        "base_channels", "loss", "class_sampling", "precision",
    ]  # fmt: skip
    assert rows["image size"].startswith("32 × 32 pixels, colour: smaller than")
    assert rows["time"] == (
        "10 minutes of training: 19,200 images at 32 a second on this machine, only a "
        "third of what such images need (--budget 32m)"
    )
    assert rows["held out"] == "9 of 64 images, to judge the GAN's images by"
    assert rows["mirroring"] == "no left-right: not checked; no up-down: not checked"
    assert rows["loss"] == "hinge: as you asked"
    assert rows["class_sampling"] == "sqrt: classes differ 15-fold in size"


def test_every_setting_of_a_plan_is_listed_on_request(plan, images, capsys):
    _print_plan(plan, images, every=False)
    assert "gamma" not in capsys.readouterr().out
    _print_plan(plan, images, every=True)
    assert "gamma" in capsys.readouterr().out
