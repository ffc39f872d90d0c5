"""The manifest: rows are added whole or not at all."""

import errno
import os

import pytest

from ganaug.synth.store.manifest import Row, append_rows, start_manifest


def test_rows_that_the_disk_refuses_in_their_middle_are_not_there(
    tmp_path, monkeypatch
):
    table, write = tmp_path / "manifest.csv", os.write
    start_manifest(table)
    before = table.read_bytes()
    rows = [Row(f"cat/{k:06d}.png", "cat", 0, 0, k, "ab", "cd") for k in range(2)]

    def fail(number, data):
        write(number, bytes(data)[: len(data) // 2])  # exactly the first row
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(OSError, match="No space"):
        append_rows(table, rows)
    monkeypatch.undo()
    assert table.read_bytes() == before
    append_rows(table, rows)
    assert len(table.read_text().splitlines()) == 3
