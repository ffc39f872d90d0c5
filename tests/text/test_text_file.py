"""Texts in files: columns as they are written, and texts without classes."""

import pytest

from ganaug.errors import DataError
from ganaug.text.text_file import read_labelled, read_unlabelled


def test_fields_stay_as_they_are_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('y,text\n007,None\n1.0,"a\nb, ""c"""\n', encoding="utf-8-sig")
    assert read_labelled(path, "text", "y") == (["None", 'a\nb, "c"'], ["007", "1.0"])


def test_unlabelled_texts_are_lines_or_a_column(tmp_path):
    lines, table = tmp_path / "t.txt", tmp_path / "t.csv"
    lines.write_text("one, two\r\n\nthree\n", encoding="utf-8")
    table.write_text('text\n"one, two"\n" "\nthree\n', encoding="utf-8")
    assert [t.strip() for t in read_unlabelled(lines, "text")] == ["one, two", "three"]
    assert read_unlabelled(table, "text") == ["one, two", "three"]
    lines.write_text("\n \n")
    with pytest.raises(DataError, match="holds no text"):
        read_unlabelled(lines, "text")
    lines.write_bytes(b"a\nb\xff\n")
    with pytest.raises(DataError, match="not UTF-8 in line 2"):
        read_unlabelled(lines, "text")
