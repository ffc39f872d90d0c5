"""Training that is killed, stopped or fails ends again in the same bytes."""

import pytest
from campaign.endings import disturb, open_shop
from campaign.forge import Forge

pytestmark = pytest.mark.campaign
CASES = {
    "kill points": 200, "killed twice": 16, "signals": 32, "failing calls": 40,
    "full disks": 10, "low memory": 12, "failing allocations": 10,
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with Forge() as forge:
        yield open_shop("train", forge, tmp_path_factory)


@pytest.mark.parametrize("kind", CASES)
def test_a_disturbed_train_ends_again_in_the_same_bytes(shop, tally, kind):
    disturb(shop, tally, kind, CASES[kind])
