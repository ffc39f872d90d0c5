"""A gain that is killed, stopped or fails ends again in the same bytes."""

import pytest
from campaign.endings import disturb, open_shop
from campaign.forge import Forge

pytestmark = pytest.mark.campaign
CASES = {
    "kill points": 32, "killed twice": 6, "signals": 16, "failing calls": 16,
    "full disks": 6, "low memory": 6, "failing allocations": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with Forge() as forge:
        yield open_shop("gain", forge, tmp_path_factory)


@pytest.mark.parametrize("kind", CASES)
def test_a_disturbed_gain_ends_again_in_the_same_bytes(shop, tally, kind):
    disturb(shop, tally, kind, CASES[kind])
