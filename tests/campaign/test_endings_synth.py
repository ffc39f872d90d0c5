"""Drawing that is killed, stopped or fails ends again in the same bytes."""

import pytest
from campaign.endings import disturb, open_shop
from campaign.forge import Forge

pytestmark = pytest.mark.campaign
CASES = {
    "kill points": 300, "killed twice": 12, "signals": 24, "failing calls": 40,
    "full disks": 10, "low memory": 10, "failing allocations": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with Forge() as forge:
        yield open_shop("synth", forge, tmp_path_factory)


@pytest.mark.parametrize("kind", CASES)
def test_a_disturbed_synth_ends_again_in_the_same_bytes(shop, tally, kind):
    disturb(shop, tally, kind, CASES[kind])
