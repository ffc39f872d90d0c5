"""The bar of a training: figures as far as there is room, and each alarm once."""

import io
import sys

import pytest
from rich.console import Console
from terminals import open_terminal
from tiny_runs import TINY, tiny_images

from ganaug.config import TrainConfig
from ganaug.gan.training import train
from ganaug.training.bar import describe_status, show_training
from ganaug.training.journal import Fired
from ganaug.training.pace import Pace
from ganaug.training.progress import Status


def test_an_alarm_is_one_line_and_comes_once():
    console = Console(width=80, file=io.StringIO())
    fired = Fired("collapse", "the images look alike: raise γ", 128)
    figures = {"d_loss": 1.0, "g_loss": 2.0, "diversity": 0.1234, "margin": 7.25}
    with show_training(console) as update:
        for seen in (64, 128, 192):
            alarms = (fired,) if seen >= 128 else ()
            update(Status(seen, 640, 10.0, 61.0, figures, "cats", alarms))
    shown = console.file.getvalue()
    line = "alarm after 128 images: cats: the images look alike: raise γ"
    assert shown.count(line) == 1
    assert "192/640 images" in shown


def test_no_more_images_are_seen_than_there_are():
    console = Console(width=80, file=io.StringIO())
    with show_training(console) as update:
        update(Status(256, 238, 10.0, 0.0, {}))
    assert "238/238 images" in console.file.getvalue()


def test_a_time_that_is_not_kept_is_said_once():
    console = Console(width=80, file=io.StringIO())
    pace = Pace(factor=2.0, seconds_left=1080.0, planned=600.0, fitting=10_000)
    with show_training(console) as update:
        for seen in (64, 128):
            update(Status(seen, 640, 10.0, 61.0, {}, pace=pace))
    assert console.file.getvalue().count("2.0 times slower than timed") == 1


def test_a_narrow_terminal_shows_fewer_figures():
    figures = {"d_loss": 1.0, "g_loss": 2.0, "diversity": 0.1234, "margin": 7.25}
    status = Status(1, 2, 10.0, 61.0, figures)
    assert describe_status(status, room=80) == (
        "10/s · 1:01 left · diversity 0.12 · D 1.00 · G 2.00 · margin 7.2"
    )
    assert describe_status(status, room=40) == "10/s · 1:01 left · diversity 0.12"


@pytest.mark.parametrize("progress", ["auto", None])
def test_training_shows_a_bar_in_a_terminal_unless_asked_not_to(
    tmp_path, monkeypatch, progress
):
    config = TrainConfig(**TINY)
    with open_terminal() as terminal:
        monkeypatch.setattr(sys, "stderr", terminal.stream)
        train(tiny_images(), tmp_path / "run", config=config, progress=progress)
        monkeypatch.undo()
    shown = "preparing" in terminal.shown, "640/640 images" in terminal.shown
    assert shown == (progress == "auto",) * 2


def test_training_is_quiet_where_nobody_watches(tmp_path, capfd):
    train(tiny_images(), tmp_path / "run", config=TrainConfig(**TINY))
    assert capfd.readouterr() == ("", "")
