"""Files: one writer at a time, no folder that nothing came into, odd names."""

import os
from pathlib import Path

import pytest

from ganaug.errors import RunError
from ganaug.files import (
    append_whole,
    beside,
    claim_folder,
    hold_lock,
    read_json,
    write_text,
)


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


@pytest.mark.parametrize(
    "name",
    [
        ".meta.json.0123abcd.tmp",
        ".generator.safetensors.0123456789abcdef.tmp",
        "checkpoints/.tmpA1b2C3",
        "ant/.000007.png.tmp",
        "ant/.000007.png.0123456789abcdef.tmp",
    ],
)
def test_what_killed_processes_left_goes_with_the_next_lock(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("half a file")
    others = [".tmp", ".notes.tmp", "a.tmp", ".tmpfolders", ".000007.png"]
    for other in others:
        (tmp_path / other).write_text("the user's own")
    with hold_lock(tmp_path, RunError):
        assert not (tmp_path / name).exists()
    assert all((tmp_path / other).exists() for other in others)


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(tmp_path / "precious")
    with (
        pytest.raises(RunError, match="is a link"),
        hold_lock(tmp_path / "run", RunError),
    ):
        pass
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_lock_that_is_another_name_of_a_file_does_not_empty_it(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").hardlink_to(tmp_path / "precious")
    with hold_lock(tmp_path / "run", RunError):
        pass
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_file_with_other_names_is_copied_before_something_is_added(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "log").hardlink_to(tmp_path / "precious")
    for _ in range(2):
        append_whole(tmp_path / "log", b", more")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "log").read_text() == "precious, more, more"


def test_the_lock_itself_refuses_links(tmp_path):
    from filelock import FileLock

    (tmp_path / "precious").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match=r"symbolic|symlink|Too many levels"):
        FileLock(tmp_path / "lock", timeout=0).acquire()
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize("place", ["/proc/x", "/dev/null", "/dev/x", "/sys/a/b"])
def test_nothing_is_written_where_the_system_shows_itself(place):
    with pytest.raises(RunError, match="nothing can be written at"):
        claim_folder(Path(place), RunError, marks=["a"])


def test_a_folder_below_a_file_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="which is a file; choose another --out"):
        claim_folder(tmp_path / "file" / "a" / "run", RunError, marks=["a"])


def test_files_that_are_written_whole_reach_the_disk(tmp_path, monkeypatch):
    synced = []

    def note(number):
        where = Path(os.readlink(f"/proc/self/fd/{number}"))
        synced.append((where.is_dir(), (tmp_path / "verdict.json").exists()))

    monkeypatch.setattr(os, "fsync", note)
    write_text(tmp_path / "verdict.json", "{}")
    # the file before it gets its name, and the folder, which has the name, after
    assert synced == [(False, False), (True, True)]


def test_forbidden_missing_and_damaged_are_three_messages(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    with pytest.raises(RunError, match=r"a\.json is missing; restore it"):
        read_json(path, RunError, cure="restore it")
    path.write_bytes(b"\xff")
    with pytest.raises(RunError, match=r"a\.json is damaged: .*; restore it"):
        read_json(path, RunError, cure="restore it")

    def forbid(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ganaug.files.open_file", forbid)  # root may read everything
    with pytest.raises(RunError, match="may not be read by this user"):
        read_json(path, RunError, cure="restore it")
