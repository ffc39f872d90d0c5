"""Counts: options of the campaign, and the table of cases that it ends with."""

import random
from collections import Counter

import pytest

SEED, SCALE = "--campaign-seed", "--campaign-scale"


def pytest_addoption(parser):
    parser.addoption(SEED, type=int, default=0, help="seed of the campaign's cases")
    parser.addoption(
        SCALE, type=float, default=1.0,
        help="cases of the campaign, as a share: .03 takes about a minute",
    )  # fmt: skip


def pytest_terminal_summary(terminalreporter, config):
    """Print cases, passed and failed by kind, and each failed case."""
    passed, failed, faults = Counter(), Counter(), []
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "campaign" and report.when == "call":
                    kind, good, bad = value
                    passed[kind] += good
                    failed[kind] += len(bad)
                    faults += [f"{kind}: {fault}" for fault in bad]
    if not passed + failed:
        return
    terminalreporter.section(f"campaign of seed {config.getoption(SEED)}")
    for kind in sorted(passed.keys() | failed.keys()):
        _write(terminalreporter, kind, passed[kind], failed[kind])
    _write(terminalreporter, "all", passed.total(), failed.total())
    for fault in faults:
        terminalreporter.write_line(fault)


def _write(terminalreporter, kind, good, bad):
    terminalreporter.write_line(
        f"{kind:<28}{good + bad:>6} cases{good:>7} passed{bad:>6} failed"
    )


class Tally:
    """Cases of one test: what each was, and what was wrong with it.

    Attributes:
        chance: random numbers that the seed and the test's name decide.
    """

    def __init__(self, request):
        self._config, self._name = request.config, request.node.name
        self._properties = request.node.user_properties
        self._found = {}
        self.chance = random.Random(f"{request.config.getoption(SEED)} {self._name}")

    def scale(self, number):
        """Return how many of a full campaign's cases to try: at least one."""
        return max(1, round(number * self._config.getoption(SCALE)))

    def add(self, kind, case, fault):
        """Count a case; `fault` is empty where it passed."""
        good, bad = self._found.setdefault(kind, [0, []])
        self._found[kind][0] = good + (not fault)
        if fault:
            bad.append(f"{case}: {' '.join(fault.split())[:300]}")

    def close(self):
        """Hand the counts to the table, and fail where a case did."""
        self._properties += [
            ("campaign", (kind, good, bad)) for kind, (good, bad) in self._found.items()
        ]
        bad = [fault for _, faults in self._found.values() for fault in faults]
        assert not bad, f"{len(bad)} cases failed:\n" + "\n".join(bad[:20])


@pytest.fixture
def tally(request):
    """Count cases, see Tally; a test calls `close` at its end."""
    return Tally(request)
