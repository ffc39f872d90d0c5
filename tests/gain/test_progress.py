"""What a listener hears of a gain that does not keep its time."""

from ganaug.gain.budget import Estimate
from ganaug.gain.progress import Reporter
from ganaug.gain.settings import Settings


def test_a_gain_that_takes_twice_as_long_is_told_once():
    told = []
    reporter = Reporter(told.append, splits=5)
    plan = Estimate(5, Settings(), gan_minutes=10, fit_minutes=18, fits=100)
    assert plan.minutes == 30
    reporter.plan(plan)
    for number, minutes in enumerate((6.5, 24, 40, 50, 60)):
        reporter.begin(number, [])
        reporter.judge_pace(minutes)
    said = [status.pace for status in told if status.pace]
    assert len(set(said)) == 1
    assert told[2].pace == ""
    assert told[3].split == 2
    assert said[0].startswith(
        "2.0 times slower than timed: all of it takes 60 minutes instead of 30 minutes"
    )
    assert "with a budget of 15 minutes in another folder (--out)" in said[0]
