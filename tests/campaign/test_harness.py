"""The campaign notices what it is there to notice."""

import os

import pytest
from campaign.faults import Counter
from campaign.worker import Worker

NOTICED = {
    "behave": "",
    "write_outside": "outside its folder: write",
    "follow_link": "outside its folder: read",
    "refuse_link": "a traceback: OSError",
    "follow_folder": "outside its folder: read",
    "crash": "a traceback: KeyError",
    "ramble": "several lines",
    "hoard": "MB",
    "be_slow": " s",
    "die": "the process died (-9)",
}


@pytest.fixture(scope="module")
def worker():
    with Worker(readers="campaign.planted", seconds=0.8, memory=32 << 20) as made:
        yield made


@pytest.mark.parametrize("name", NOTICED)
def test_planted_faults_are_noticed(worker, tmp_path, name):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "case").mkdir()
    found = worker.read(name, tmp_path / "case")
    assert NOTICED[name] in found
    assert found or not NOTICED[name]


def test_the_chosen_change_fails_after_half_a_write(tmp_path, monkeypatch):
    counter = Counter(tmp_path, "ENOSPC", at=3)
    for name in ("write", "open"):
        call = counter._wrap(name, getattr(os, name), 0)
        monkeypatch.setattr(os, name, call)
    file = os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)
    os.write(file, b"whole")
    with pytest.raises(OSError, match="No space left"):
        os.write(file, b"halved")
    os.close(file)
    assert (tmp_path / "file").read_bytes() == b"wholehal"
    assert counter.seen == 3
