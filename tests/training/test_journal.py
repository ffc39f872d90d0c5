"""metrics.jsonl: odd rows are left out, whoever wrote them."""

import json

import pytest

from ganaug.gan.monitoring.snapshots import read_candidates
from ganaug.training.journal import Journal, read_journal

GOOD = {"images": 64, "snapshot": True, "distance": 0.5, "error": 0.1}


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"7", b"null", b"{", b"\xff\xfe", b'{"images": "64"}', b'{"images": -1}',
        b'{"images": true}', b'{"images": 1e400}', b'{"images": 64, "d_loss": "low"}',
        b'{"images": 64, "loss": [1]}', b'{"images": 64, "sentence": 7}',
        b"[" * 100_000, b'{"images": ' + b"9" * 30 + b"}",
    ],
)  # fmt: skip
def test_rows_with_odd_values_are_left_out(tmp_path, line):
    good = json.dumps(GOOD).encode()
    (tmp_path / "metrics.jsonl").write_bytes(b"\n".join([line, good, line]))
    assert read_journal(tmp_path) == [GOOD]
    assert read_candidates(tmp_path) == []  # the snapshot is not there
    assert Journal(tmp_path).cut(64) == [GOOD]
    assert (tmp_path / "metrics.jsonl").read_text() == json.dumps(GOOD) + "\n"
