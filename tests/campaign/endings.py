"""Endings: the ways in which a command is ended or hindered, and how many to try."""

from campaign.disturbing import Shop

KILLED = -9
# → exit statuses; before a training begins, the system itself acts on SIGTERM
SIGNALS = {"SIGKILL": (KILLED,), "SIGTERM": (143, -15), "SIGINT": (130,)}
ERRORS = ("ENOSPC", "EIO", "EACCES")


def open_shop(name, forge, tmp_path_factory):
    """Make a folder in which a command ran undisturbed."""
    return Shop(name, tmp_path_factory.mktemp(name), forge)


def disturb(shop, tally, kind, number):
    """Disturb a shop's command in one way of `DISTURBANCES`, and count the cases."""
    number = tally.scale(number)
    for words, allowed, options in DISTURBANCES[kind](shop, number, tally.chance):
        fault = shop.attempt(allowed, **options)
        tally.add(kind, f"{shop.name} {words}", fault)
    tally.close()


def _kill_at_changes(shop, number, chance):
    """Kill it as it changes a file, which is half written then."""
    for at in _choose(shop, number, chance):
        yield f"at {at}", (KILLED,), {"fault": {"kind": "kill", "at": at}}


def _kill_twice(shop, number, chance):
    """Kill it, and kill what goes on with its files."""
    for at in _choose(shop, number, chance):
        options = {"fault": {"kind": "kill", "at": at}, "times": 2}
        yield f"twice at {at}", (KILLED, 0), options


def _send_signals(shop, number, chance):
    """Send it a signal at any time."""
    for _ in range(number):
        name, after = chance.choice(list(SIGNALS)), chance.uniform(0, shop.seconds)
        options = {"signal": name, "after": after}
        yield f"{name} after {after:.2f} s", (*SIGNALS[name], 0), options


def _fail_calls(shop, number, chance):
    """Let a change of a file fail, or all from there on that take space."""
    for at in _choose(shop, number, chance):
        kind, lasting = chance.choice(ERRORS), chance.random() < 0.3
        broken = {"kind": kind, "at": at, "lasting": lasting}
        yield f"{kind} at {at}{' and later' * lasting}", (0, 2), {"fault": broken}


def _fill_disks(shop, number, chance):
    """Let files grow to a size only."""
    for _ in range(number):
        size = round(10 ** chance.uniform(3.3, 5))
        yield f"with {size} bytes a file", (0, 2), {"largest": size}


def _limit_memory(shop, number, chance):
    """Leave it little memory: the system refuses more."""
    for _ in range(number):
        megabytes = chance.randint(1, 60)
        yield f"with {megabytes} MB", (0, 2), {"memory": megabytes}


def _fail_allocations(shop, number, chance):
    """Let memory run out as it changes a file."""
    for at in _choose(shop, number, chance):
        yield f"MemoryError at {at}", (0, 2), {"fault": {"kind": "memory", "at": at}}


def _choose(shop, number, chance):
    """Choose that many of the undisturbed command's changes of files."""
    every = range(1, shop.changes + 1)
    return sorted(chance.sample(every, min(len(every), number)))


DISTURBANCES = {
    "kill points": _kill_at_changes,
    "killed twice": _kill_twice,
    "signals": _send_signals,
    "failing calls": _fail_calls,
    "full disks": _fill_disks,
    "low memory": _limit_memory,
    "failing allocations": _fail_allocations,
}
