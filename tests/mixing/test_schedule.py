import math

import numpy as np
import pytest

from ganaug.errors import DataError, StoreError
from ganaug.mixing.schedule import (
    Schedule,
    check_share,
    count_synthetic,
    pick_steps,
    plan_epoch,
    split_total,
)


@pytest.mark.parametrize("share", [1, 1.5, -0.1, math.nan, "half", "auto", True])
def test_shares_outside_the_range_are_refused(share):
    with pytest.raises(DataError, match=r"must lie in \[0, 1\)"):
        check_share(share)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("n", [1, 7, 1000])
def test_the_share_of_an_epoch_is_what_was_asked(n, share):
    added = count_synthetic(n, share)
    assert abs(added - n * share / (1 - share)) <= 0.5


def test_parts_add_up_and_are_off_by_less_than_one():
    rng = np.random.default_rng(0)
    for _ in range(50):
        weights = rng.integers(0, 20, 7) + np.eye(7)[0]
        total = int(rng.integers(0, 90))
        parts = split_total(total, weights.tolist())
        assert sum(parts) == total
        assert np.abs(parts - total * weights / weights.sum()).max() < 1


def test_classes_follow_the_real_ones_or_come_evenly():
    real = {"cat": 90, "dog": 9, "owl": 1}
    assert plan_epoch(real, {"owl": 5, "cat": 5}, 0.5) == {"owl": 1, "cat": 99}
    even = plan_epoch(real, {"owl": 5, "cat": 5}, 0.5, balanced=True)
    assert even == {"owl": 50, "cat": 50}
    assert plan_epoch(real, {"owl": 5}, None) == {"owl": 5}
    assert plan_epoch(real, {}, 0) == {}
    with pytest.raises(StoreError, match="has a real one"):
        plan_epoch({"cat": 2, "dog": 0}, {"dog": 5}, 0.5)


@pytest.mark.parametrize(("rows", "count"), [(10, 3), (10, 10), (4, 11), (1, 1)])
def test_every_row_comes_once_before_any_comes_again(rows, count):
    walk = np.concatenate([pick_steps(rows, count, e, [5, 0]) for e in range(40)])
    rounds = len(walk) // rows
    for turn in walk[: rounds * rows].reshape(rounds, rows):
        assert sorted(turn) == list(range(rows))


def test_a_schedule_is_decided_by_seed_and_epoch():
    rows = {"cat": np.arange(50), "dog": np.arange(50, 90)}
    one, same, other = (Schedule(rows, {"cat": 9, "dog": 5}, s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.pick(3), same.pick(3))
    assert set(one.pick(3)) != set(one.pick(4))
    assert set(one.pick(3)) != set(other.pick(3))
    assert (one.pick(3) < 50).tolist() == [True] * 9 + [False] * 5
