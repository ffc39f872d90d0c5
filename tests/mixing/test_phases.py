"""The last phase: when it begins, and which real images stand in."""

import math

import numpy as np
import pytest

from ganaug.errors import DataError
from ganaug.mixing.phases import (
    SharedEpoch,
    check_real_only_after,
    is_real_only,
    plan_stand_ins,
)

LABEL_OF = {"ant": 5, "bee": 3, "cat": 9}
TARGETS = [5] * 6 + [3] * 4


@pytest.mark.parametrize("after", [0, -0.5, 1.5, math.nan, "never", True])
def test_what_is_no_share_of_epochs_is_refused(after):
    with pytest.raises(DataError, match=r"must lie in \(0, 1\]"):
        check_real_only_after(after)


def test_shares_of_epochs_are_taken():
    assert [check_real_only_after(a) for a in (None, 0.6, 1)] == [None, 0.6, 1.0]


@pytest.mark.parametrize("after", [0.1, 0.55, 0.6, 0.7, 0.9])
@pytest.mark.parametrize("of", [1, 3, 5, 10, 100])
def test_the_phase_is_as_long_as_the_rest(after, of):
    phases = [is_real_only(epoch, of, after) for epoch in range(of)]
    assert sum(phases) == (of * round(100 - 100 * after)) // 100
    assert phases == sorted(phases)


def test_never_needs_no_number_of_epochs():
    assert not is_real_only(99, None, None)
    assert not is_real_only(99, 100, 1.0)
    for of in (None, 0):
        with pytest.raises(DataError, match=r"call set_epoch\(epoch, of=epochs\)"):
            is_real_only(0, of, 0.6)


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


def test_epoch_and_phase_are_one_value():
    shared = SharedEpoch()
    assert shared.get() == (0, False)
    for epoch, real_only in ((7, True), (8, False), (0, True)):
        shared.set(epoch, real_only=real_only)
        assert shared.get() == (epoch, real_only)
