"""Bars: who is told of progress, and what a terminal, a pipe and a notebook show."""

import io
import re
import sys
from types import ModuleType

import pytest
from rich.console import Console
from terminals import open_terminal

from ganaug.display.bars import Bar, Clock
from ganaug.display.consoles import follow, open_bar


def refuse_to_show(console):
    raise AssertionError("nobody watches")


def test_a_function_of_ones_own_is_called_and_none_is_silence():
    seen = []
    for given in (seen.append, None):
        with follow(given, refuse_to_show) as tell:
            assert tell is given


def test_auto_is_silence_where_nobody_watches(capsys):
    with follow("auto", refuse_to_show) as tell:
        assert tell is None


def test_auto_is_a_bar_in_a_terminal(monkeypatch):
    with open_terminal() as terminal:
        monkeypatch.setattr(sys, "stderr", terminal.stream)
        with follow("auto", open_bar) as bar:
            bar.show("counting", "to three", done=3, total=3)
        monkeypatch.undo()
    assert "preparing" in terminal.shown
    assert "to three" in terminal.shown


def show_steps(console, error=None):
    with open_bar(console, Clock()) as bar:
        bar.show("learning")
        if error:
            raise error
        bar.say("a line that stays")
        for done in (1, 2):
            bar.show("counting", f"{done} of 2", done=done, total=2)


def test_a_pipe_gets_lines_and_the_bar_at_its_end():
    console = Console(file=io.StringIO(), width=60)
    show_steps(console)
    *lines, last = console.file.getvalue().splitlines()
    assert lines == ["learning …", "a line that stays", "counting 1 of 2 …"]
    assert last.startswith("counting ━━━━━━━━━━━━ 2 of 2")


def test_the_lines_of_a_pipe_become_rare(monkeypatch):
    console, now = Console(file=io.StringIO(), width=60), [0.0]
    monkeypatch.setattr("ganaug.display.lines.time.monotonic", lambda: now[0])
    with open_bar(console) as bar:
        for seconds in range(600):
            now[0] = float(seconds)
            bar.show("counting", f"{seconds} of 600", done=seconds, total=600)
    seen = re.findall(r"counting (\d+) of 600 …", console.file.getvalue())
    assert seen[:4] == ["0", "5", "10", "15"]
    assert 20 < len(seen) < 60


def test_a_bar_without_a_report_leaves_nothing():
    console = Console(file=io.StringIO())
    with pytest.raises(ValueError, match="early"), Bar(console):
        raise ValueError("early")
    assert console.file.getvalue() == ""


class Output:
    """One output of a cell."""

    def __init__(self, picture):
        self.pictures = [picture]

    def update(self, picture):
        self.pictures.append(picture)


@pytest.fixture
def outputs(monkeypatch):
    """Put a stand-in for IPython's display, and return the outputs that it opens."""
    outputs = []

    def display(picture, *, display_id):
        assert display_id
        outputs.append(Output(picture))
        return outputs[-1]

    module = ModuleType("IPython.display")
    module.HTML, module.display = str, display
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return outputs


def test_a_notebook_gets_one_output_that_changes(outputs, capsys):
    show_steps(Console(force_jupyter=True, width=60))
    (output,) = outputs
    assert "preparing" in output.pictures[0]
    assert "2 of 2" in output.pictures[-1]
    assert capsys.readouterr() == ("a line that stays\n", "")


def test_a_notebook_keeps_no_bar_of_what_failed(outputs):
    with pytest.raises(ValueError, match="early"):
        show_steps(Console(force_jupyter=True), ValueError("early"))
    assert "learning" not in outputs[0].pictures[-1]
