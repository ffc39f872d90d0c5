"""Diagnoses: what is written when an alarm begins, ends and rings anew."""

import json
from types import SimpleNamespace

from ganaug.config import TrainConfig
from ganaug.gan.monitoring.diagnosis import Diagnosis
from ganaug.gan.monitoring.observers import DiagnosisObserver
from ganaug.training.bar import describe_alarm
from ganaug.training.journal import Journal, read_journal

ALIKE, VARIED = 0.1, 0.6


class Script:
    """Diagnostics that measure what was written down before."""

    def __init__(self, values):
        self.values, self.seen, self.n = iter(values), 0, len(values)
        self.trainer = SimpleNamespace(config=TrainConfig(), run_length=64 * self.n)

    def measure(self):
        self.seen += 64
        share = self.seen / (64 * self.n)
        return Diagnosis(self.seen, share, diversity=next(self.values))


def observe(observer, journal, times):
    for _ in range(times):
        observer.observe(journal)


def test_an_alarm_begins_ends_and_may_ring_anew(tmp_path):
    script = Script([ALIKE] * 20 + [VARIED] * 20 + [ALIKE] * 20)
    observer, journal = DiagnosisObserver(script), Journal(tmp_path)
    observe(observer, journal, 60)
    assert [each.over for each in journal.alarms] == [False, True, False]
    said = [describe_alarm("", each) for each in journal.alarms]
    assert said[1] == (
        "alarm over after 1,472 images: the generator's images of a class differ now "
        "(diversity 0.60 of the real one)"
    )
    rows = [row for row in read_journal(tmp_path) if "sentence" in row]
    assert ["over" in row for row in rows] == [False, True, False]


def test_a_resumed_run_knows_what_rings(tmp_path):
    first = DiagnosisObserver(Script([ALIKE] * 20 + [VARIED] * 20))
    observe(first, Journal(tmp_path), 20)
    second = DiagnosisObserver(Script([VARIED] * 40))
    second.resume(read_journal(tmp_path))
    assert second.rung == {"collapse"}
    journal = Journal(tmp_path)
    observe(second, journal, 3)
    assert [each.over for each in journal.alarms] == [True]
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["over"] == "collapse"
    third = DiagnosisObserver(Script([VARIED]))
    third.resume(read_journal(tmp_path))
    assert third.rung == set()
