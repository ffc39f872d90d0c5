"""Text from outside is text: in a spreadsheet, on a terminal, in a message."""

import csv
import io

import pytest

from ganaug.display.consoles import PlainConsole
from ganaug.display.words import escape_controls, printable
from ganaug.errors import DataError
from ganaug.spreadsheets import shield, unshield
from ganaug.synth.store.manifest import Row, append_rows, read_rows, start_manifest

NAMES = ["=1+1", "+a", "-b", "@c", "'=d", "'e", "\tf", "-0.5", "cat", "", "''-x", "＝g"]


@pytest.mark.parametrize("name", NAMES)
def test_shielded_text_comes_back_and_is_no_formula(name):
    assert unshield(shield(name)) == name
    if name not in ("-0.5",):
        assert not shield(name).startswith(tuple("=+-@\t＝"))


@pytest.mark.parametrize(
    ("extra", "field"), [("", "caption"), ("domains", "domain"), ("styles", "style_id")]
)
def test_a_manifest_shows_no_formula_and_keeps_names(tmp_path, extra, field):
    path = tmp_path / "manifest.csv"
    start_manifest(path, extra)
    rows = [
        Row(f"{k}/000000.png", name, k, 0, 0, "", "",
            label_score="-0.5", **{field: name})
        for k, name in enumerate(NAMES)
    ]  # fmt: skip
    append_rows(path, rows)
    folders = {name: str(k) for k, name in enumerate(NAMES)}
    assert list(read_rows(path, folders)) == rows
    cells = list(csv.reader(io.StringIO(path.read_text())))[1:]
    formulas = [c for row in cells for c in row if c[:1] in tuple("=+-@")]
    assert set(formulas) == {"-0.5"}


def test_a_name_cannot_command_a_terminal():
    name = "cat\x1b]0;owned\x07\x9b2J\u202egnp"
    out = io.StringIO()
    PlainConsole(file=out, width=200).print(f"{name}: 3 images", soft_wrap=True)
    for said in (out.getvalue(), printable(name), str(DataError(f"class {name}"))):
        assert said.strip().isprintable()
        assert r"\x1b]0;owned\x07\x9b2J\u202egnp" in said
    assert escape_controls("a\nb", keep="\n") == "a\nb"


def test_tables_and_colours_stay():
    from rich.table import Table

    table = Table("class")
    table.add_row("a\x1b[31mb")
    out = io.StringIO()
    PlainConsole(file=out, force_terminal=True, width=60).print(table)
    assert r"a\x1b[31mb" in out.getvalue()
    assert "\x1b[1m" in out.getvalue()
