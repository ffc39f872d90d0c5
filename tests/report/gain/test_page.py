"""The page about a gain: its verdict, figures and advice, all of them escaped."""

import json
import re
import shutil
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from gains import make_gain
from ganaug_cli.main import run as call_command

from ganaug.errors import RunError
from ganaug.gain.judgement.details import CellScore, ClassRecall
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.judgement.statistics import paired_interval
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, PLAIN_ARM, SYNTHETIC
from ganaug.report.gain.advice import describe_advice
from ganaug.report.gain.cells import describe_cells, list_wanted
from ganaug.report.gain.certainty import describe_certainty
from ganaug.report.gain.forest import describe_gains
from ganaug.report.gain.material import is_gain, open_gain
from ganaug.report.gain.page import SECTIONS, say_headline
from ganaug.report.gain.recalls import describe_recalls
from ganaug.report.gain.recipes import describe_kept, describe_recipes
from ganaug.report.gain.words import say_points, say_range
from ganaug.report.rendering import render_report

NASTY = ("<script>alert('x')</script>", '"><img src=x onerror=alert(1)>', "c", "d")
LEFT_OUT = ("cells", "shifted")  # sections that need domains or corrupted images
NOISE = {"helps": 0.01, "no difference": 0.001, "hurts": 0.01, "cannot tell": 0.03}
GAINS = {"helps": 0.06, "no difference": 0.0, "hurts": -0.06, "cannot tell": 0.0}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make folders `helps-gain` and so on, one for each verdict, of 12 classes."""
    root = tmp_path_factory.mktemp("gains")
    classes = tuple(f"kind {k}" for k in range(12))
    for word, gain in GAINS.items():
        path = root / f"{word.replace(' ', '-')}-gain"
        made = make_gain(path, classes=classes, gain=gain, noise=NOISE[word])
        assert made.verdict.word == word
    return root


def read_page(*args, **options):
    return render_report(*args, **options).read_text(encoding="utf-8")


def change_verdict(folder, *names):
    """Remove these from the details in verdict.json."""
    values = json.loads((folder / "verdict.json").read_text())
    for name in names:
        del values["details"][name]
    (folder / "verdict.json").write_text(json.dumps(values))


def say_steps(material):
    found = describe_advice(material)
    return found["lead"], [f"{step.why} {step.code}" for step in found["steps"]]


@pytest.mark.parametrize("word", GAINS)
def test_every_verdict_has_its_page(root, word):
    path = root / f"{word.replace(' ', '-')}-gain"
    page = read_page(path)
    assert (path / "report.html").is_file()
    found = re.findall(r'<section id="(\w+)"', page)
    assert found == [section.id for section in SECTIONS if section.id not in LEFT_OUT]
    assert f'class="band {word.replace(" ", "-")}"' in page
    assert GainResult.load(path).verdict.sentence in page
    assert page.count("<svg") == 1
    words = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    assert "opponent" not in words
    assert "floor" not in words
    title = re.search(r"<title>(.*?)</title>", page)
    assert say_headline(GainResult.load(path).verdict) in title[1]
    assert 'alt="A band of synthetic images' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    links = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert {link.split(":")[0] for link in links if link[0] != "#"} == {"data"}


def test_names_and_notes_are_escaped(tmp_path):
    path = tmp_path / "<i>a<b>-gain"
    details = {"notes": ["Class <u>x</u> stays whole."], "estimate": "<em>"}
    make_gain(path, classes=NASTY, details=details)
    page = read_page(path)
    body = page[: page.index("<script>")] + page[page.index("</script>") :]
    for raw in ("<script>alert", "<img src=x", "<i>a", "<u>", "<em>"):
        assert raw not in body, raw
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "Class &lt;u&gt;x&lt;/u&gt; stays whole." in page


def test_dots_and_rows_agree_with_the_intervals(root):
    material = open_gain(root / "cannot-tell-gain")
    gains = material.result.gains
    for arm in (PLAIN_ARM, OPPONENT, PLACEBO):
        dots = material.subtract(SYNTHETIC, arm)
        assert sorted(dots) == [0, 1, 2, 3, 4]
        assert np.mean(list(dots.values())) == pytest.approx(gains[arm].mean)
        assert np.std(list(dots.values()), ddof=1) == pytest.approx(gains[arm].spread)
    found = describe_gains(material)
    row = found["rows"][2]
    assert row["arm"] == "best training without GAN"
    assert row["gain"] == say_points(gains[OPPONENT].mean)
    assert row["range"] == say_range(gains[OPPONENT])
    assert len(found["splits"]) == 5
    assert row["gain"] in found["svg"]
    assert found["svg"].count("var(--synthetic)") >= 2 * (5 + 2)


def test_networks_that_failed_are_left_out_in_pairs(root, tmp_path):
    path = tmp_path / "a-gain"
    shutil.copytree(root / "helps-gain", path)
    lines = (path / "cells.csv").read_text().splitlines()
    kept = [line for line in lines if not line.startswith("0,placebo")]
    (path / "cells.csv").write_text("\n".join(kept) + "\n")
    found = describe_gains(open_gain(path))
    assert [row["better"] for row in found["rows"]] == ["5 of 5"] * 3 + ["4 of 4"]
    assert found["splits"][0][1][-1] == "–"


def test_help_is_put_to_use(root, tmp_path):
    lead, steps = say_steps(open_gain(root / "helps-gain"))
    assert lead == "Mix them in."
    assert f"ganaug synth DATA --recipe {root / 'helps-gain'} --out STORE" in steps[0]
    assert f'load_recipe("{root / "helps-gain"}")' in steps[1]
    assert 'recipe.loader(real, "STORE")' in steps[1]
    assert "best training without GAN (rand, cutmix)" in steps[1]
    assert "--classifier resnet18" in steps[2]
    shutil.copytree(root / "helps-gain", tmp_path / "my set-gain")
    (tmp_path / "my set").mkdir()
    _, steps = say_steps(open_gain(tmp_path / "my set-gain"))
    assert f"ganaug synth '{tmp_path / 'my set'}' --recipe" in steps[0]
    assert f'load_images("{tmp_path / "my set"}", size=(32, 32))' in steps[1]
    _, steps = say_steps(open_gain(tmp_path / "my set-gain", "photos"))
    assert "ganaug synth photos --recipe" in steps[0]
    assert "--out photos-synthetic" in steps[0]


def test_help_reads_the_images_as_the_gain_did(root):
    material = open_gain(root / "helps-gain")
    options = {**material.result.details.options, "pages": "all", "scale": "0:16"}
    details = replace(material.result.details, options=options)
    result = replace(material.result, details=details)
    _, steps = say_steps(replace(material, result=result, data="eyes"))
    assert "ganaug synth eyes --recipe" in steps[0]
    assert "--pages all --scale 0:16 --out" in steps[0]
    assert ', pages="all", scale="0:16")' in steps[1]


def test_no_help_is_left_alone(root, tmp_path):
    for name in ("hurts-gain", "no-difference-gain"):
        lead, steps = say_steps(open_gain(root / name))
        assert lead.startswith("Don’t use GAN images")
        assert "by the best training without GAN (rand, cutmix)." in steps[0]
        assert "recipe.loader(real)" in steps[0]
        assert f"--budget 2h --out {root / name}-longer" in steps[1]
    flat = {"minutes_per_split": None, "pretrained_run": True}
    make_gain(tmp_path / "a", classes=("a", "b"), each=200, **flat)
    _, steps = say_steps(open_gain(tmp_path / "a"))
    assert len(steps) == 2
    assert "--budget TIME" in steps[1]


@pytest.mark.parametrize(
    ("needed", "test", "said"),
    [
        (None, None, "No number of splits would be enough"),
        (7, None, "ganaug gain DATA --splits 7 --budget 42m --seed 1 --out"),
        (40, 99, "ganaug gain DATA --test TEST --splits 40 --budget 4h --seed 1 --out"),
    ],
)
def test_what_would_decide_is_said(root, needed, test, said):
    material = open_gain(root / "cannot-tell-gain")
    verdict = replace(material.result.verdict, splits_needed=needed)
    result = replace(material.result, verdict=verdict)
    lead, steps = say_steps(replace(material, result=result, identity={"test": test}))
    assert lead.startswith("Don’t use GAN images before")
    assert said in steps[1]


@pytest.mark.parametrize(
    ("options", "data", "said"),
    [
        (
            {"classifier": "resnet18", "weights": "w.pth", "frozen": True, "seed": 7},
            "eyes",
            "ganaug gain eyes --classifier resnet18 --weights w.pth --frozen --seed 8",
        ),
        (
            {"classifier": "small", "initialisations": 4, "margin": 0.02},
            "eyes",
            "ganaug gain eyes --initialisations 4 --margin 2 --splits 7 --budget 42m",
        ),
        (
            {"classifier": "small", "grouped": True},
            "eyes",
            "--splits 7 --budget 42m --seed 1 --group-regex REGEX --out",
        ),
        ({"classifier": "small", "grouped": True}, "eyes.csv", "42m --seed 1 --out"),
        ({"classifier": "small", "grouped": True}, "eyes.npz", "42m --seed 1 --out"),
        (
            {"classifier": None, "seed": 7, "grouped": True},
            "eyes",
            "measure_gain('eyes', classifier=CLASSIFIER, seed=8, splits=7, budget=42, "
            "out='",
        ),
        (
            {"classifier": "small", "grouped": True, "pages": "all", "scale": "0:16"},
            "eyes",
            "gain eyes --pages all --scale 0:16 --splits 7 --budget 42m --seed 1",
        ),
        (
            {"classifier": None, "scale": "0:16"},
            "eyes",
            "measure_gain(load_images('eyes', scale='0:16'), classifier=CLASSIFIER, ",
        ),
    ],
)
def test_measuring_again_asks_for_the_same(root, options, data, said):
    material = open_gain(root / "cannot-tell-gain")
    verdict = replace(material.result.verdict, splits_needed=7)
    details = replace(material.result.details, options=options)
    result = replace(material.result, verdict=verdict, details=details)
    _, steps = say_steps(replace(material, result=result, data=data))
    assert said in steps[1]


def test_a_gan_that_drew_nothing_wants_time(root):
    material = open_gain(root / "cannot-tell-gain")
    verdict = replace(material.result.verdict, empty=5)
    result = replace(material.result, verdict=verdict)
    _, steps = say_steps(replace(material, result=result))
    assert "No image that the GAN drew passed the filters" in steps[1]
    assert "--budget" in steps[1]


def test_a_single_split_wants_five(tmp_path):
    one = make_gain(tmp_path / "one", classes=("a", "b"), gain=0.1, splits=1)
    assert one.verdict.word == "cannot tell"
    _, steps = say_steps(open_gain(tmp_path / "one"))
    assert "--splits 5 --budget 30m" in steps[1]
    page = read_page(tmp_path / "one")
    assert "no interval" in page
    assert "p (t)" not in page
    assert "(p = " not in page
    assert "nan" not in page.lower().replace("nadeau", "")


def test_certainty_names_what_it_rests_on(root):
    facts = dict(describe_certainty(open_gain(root / "helps-gain"))["facts"])
    assert "4 degrees of freedom" in facts["The interval"]
    assert "s² (1/5 + 0.25)" in facts["Splits that share images"]
    assert "2/2^5 = 0.0625" in facts["Flipping signs"]
    assert "8 times out of 10" in facts["What could be found"]
    assert not {"Shared test images", "Fits that failed"} & set(facts)


def test_shared_test_images_and_failed_fits(tmp_path):
    path = tmp_path / "a"
    options = {"shared_test": True, "overlap": 0.0, "details": {"failed_fits": 2}}
    make_gain(path, classes=("a", "b", "c"), noise=0.02, splits=17, **options)
    facts = dict(describe_certainty(open_gain(path))["facts"])
    assert "Splits that share images" not in facts
    assert "The losses of 2 fits stopped being finite" in facts["Fits that failed"]
    assert "drawn at random" in facts["Flipping signs"]


def test_splits_that_all_gain_the_same_are_no_certainty(tmp_path):
    make_gain(tmp_path / "a", classes=("a", "b"), gain=0.1, each=20)
    material = open_gain(tmp_path / "a")
    rival = "best training without GAN"
    assert describe_gains(material)["flat"] == ["plain", "standard", rival, PLACEBO]
    facts = dict(describe_certainty(material)["facts"])
    assert "is taken as their spread (2.5 points)" in facts["The interval"]
    verdict = replace(material.result.verdict, empty=5)
    empty = replace(material, result=replace(material.result, verdict=verdict))
    facts = dict(describe_certainty(empty)["facts"])
    assert "nothing was measured" in facts["What could be found"]
    details = replace(material.result.details, minimum_detectable_gain=None)
    wide = replace(material, result=replace(material.result, details=details))
    facts = dict(describe_certainty(wide)["facts"])
    assert "With splits that differ so much," in facts["What could be found"]


def test_what_the_placebo_was_made_of_is_said(tmp_path):
    again = {"again": ["rand", "none", "rand", "none", "none"]}
    make_gain(tmp_path / "a", classes=("a", "b"), details=again)
    found = describe_recipes(open_gain(tmp_path / "a"))
    assert found["columns"][-1] == "images of the placebo"
    assert [recipes[-1] for _, recipes in found["rows"]] == [
        "augmented again", "unchanged", "augmented again", *["unchanged"] * 2
    ]  # fmt: skip


def test_recalls_are_sorted_and_many_are_folded(tmp_path):
    classes = tuple(f"kind {k}" for k in range(80))
    made = make_gain(tmp_path / "a", classes=classes, gain=0.02, each=8)
    recalls = {**made.details.recalls, "kind 7": ClassRecall(None, None, None)}
    replace(made, details=replace(made.details, recalls=recalls)).save()
    found = describe_recalls(open_gain(tmp_path / "a"))
    rows = [*found["first"], *found["middle"], *found["last"]]
    assert len(rows) == found["tested"] == 79
    assert len(found["middle"]) == 49
    changes = [row["change"] for row in rows]
    assert changes == sorted(changes, reverse=True)
    assert found["untested"] == ["kind 7"]
    assert found["up"] + found["down"] <= 79
    places = [place for row in rows for place in row["places"]]
    assert 0 <= min(places) < max(places) <= 100
    assert "49 classes in between" in read_page(tmp_path / "a")


def test_recipes_and_what_was_kept(root):
    material = open_gain(root / "helps-gain")
    found = describe_recipes(material)
    assert found["columns"] == ["best training without GAN", "with GAN images"]
    assert (found["times"], found["splits"]) == (4, 5)
    assert "25\xa0% synthetic" in found["recipe"]
    kept = describe_kept(material)
    assert kept["short"] == 3
    assert [row["kept"] for row in kept["rows"]] == [600] * 3 + [1000] * 9
    assert kept["rows"][0] == {"name": "kind 3", "kept": 600, "part": 60.0}


def test_a_result_without_extras_still_has_a_page(root, tmp_path):
    shutil.copytree(root / "helps-gain", tmp_path / "bare")
    for name in ("settings.json", "splits.json"):
        (tmp_path / "bare" / name).unlink()
    pool = tmp_path / "bare" / "cells" / "split-00" / "pool.npz"
    pool.write_bytes(b"PK torn")
    change_verdict(
        tmp_path / "bare", *("splits", "again", "notes", "settings", "estimate"),
        *("minutes", "fingerprint", "options", "counts", "tested on"),
    )  # fmt: skip
    found = GainResult.load(tmp_path / "bare").details
    assert found.options == {"classifier": "small"}
    assert (found.settings, found.minutes, found.counts) == (None, None, {})
    page = read_page(tmp_path / "bare")
    assert "GAN images help" in page
    assert "<img" not in page


def test_bad_folders_are_one_line(root, tmp_path):
    shutil.copytree(root / "helps-gain", tmp_path / "begun")
    (tmp_path / "begun" / "verdict.json").unlink()
    assert is_gain(tmp_path / "begun")
    with pytest.raises(RunError, match="has no verdict; run ganaug gain"):
        render_report(tmp_path / "begun", tmp_path / "begun.html")
    assert not (tmp_path / "begun.html").exists()
    shutil.copytree(root / "helps-gain", tmp_path / "torn")
    (tmp_path / "torn" / "settings.json").write_text("{")
    with pytest.raises(RunError, match=r"settings\.json is damaged"):
        render_report(tmp_path / "torn")
    shutil.copytree(root / "helps-gain", tmp_path / "other")
    change_verdict(tmp_path / "other", "arms")
    with pytest.raises(RunError, match="lacks arms"):
        render_report(tmp_path / "other")


def test_words():
    assert [say_points(x / 100) for x in (0, -0.001, 0.04, -1.25, 10)] == [
        "0.0", "0.0", "+0.04", "−1.2", "+10.0",
    ]  # fmt: skip
    assert say_range(paired_interval([0.1])) == "no interval"


def test_the_command(root, tmp_path, monkeypatch, capsys):
    out = tmp_path / "a.html"
    words = ["ganaug", "report", str(root / "helps-gain"), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        call_command()
    assert not ended.value.code
    assert "a.html: open it in a browser" in capsys.readouterr().out
    assert "GAN images help" in out.read_text(encoding="utf-8")


def test_a_file_beside_the_folder_is_the_data(tmp_path):
    make_gain(tmp_path / "eyes-gain", classes=("a", "b"))
    assert open_gain(tmp_path / "eyes-gain").data == "DATA"
    (tmp_path / "eyes.npz").touch()
    assert open_gain(tmp_path / "eyes-gain").data == str(tmp_path / "eyes.npz")
    (tmp_path / "eyes").mkdir()
    assert open_gain(tmp_path / "eyes-gain").data == "DATA", "which of the two?"


def test_cells_are_shown_with_what_to_photograph(tmp_path):
    cells = (
        CellScore("a<b", "lamp", 40, False, 0.9, 0.9),
        CellScore("a<b", "sun", 0, True, 0.2, 0.6),
        CellScore("c", "lamp", 3, True, 0.7, 0.8),
        CellScore("c", "sun", 40, False, 0.95, None),
    )
    make_gain(
        tmp_path / "x-gain", classes=("a<b", "c"), gain=0.06, noise=0.01,
        details={"cells": cells},
    )  # fmt: skip
    page = read_page(tmp_path / "x-gain")
    assert "20 → 60" in page
    assert "a&lt;b" in page
    assert "0, empty" in page
    assert "3, thin" in page
    assert page.count('class="own tested"') == 2
    found = describe_cells(open_gain(tmp_path / "x-gain"))
    assert not found["hidden"]
    wanted = [(cell["name"], cell["points"]) for cell in found["wanted"]]
    assert wanted == [("a<b in sun", "+35.0"), ("c in lamp", "+10.0")]
    without = list_wanted(cells, filled=False)
    assert [cell["points"] for cell in without] == ["+75.0", "+20.0"]


def test_pages_without_domains_have_no_cells(root):
    assert "Cell by cell" not in read_page(root / "helps-gain")
