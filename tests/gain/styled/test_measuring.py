"""A gain with styled images: its arms, its verdict and its page."""

from dataclasses import replace

import numpy as np
import pytest
from ganaug_cli.gain_result import print_result
from pictures import draw_set
from torch import nn

from ganaug.data.recorded.rules import Rules
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.measuring import measure_gain
from ganaug.gain.protocol import measuring
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.recipe import HELPS
from ganaug.report.gain.advice import list_style_words
from ganaug.report.rendering import render_report

TINY = Settings(
    steps=2, grid=(8, 8), gan_minutes=0.02, per_class=4, tune=False, ensemble=False,
    initialisations=1, policies=("light",), mixes=("none",), mixtures=MIXTURES[2:3],
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
        patch.setattr(measuring, "pool_by_style", lambda *_, **__: make_pool)
        return measure_gain(
            draw_set(8), out=tmp_path_factory.mktemp("gains") / "gain", splits=2,
            settings=TINY, classifier=build_line, style="within-class", device="cpu",
            progress=None,
        )  # fmt: skip


def test_styled_images_have_an_arm_alone_and_one_with_the_opponent(made):
    found = GainResult.load(made.path)
    assert set(found.details.arms) == {
        "plain", "standard", "opponent", "synthetic", "style", "placebo"
    }  # fmt: skip
    assert "style" in found.gains
    assert found.details.options["style"] == "within-class"
    assert found.verdict.kind == "style"
    assert "styled images" in found.verdict.sentence
    assert "GAN" not in found.verdict.sentence


def test_the_style_arm_augments_in_no_other_way(made):
    alone = made.cells[made.cells["arm"] == "style"]
    assert len(alone) == 2
    keys = {path.name for path in (made.path / "cells").rglob("final-*.npz")}
    assert "final-style-0.npz" in keys
    assert "final-synthetic-0.npz" in keys


def test_pages_and_the_console_speak_of_style(made, capsys):
    page = render_report(made.path).read_text(encoding="utf-8")
    assert "styled images" in page
    assert "best training without GAN" not in page
    assert "GAN images" not in page
    print_result(made, "data", False, Rules())
    said = " ".join(capsys.readouterr().out.split())
    assert "gain with styled images over" in said
    assert "GAN" not in said


def test_what_helped_is_made_by_ganaug_style(made, capsys):
    helped = replace(made, verdict=replace(made.verdict, word=HELPS))
    print_result(helped, "data", False, Rules())
    said = " ".join(capsys.readouterr().out.split())
    assert "next: ganaug style data --styles within-class --per-class 4" in said
    minutes = made.details.settings.gan_minutes
    assert f"--budget {minutes:g}m" in said
    assert "--seed" not in said
    other = replace(made.details, options=made.details.options | {"seed": 3})
    words = list_style_words(replace(made, details=other), "data")
    assert words[-2:] == ["--seed", "3"]
