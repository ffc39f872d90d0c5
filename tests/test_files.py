"""Files: one writer at a time, no folder that nothing came into, odd names."""

from pathlib import Path

import pytest

from ganaug.errors import RunError
from ganaug.files import beside, hold_lock, write_text


def test_a_second_writer_is_refused_and_harms_nothing(tmp_path):
    with hold_lock(tmp_path / "new", RunError):
        with (
            pytest.raises(RunError, match="another process"),
            hold_lock(tmp_path / "new", RunError),
        ):
            pass
        write_text(tmp_path / "new" / "a.txt", "kept")
    assert (tmp_path / "new" / "a.txt").read_text() == "kept"


def test_text_may_hold_names_that_are_no_unicode(tmp_path):
    write_text(tmp_path / "a.csv", "caf\udce9")
    assert (tmp_path / "a.csv").read_bytes() == b"caf\xe9"


def test_a_path_beside_another(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert beside(Path("a.b"), ".run") == Path("a.b.run")
    assert beside(Path("."), "-again") == tmp_path.with_name(f"{tmp_path.name}-again")


def test_a_new_folder_without_files_goes_away_and_an_old_one_stays(tmp_path):
    (tmp_path / "old").mkdir()
    for name in ("old", "new"):
        with pytest.raises(ValueError), hold_lock(tmp_path / name, RunError):  # noqa: PT011
            raise ValueError
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(RunError, match=r"cannot make .*run"),
        hold_lock(tmp_path / "file" / "run", RunError),
    ):
        pass
