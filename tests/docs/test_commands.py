"""Every command of the pages is one that the command line takes, options and all."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from ganaug_cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def list_commands(page):
    """List the indented lines of a page that call ganaug, without their comments."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    lines = re.findall(r"^    (?:.*&& )?(ganaug .*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


COMMANDS = [
    pytest.param(words, id=f"{page.stem}: {' '.join(words)}")
    for page in PAGES
    for words in list_commands(page)
]


def parse(words):
    """Parse a command as a terminal would, without running it."""
    name, *rest = words
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        name, *rest = rest
        command = command.commands[name]
    return command.make_context(name, rest)


@pytest.mark.parametrize("words", COMMANDS)
def test_the_command_line_takes_it(words):
    assert parse(words).params


def test_many_commands_are_found_and_a_wrong_option_is_refused():
    assert len(COMMANDS) > 35
    with pytest.raises(Exception, match="No such option"):
        parse(["ganaug", "synth", "photos", "--per-clas", "3"])
