"""The bar of a synthesis."""

import io

from rich.console import Console

from ganaug.synth.bar import show_synthesis
from ganaug.synth.filling import SynthStatus


def test_filters_learn_then_images_are_counted():
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with show_synthesis(console) as update:
        update(SynthStatus(learning=True))
        update(SynthStatus(0, 1200))
        update(SynthStatus(1200, 1200, 1500))
    shown = console.file.getvalue()
    assert "1,200/1,200 images of 1,500 candidates" in shown
    assert shown.splitlines()[-1].count("training the filters") == 0


def test_a_synthesis_that_only_learnt_leaves_no_bar():
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with show_synthesis(console) as update:
        update(SynthStatus(learning=True))
    last = console.file.getvalue().rpartition("\x1b[2K")[2]  # after erasing the line
    assert "training" not in last
