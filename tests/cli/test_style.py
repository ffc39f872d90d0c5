"""`ganaug style`: what it takes, refuses and prints."""

import json

import numpy as np
import pytest
from ganaug_cli.main import app
from PIL import Image
from typer.testing import CliRunner

from ganaug.errors import GanaugError


@pytest.fixture
def photos(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for k in range(3):
            image = rng.integers(0, 255, (8, 8, 3)).astype(np.uint8)
            Image.fromarray(image).save(tmp_path / "photos" / name / f"{k}.png")
    (tmp_path / "looks").mkdir()
    Image.fromarray(np.full((8, 8, 3), (200, 20, 0), np.uint8)).save(
        tmp_path / "looks" / "red.png"
    )
    return tmp_path


@pytest.fixture(autouse=True)
def _tint(monkeypatch):
    def tint(content, styles, look, *, alpha, **others):
        return content * (1 - 0.5 * alpha[:, None, None, None])

    monkeypatch.setattr("ganaug.translate.style.engines.optimise", tint)


def call(*words):
    return CliRunner().invoke(app, ["style", *map(str, words)])


def test_it_writes_a_store_and_says_so_in_json(photos):
    result = call(
        photos / "photos", "--styles", photos / "looks", "--engine", "optimise",
        "--per-class", 2, "--filters", "none", "--out", photos / "out", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout.splitlines()[-1])
    assert values["classes"] == {"cat": 2, "dog": 2}
    assert (photos / "out" / "cat" / "000000.png").is_file()
    assert "styles were seen by a random VGG19 of seed 0" in result.stderr


def test_one_image_in_the_look_of_another(photos):
    result = call(
        photos / "photos" / "cat" / "0.png", "--styles", photos / "looks" / "red.png",
        "--engine", "optimise", "--filters", "none", "--out", photos / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert [f.name for f in (photos / "out" / "images").iterdir()] == ["000000.png"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--styles", "none"], "none does not exist"),
        (["--styles", "any", "--alpha", "2"], "alpha=2"),
        (["--styles", "any", "--engine", "draw"], "engine=draw"),
        (["--styles", "any", "--filters", "realism"], "no filter 'realism'"),
        (["--styles", "any", "--vgg-weights", "no.pth"], "no.pth"),
        (
            ["--styles", "any", "--features", "classifier", "--download"],
            "exclude each other",
        ),
    ],
)
def test_bad_options_are_refused_in_one_line(photos, words, message):
    result = call(photos / "photos", *words, "--out", photos / "out")
    assert isinstance(result.exception, GanaugError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (photos / "out").exists()


def test_a_class_with_one_image_has_no_style_of_its_own(photos):
    for k in (1, 2):
        (photos / "photos" / "dog" / f"{k}.png").unlink()
    result = call(
        photos / "photos", "--styles", "within-class", "--engine", "optimise",
        "--filters", "none", "--out", photos / "out",
    )  # fmt: skip
    assert isinstance(result.exception, GanaugError)
    assert "no other image" in str(result.exception)
