"""Commands that are killed, stopped or fail end again in the same bytes."""

import pytest
from campaign.commands import COMMANDS
from campaign.disturbing import Shop
from campaign.forge import Forge

pytestmark = pytest.mark.campaign
KILLED, STOPPED = -9, {"SIGKILL": (-9, 0), "SIGTERM": (143, 0), "SIGINT": (130, 0)}
ERRORS = ("ENOSPC", "EIO", "EACCES")
FEWEST = {"train": 1.0, "synth": 1.0, "fill": 0.6, "gain": 0.6}  # slower ones get fewer


@pytest.fixture(scope="module")
def forge():
    with Forge() as made:
        yield made


@pytest.fixture(scope="module", params=COMMANDS)
def shop(request, forge, tmp_path_factory):
    """Make a folder in which the command ran undisturbed."""
    return Shop(request.param, tmp_path_factory.mktemp(request.param), forge)


def choose(tally, shop, number):
    """Choose that many of the undisturbed command's changes of files."""
    every = range(1, shop.first.changes + 1)
    number = tally.scale(number * FEWEST[shop.name])
    return sorted(tally.chance.sample(every, min(len(every), number)))


def test_killed_at_a_change_of_a_file(shop, tally):
    for at in choose(tally, shop, 40):
        fault = shop.attempt((KILLED,), fault={"kind": "kill", "at": at})
        tally.add("kill points", f"{shop.name} at {at}", fault)
    tally.close()


def test_stopped_at_any_time(shop, tally):
    for _ in range(tally.scale(16 * FEWEST[shop.name])):
        name = tally.chance.choice(list(STOPPED))
        after = tally.chance.uniform(0, shop.first.seconds)
        fault = shop.attempt(STOPPED[name], signal=name, after=after)
        tally.add("signals", f"{shop.name} {name} after {after:.2f} s", fault)
    tally.close()


def test_failing_calls(shop, tally):
    for at in choose(tally, shop, 24):
        kind, lasting = tally.chance.choice(ERRORS), tally.chance.random() < 0.3
        broken = {"kind": kind, "at": at, "lasting": lasting}
        case = f"{shop.name} {kind} at {at}{' and later' * lasting}"
        tally.add("failing calls", case, shop.attempt((0, 2), fault=broken))
    tally.close()


def test_full_disks(shop, tally):
    for _ in range(tally.scale(8 * FEWEST[shop.name])):
        size = round(10 ** tally.chance.uniform(3.7, 5))
        fault = shop.attempt((0, 2), largest=size)
        tally.add("full disks", f"{shop.name} with {size} bytes a file", fault)
    tally.close()


def test_low_memory(shop, tally):
    for _ in range(tally.scale(6 * FEWEST[shop.name])):
        megabytes = tally.chance.randint(1, 60)
        fault = shop.attempt((0, 2), memory=megabytes)
        tally.add("low memory", f"{shop.name} with {megabytes} MB", fault)
    for at in choose(tally, shop, 8):
        fault = shop.attempt((0, 2), fault={"kind": "memory", "at": at})
        tally.add("low memory", f"{shop.name} MemoryError at {at}", fault)
    tally.close()
