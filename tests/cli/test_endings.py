"""How a command ends where the machine lacks something, or an option cannot be."""

import errno
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from ganaug_cli import main
from ganaug_cli.main import run

from ganaug.data.limits import pixel_storage
from ganaug.data.limits.pixel_storage import allocate_pixels
from ganaug.errors import DataError


def refuse(monkeypatch, capsys, *words):
    """Run a command; return its only line on stderr."""
    monkeypatch.setattr(sys, "argv", ["ganaug", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    said = [line for line in capsys.readouterr().err.splitlines() if "…" not in line]
    assert len(said) == 1
    return said[0]


def fail_in_numpy():
    np.empty(1 << 45)


def fail_in_torch():
    torch.empty(1 << 45)


def fail_to_start():
    raise RuntimeError("can't start new thread")


def fail_in_python():
    raise MemoryError


def fail_in_the_system():
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


@pytest.mark.parametrize(
    ("fail", "what"),
    [
        (fail_in_numpy, "not enough memory"),
        (fail_in_torch, "not enough memory"),
        (fail_in_python, "not enough memory"),
        (fail_in_the_system, "not enough memory"),
        (fail_to_start, "starts no more threads"),
    ],
)
def test_a_machine_that_lacks_something_is_one_line(monkeypatch, capsys, fail, what):
    monkeypatch.setattr(type(main.app), "__call__", lambda *_, **__: fail())
    said = refuse(monkeypatch, capsys, "verify", "x")
    assert what in said
    assert "run the same command again" in said


def test_other_errors_are_not_hidden(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(type(main.app), "__call__", fail)
    monkeypatch.setattr(sys, "argv", ["ganaug", "verify", "x"])
    with pytest.raises(RuntimeError, match="our own"):
        run()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("report", ".", "--out", "/dev/null"), "nothing can be written at /dev/null"),
        (("report", ".", "--out", "/"), "is a folder"),
        (("report", ".", "--out", "."), "is a folder"),
        (("gain", "digits", "--splits", "99999999"), "must be 1,000 or fewer"),
        (("gain", "digits", "--out", "/proc/x"), "nothing can be written"),
        (("train", "digits", "--out", "/dev/x"), "nothing can be written"),
        (("train", "digits", "--budget", "never"), "is not a time"),
        (("train", "digits", "--budget", f"{'9' * 400}h"), "is not a time"),
        (("inspect", "digits", "--budget", "-1m"), "is not a time"),
        (("inspect", "digits", "--config", "none.json"), "none.json is missing"),
        (("train", "digits", "--set", "batch=0"), "batch=0 is not allowed"),
        (("synth", "digits", "--per-class", "1", "--out", "/sys/x"), "nothing can be"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(
    monkeypatch, capsys, tmp_path, words, what
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ganaug.data.load._open", None)
    assert what in refuse(monkeypatch, capsys, *words)


def test_control_characters_of_an_option_do_not_reach_the_terminal(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    said = refuse(monkeypatch, capsys, "verify", "a\x1b[2Jb")
    assert said.isprintable()
    assert r"a\x1b[2Jb" in said


def test_ctrl_c_while_modules_are_imported_is_one_line(tmp_path):
    code = (
        "import os, signal, sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from ganaug_cli.start import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == "ganaug: stopped before anything was done\n"


def test_a_full_temporary_folder_is_one_line_and_not_the_end(monkeypatch):
    def refuse_space(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert allocate_pixels((4, 8, 8, 3), large=0).sum() == 0
    monkeypatch.setattr(pixel_storage, "_reserve", refuse_space)
    with pytest.raises(DataError, match=r"No space left .* set TMPDIR"):
        allocate_pixels((4, 8, 8, 3), large=0)


def test_ctrl_c_when_all_is_done_is_no_traceback():
    """A signal that comes as the output is written out, after the command itself."""
    script = """
import os, signal, sys
from ganaug_cli import main

class Late:
    def flush(self):
        os.kill(os.getpid(), signal.SIGINT)

main._call_verb = lambda: 0
main._spell_out_signs = lambda: None
sys.stdout = Late()
main.run()
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "")
