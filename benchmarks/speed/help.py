"""`ganaug --help` against a typer script of two commands."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import (
    HERE,
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_call,
)

SCRIPT = """
import typer

app = typer.Typer()


@app.command()
def hello(name: str) -> None:
    print(f"Hello {name}")


@app.command()
def goodbye(name: str, formal: bool = False) -> None:
    print(f"Goodbye {name}")


app()
"""
TARGET = 3.0
COLUMNS = ("command", "ms", "ratio", "target", "result")


def compare_help(options: argparse.Namespace) -> Section:
    """Make one row for each command."""
    # as the installed command does; from a clone, without an installation
    package = "ganaug_cli" if find_spec("ganaug_cli") else "cli"
    ours = f"from {package}.main import run; run()"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.py"
        script.write_text(SCRIPT, encoding="utf-8")
        commands = {
            "two-command typer script --help": [str(script), "--help"],
            "ganaug --help": ["-c", ours, "--help"],
        }
        for words in commands.values():
            run(words)  # compiles and fills the disk cache
        seconds = alternate(
            {
                name: partial(time_call, partial(run, words))
                for name, words in commands.items()
            },
            3 * options.repeats,
        )
    protocol = (
        f"{describe_machine()} New processes of the same Python, {3 * options.repeats} "
        "turns in an order that reverses each time; median times, and the median of "
        "the ratios within a turn."
    )
    return Section("Help", protocol, COLUMNS, make_rows(seconds))


def run(words: list[str]) -> None:
    paths = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def make_rows(seconds: dict[str, list[float]]) -> list[list[str]]:
    (plain, script), (name, ours) = seconds.items()
    ratio = median_ratio(ours, script)
    medians = [statistics.median(values) * 1000 for values in (script, ours)]
    why = f"{medians[1] - medians[0]:.0f} ms more, mostly imports"
    said = say_target(ratio, TARGET, at_least=False, why=why)
    return [
        [plain, f"{medians[0]:.0f}", "", "", ""],
        [name, f"{medians[1]:.0f}", f"{ratio:.2f}×", *said],
    ]
