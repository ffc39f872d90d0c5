"""What a listener hears of a gain that does not keep its time."""

import pytest

from ganaug.gain.budget import Estimate
from ganaug.gain.progress import Reporter
from ganaug.gain.protocol.jobs import Job
from ganaug.gain.settings import Settings

# 6 minutes a split: 2.4 for the GAN and what follows, and 20 fits of .18 minutes
PLAN = Estimate(5, Settings(), gan_minutes=10, fit_minutes=18, fits=100)
JOBS = [Job("pool"), *(Job(f"fit-{k}", 2.0) for k in range(10))]


def run(factor, splits=(0,)):
    """Run splits on a machine that takes `factor` times as long as planned."""
    told, now = [], [0.0]
    reporter = Reporter(told.append, splits=5)
    reporter.plan(PLAN)
    for number in splits:
        reporter.begin(number, JOBS, clock=lambda: now[0])
        for k, job in enumerate(JOBS):
            now[0] = factor * (6 * number + 2.4 + 0.36 * k)
            reporter.finish(job.key)
    return [(status.split, status.done, status.pace) for status in told if status.pace]


def test_a_gain_that_takes_twice_as_long_says_so_at_a_tenth():
    assert PLAN.minutes == 30
    said = run(2.0, splits=range(5))
    split, done, pace = said[0]
    assert (split, done) == (1, 3)  # the first job after a tenth of 30 minutes
    assert {other for _, _, other in said} == {pace}
    assert pace.startswith(
        "2.0 times slower than timed: all of it takes 60 minutes instead of 30 minutes"
    )
    assert "with a budget of 15 minutes in another folder (--out)" in pace


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.4])
def test_a_gain_that_keeps_its_time_says_nothing(factor):
    assert run(factor, splits=range(5)) == []


def test_a_fast_machine_is_told_too():
    assert run(0.4)[0][2].startswith("2.5 times faster than timed")


def test_what_is_finished_before_the_first_split_is_only_told():
    told = []
    reporter = Reporter(told.append, splits=5)
    reporter.plan(PLAN)
    reporter.finish("gan")
    assert (told[-1].key, told[-1].pace) == ("gan", "")
