import math

import numpy as np
import pytest

from ganaug.errors import ConfigError, StoreError
from ganaug.mixing.schedule import (
    Schedule,
    check_real_only_after,
    check_share,
    count_synthetic,
    find_last_phase,
    pick_steps,
    plan_epoch,
    plan_stand_ins,
    split_total,
)

LABEL_OF = {"ant": 5, "bee": 3, "cat": 9}
TARGETS = [5] * 6 + [3] * 4


@pytest.mark.parametrize("share", [1, 1.5, -0.1, math.nan, "half", "auto", True])
def test_shares_outside_the_range_are_refused(share):
    with pytest.raises(ConfigError, match=r"must lie in \[0, 1\)"):
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
    even = plan_epoch(real, {"owl": 5, "cat": 5}, 0.5, draw="balanced")
    assert even == {"owl": 50, "cat": 50}
    domains = {"owl": 3, "cat": 1}
    cells = plan_epoch(real, {"owl": 5, "cat": 5}, 0.5, draw="cells", domains=domains)
    assert cells == {"owl": 75, "cat": 25}
    rare = plan_epoch(real, {"owl": 5, "dog": 5}, 0.5, draw="inverse")
    assert rare == {"owl": 90, "dog": 10}
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


def test_the_domains_of_a_class_take_turns():
    domains = np.array([0] * 8 + [1] * 2 + [2] * 30)
    rows = {"cat": np.arange(0, 40, 2), "dog": np.arange(1, 40, 2)}
    schedule = Schedule(rows, {"cat": 3, "dog": 1}, 0, domains)
    epochs = [schedule.pick(epoch) for epoch in range(15)]
    for picked in epochs:
        assert sorted(domains[picked[:3]]) == [0, 1, 2]
    dogs = np.array([picked[3] for picked in epochs])
    assert np.bincount(domains[dogs]).tolist() == [5, 5, 5]
    assert len(set(dogs[domains[dogs] == 2])) == 5  # none twice before all had a turn


@pytest.mark.parametrize("after", [0, -0.5, 1.5, math.nan, "never", True])
def test_what_is_no_share_of_epochs_is_refused(after):
    with pytest.raises(ConfigError, match=r"must lie in \(0, 1\]"):
        check_real_only_after(after)


def test_shares_of_epochs_are_taken():
    assert [check_real_only_after(a) for a in (None, 0.6, 1)] == [None, 0.6, 1.0]


@pytest.mark.parametrize("after", [0.1, 0.55, 0.6, 0.7, 0.9])
@pytest.mark.parametrize("of", [1, 3, 5, 10, 100])
def test_the_phase_is_as_long_as_the_rest(after, of):
    phases = [epoch >= find_last_phase(of, after) for epoch in range(of)]
    assert sum(phases) == (of * round(100 - 100 * after)) // 100
    assert phases == sorted(phases)


def test_never_needs_no_number_of_epochs():
    assert find_last_phase(None, None) is None
    assert find_last_phase(100, 1.0) == 100
    for of in (None, 0):
        with pytest.raises(ConfigError, match=r"call set_epoch\(epoch, of=epochs\)"):
            find_last_phase(of, 0.6)


def test_stand_ins_are_of_the_same_class():
    schedule = plan_stand_ins(TARGETS, LABEL_OF, {"bee": 4, "ant": 3}, 7)
    picked = schedule.pick(2)
    assert sorted(picked[:4]) == [6, 7, 8, 9]
    assert set(picked[4:]) < set(range(6))
    assert len(set(picked[4:])) == 3


def test_they_change_with_epoch_and_seed():
    def pick(seed, epoch):
        plan = plan_stand_ins(TARGETS, LABEL_OF, {"ant": 3}, seed)
        return plan.pick(epoch).tolist()

    assert pick(0, 1) == pick(0, 1)
    assert sorted(pick(0, 0) + pick(0, 1)) == list(range(6))
    assert len({tuple(pick(seed, 0)) for seed in range(8)}) > 1


def test_a_class_without_real_images_takes_any():
    picked = plan_stand_ins(TARGETS, LABEL_OF, {"cat": 10}, 0).pick(0)
    assert sorted(picked) == list(range(10))
    nothing = plan_stand_ins(TARGETS, LABEL_OF, {}, 0).pick(0)
    assert nothing.dtype == np.int64
    assert not len(nothing)
