"""A gain with corrupted test images, from data to the page."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ganaug_cli.gain_result import print_result
from pictures import draw_set
from torch import nn

from ganaug.data.recorded.rules import Rules
from ganaug.errors import ConfigError, DataError
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.measuring import measure_gain
from ganaug.gain.protocol import measuring
from ganaug.gain.request import GainOptions, make_request
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.gain.shifts.policies import LEFT_OUT
from ganaug.report.rendering import render_report

TINY = Settings(
    steps=2, grid=(8, 8), gan_minutes=0.02, per_class=4, tune=False, ensemble=False,
    initialisations=1, policies=("rand",), mixes=("none",), mixtures=MIXTURES[2:3],
)  # fmt: skip


def make_pool(fit, folder, seed):
    soft = np.eye(len(fit.classes), dtype=np.float32)[fit.labels]
    pool = {"images": fit.images, "labels": fit.labels, "soft": soft}
    placebo = {f"placebo_{name}": value for name, value in pool.items()}
    return {**pool, **placebo, "flips": np.zeros(2, bool)}


def build_line(size, channels, n):
    return nn.Sequential(nn.Flatten(), nn.Linear(size[0] * size[1] * channels, n))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "GanPoolMaker", lambda **_: make_pool)
        patch.setattr(measuring, "fix_plan", lambda *_, **__: {})
        return measure_gain(
            draw_set(8), out=tmp_path_factory.mktemp("gains") / "gain", splits=2,
            settings=TINY, classifier=build_line, shifts=True, device="cpu",
            progress=None,
        )  # fmt: skip


def test_every_arm_is_scored_on_corrupted_images_and_read_again(made):
    shifted = GainResult.load(made.path).details.shifted
    assert shifted == made.details.shifted
    arms = {"plain", "standard", "opponent", "synthetic", "placebo"}
    assert set(shifted.arms) == arms
    assert set(shifted.gains) == arms - {"synthetic"}
    assert shifted.gains["opponent"].n == 2
    scores = np.array([list(own.values()) for own in shifted.arms.values()])
    assert scores.shape == (5, shifted.versions // 5, 5)
    assert np.all((scores >= 0) & (scores <= 1))
    values = json.loads((made.path / "verdict.json").read_text())["details"]
    assert values["shifted"]["means"]["plain"] == shifted.average("plain")


def test_augmentation_that_equals_a_corruption_is_left_out_and_this_is_said(made):
    assert LEFT_OUT in made.details.notes
    assert all("rand" not in said for said in made.details.recipes["standard"])
    assert all("shapes" in said for said in made.details.recipes["standard"])
    assert set(made.details.again) <= {"shapes", "none"}


def test_the_page_and_the_console_show_it(made, capsys):
    page = render_report(made.path).read_text(encoding="utf-8")
    tested = "mean over 25 corrupted versions of the test images"
    assert tested in page
    assert "On corrupted test images" in page
    print_result(made, "data", False, Rules())
    said = " ".join(capsys.readouterr().out.split())
    assert tested in said
    assert "contrast" in said


def test_what_cannot_be_corrupted_is_one_line():
    data = draw_set(8)
    clear = replace(data, images=data.images.repeat(4, axis=3))
    with pytest.raises(DataError, match="4 channels are not corrupted"):
        make_request(clear, None, GainOptions(shifts=True))
    data = draw_set(24)
    domains = np.arange(len(data)) % 2
    cells = replace(data, domains=domains, domain_names=("lamp", "sun"))
    cells = cells.subset((cells.labels > 0) | (domains > 0))
    with pytest.raises(ConfigError, match="--shifts corrupts the test images of one"):
        make_request(cells, None, GainOptions(shifts=True, splits=2))
