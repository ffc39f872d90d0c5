"""Filling that is killed, stopped or fails ends again in the same bytes."""

import pytest
from campaign.endings import disturb, open_shop
from campaign.forge import Forge

pytestmark = pytest.mark.campaign
CASES = {
    "kill points": 50, "killed twice": 8, "signals": 16, "failing calls": 24,
    "full disks": 8, "low memory": 8, "failing allocations": 6,
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with Forge() as forge:
        yield open_shop("fill", forge, tmp_path_factory)


@pytest.mark.parametrize("kind", CASES)
def test_a_disturbed_fill_ends_again_in_the_same_bytes(shop, tally, kind):
    disturb(shop, tally, kind, CASES[kind])
