"""The bar of a gain."""

import io

from rich.console import Console

from ganaug.gain.bar import show_gain
from ganaug.gain.budget import Estimate
from ganaug.gain.progress import GainStatus
from ganaug.gain.settings import Settings
from ganaug.training.progress import Status


def test_the_plan_is_said_once_above_the_bar():
    console = Console(file=io.StringIO(), width=100)
    plan = Estimate(5, Settings(), notes=("a file was skipped",))
    gan = Status(320, 640, 100.0, 3.0, {})
    with show_gain(console) as update:
        update(GainStatus(0, 5, plan=plan))
        update(GainStatus(1, 5, gan=gan, plan=plan))
        update(GainStatus(5, 5, done=4, jobs=10, plan=plan))
    shown = console.file.getvalue().splitlines()
    lines = [line for line in shown if not line.endswith(" …")]  # a pipe's progress
    assert "split 1 of 5 training the GAN: 320/640 images · 100/s …" in shown
    assert lines[0] == plan.say()
    assert lines[1] == "note: a file was skipped"
    assert lines.count(plan.say()) == 1
    assert lines[-1].startswith("split 5 of 5")
    assert "4 results done" in lines[-1]


def test_a_trained_gan_draws():
    console = Console(file=io.StringIO(), width=100)
    with show_gain(console) as update:
        update(GainStatus(1, 5, gan=Status(256, 238, 100.0, 0.0, {})))
    assert "drawing images with the GAN" in console.file.getvalue()


def test_a_time_that_is_not_kept_is_said_once():
    console = Console(file=io.StringIO(), width=100)
    with show_gain(console) as update:
        for split in (2, 3):
            update(GainStatus(split, 5, pace="2.0 times slower than timed"))
    assert console.file.getvalue().count("2.0 times slower than timed") == 1
