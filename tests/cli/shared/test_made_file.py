"""What is printed of a made file: what is in it, not what was wanted."""

from pathlib import Path

from ganaug_cli.shared.made_file import print_made

from ganaug.tables.made_file import MadeFile


def test_a_class_that_stayed_short_is_counted_as_it_is(capsys):
    values = {
        "counts": {"a": 5, "b": 5}, "made": {"a": 5, "b": 2}, "tallies": {},
        "notes": ["b stays short by 3 texts"],
    }  # fmt: skip
    print_made(MadeFile(Path("m.csv"), values), {}, "texts", as_json=False)
    said = capsys.readouterr().out
    assert "m.csv: 7 texts" in said
    assert "b stays short by 3 texts" in said
