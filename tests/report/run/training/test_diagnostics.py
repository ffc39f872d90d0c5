"""Diagnostics on the page: charts, alarms in words and where they rang, the choice."""

import json

import numpy as np
import pytest

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.gan.monitoring.alarms import ALARMS, LASTING_IF_RARE
from ganaug.gan.monitoring.diagnosis import Diagnosis
from ganaug.gan.monitoring.snapshot_selection import Choice, write_choice
from ganaug.gan.run_folder import Run
from ganaug.report.page import Section, fill_page
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.training.alarms import ALARMS_SHOWN, TITLES, describe_alarms
from ganaug.report.run.training.curves import describe_curves
from ganaug.report.run.training.diagnostics import describe_diagnostics

SECTION = Section("run/training/diagnostics", "Diagnostics", describe_diagnostics)
FIGURES = {"diversity": 0.5, "gradient": 0.1, "margin": 1.0, "gap": 0.2}


def make_sources(folder, **settings):
    pixels = np.zeros((2, 8, 8, 1), np.uint8)
    data = LabelledImages(pixels, np.array([0, 1]), ("cat", "dog"))
    run = Run(folder, TrainConfig(**settings), take_fingerprint(data))
    return RunMaterial(folder, run, None, None, None)


def write_log(folder, *, alarms=(), n=20, **figures):
    folder.mkdir(exist_ok=True)
    values = FIGURES | figures
    rows = [Diagnosis(64 * k, k / n, **values).to_row() for k in range(1, n + 1)]
    rows += [
        {"images": 64 * k, "alarm": name, "sentence": f"{name} <b>was</b> seen"}
        for k, name in alarms
    ]
    lines = [json.dumps(row) for row in rows]
    (folder / "metrics.jsonl").write_text("\n".join(lines))


def render(material):
    head = {"numbers": [], "notes": [], "mosaic": None, "unfinished": False}
    summary = head | {"synthetic": None, "real": 2, "classes": 2, "verdict": None}
    summary |= {"carried": False, "styled": False, "carrier": None}
    summary |= describe_alarms(material)
    return fill_page("page.html", [SECTION], material, title="t", summary=summary)


def test_every_alarm_has_a_title_and_a_chart(tmp_path):
    assert set(TITLES) == set(ALARMS)
    for k, name in enumerate(ALARMS):
        folder = tmp_path / name
        write_log(folder, alarms=[(k + 4, name)])
        charts = describe_diagnostics(make_sources(folder))["charts"]
        assert len(charts) == 4
        marked = [chart for chart in charts if "an alarm rang" in chart["svg"]]
        (chart,) = marked
        assert f"an alarm rang after {64 * (k + 4)}" in chart["svg"]
        assert "var(--hurts)" in chart["svg"]


def test_an_alarm_that_is_over_says_so_and_advises_nothing(tmp_path):
    write_log(tmp_path, alarms=[(3, "collapse"), (9, "collapse")])
    row = {"images": 64 * 7, "over": "collapse", "sentence": "images differ now"}
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write("\n" + json.dumps(row))
    first, second = describe_alarms(make_sources(tmp_path))["alarms"]
    assert first["over"] == row
    assert second["over"] is None
    page = render(make_sources(tmp_path))
    assert "Mode collapse after 192 images, over after 448" in page
    assert "images differ now." in page
    assert page.count("seen.") == 1  # the second, which rang anew


def test_alarms_are_said_in_order_and_escaped(tmp_path):
    write_log(tmp_path, alarms=[(9, "overfitting"), (3, "collapse"), (4, "own")])
    page = render(make_sources(tmp_path))
    assert "&lt;b&gt;was&lt;/b&gt;" in page
    places = [
        page.index(text)
        for text in (
            "Mode collapse after 192 images",
            "Alarm after 256 images",
            "Overfitting after 576 images",
        )
    ]
    assert places == sorted(places)
    assert "No alarm rang" not in page


def test_a_run_without_alarms_says_so(tmp_path):
    write_log(tmp_path)
    write_choice(tmp_path, Choice(640, "the best: distance 0.1", last=False))
    page = render(make_sources(tmp_path))
    assert "No alarm rang" in page
    assert "drawn using the snapshot at 640 images (the best: distance 0.1)." in page
    assert "var(--hurts)" not in page[page.index("<section") :]


def test_separate_gans_are_named_and_long_lists_cut(tmp_path):
    for k in range(2):
        write_log(tmp_path / f"class-{k:03d}", alarms=[(5 + k, "collapse")] * 7)
    page = render(make_sources(tmp_path, conditioning="separate"))
    assert "Mode collapse in dog after 384 images" in page
    assert page.count('class="when"') == ALARMS_SHOWN
    assert "And 2 further alarms" in page


@pytest.mark.parametrize("n", [1, 200])
def test_few_and_many_diagnoses_are_drawn(tmp_path, n):
    write_log(tmp_path, n=n, gradient=0.0, gap=None)
    found = describe_diagnostics(make_sources(tmp_path))
    assert [chart["title"] for chart in found["charts"]] == [
        "Variety within a class",
        "The critic’s margin",
    ]


def test_a_run_from_before_has_no_such_section(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"images": 64, "d_loss": 0.5}')
    assert describe_diagnostics(make_sources(tmp_path)) is None


@pytest.mark.parametrize(
    ("n", "said"), [(LASTING_IF_RARE - 1, True), (LASTING_IF_RARE, False)]
)
def test_a_training_too_short_for_an_alarm_says_so(tmp_path, n, said):
    write_log(tmp_path, n=n)
    page = render(make_sources(tmp_path))
    assert ("too short for an alarm" in page) == said
    assert ("No alarm rang" in page) != said


@pytest.mark.parametrize(("n", "titles"), [(2, ["Diversity"]), (20, [])])
def test_variety_is_drawn_once(tmp_path, n, titles):
    write_log(tmp_path, n=n)
    shots = [{"images": 64 * k, "snapshot": "s", "diversity": 0.5} for k in (1, 2, 3)]
    with open(tmp_path / "metrics.jsonl", "a") as log:
        log.write("\n" + "\n".join(map(json.dumps, shots)))
    found = describe_curves(make_sources(tmp_path)) or {"charts": []}
    assert [chart["title"] for chart in found["charts"]] == titles
