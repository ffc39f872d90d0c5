"""The alarms' benchmark: each cell is trained once and described."""

import csv

from benchmarks.stability.alarms import __main__ as alarms
from benchmarks.stability.alarms import cases


def test_a_cell_of_the_alarms_is_trained_once_and_described(tmp_path, monkeypatch):
    tiny = {"images": 640, "base_channels": 4, "loss": "bce-ns"}
    config = cases.narrow_config
    fault = cases.Case("tiny", "small", "collapse", tiny, config, 20)
    monkeypatch.setitem(cases.CASES, "tiny", fault)
    taken = cases.take_outcome(fault, 100, tmp_path, tmp_path)
    (cell,) = tmp_path.iterdir()
    assert cases.find_cell(fault, 100, tmp_path) == cell
    assert cases.take_outcome(fault, 100, tmp_path, tmp_path) == taken
    runs = [(fault, 100, taken)]
    (row,) = alarms.describe_faults(runs).rows
    assert row[:4] == ["collapse", "small", "0 of 1", ""]
    (row,) = alarms.describe_healthy(runs).rows
    assert row[:4] == ["digits", "small", "100", "none"]
    alarms.write_results(tmp_path / "alarms.csv", runs)
    with (tmp_path / "alarms.csv").open() as file:
        (found,) = csv.DictReader(file)
    assert (found["case"], found["collapse"]) == ("tiny", "")
    assert float(found["diversity"]) > 0
