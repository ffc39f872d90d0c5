"""The user is told of a training that does not keep its time, once."""

import re

import pytest

from ganaug.training.journal import Journal
from ganaug.training.pace import Schedule, judge_pace
from ganaug.training.progress import Ticker

PLAN = Schedule(10_000, 300, later=300, run_images=20_000, run_seconds=600)


@pytest.mark.parametrize(
    ("seen", "done", "seconds"),
    [
        (900, 900, 100),  # too early
        (1000, 1000, 4),  # too few seconds
        (1000, 1000, 44),  # 1.47 times slower
        (1000, 1000, 21),  # 1.43 times faster
        (9500, 5000, 900),  # nearly done
    ],
)
def test_no_word_where_there_is_nothing_to_say(seen, done, seconds):
    assert judge_pace(PLAN, seen, done, seconds) is None


def test_a_slow_and_a_fast_machine():
    slow = judge_pace(PLAN, 1000, 1000, 60)
    assert (slow.factor, slow.fitting) == (2, 10_000)
    assert slow.seconds_left == 2 * (270 + 300)
    assert re.fullmatch(
        r"2\.0 times slower than timed: all of it takes 20 minutes instead of 10 "
        r"minutes, until about \d\d:\d\d; for 10 minutes, stop \(Ctrl-C\) and begin "
        r"anew with images=10000 \(--set\) in another folder \(--out\)",
        slow.sentence,
    )
    fast = judge_pace(PLAN, 6000, 1000, 15)
    assert (fast.factor, fast.fitting) == (0.5, 40_000)
    assert fast.seconds_left == 0.5 * (120 + 300)
    assert fast.sentence.startswith(
        "2.0 times faster than timed: all of it takes 5 min"
    )


def test_the_ticker_reports_the_first_pace_it_finds(tmp_path, monkeypatch):
    now, told = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    ticker, journal = Ticker(told.append, schedule=PLAN), Journal(tmp_path)
    ticker.start(0, 10_000)
    for seen, seconds in ((500, 30), (1000, 60), (5000, 150)):
        now[0] = seconds
        ticker.tick(seen, journal)
    assert [status.pace and status.pace.factor for status in told] == [None, 2, 2]
    assert told[1].pace is told[2].pace
