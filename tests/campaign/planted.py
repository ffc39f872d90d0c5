"""Planted faults: readers that do what the harness must notice."""

import os
import time

from ganaug.errors import GanaugError


def prepare():
    """Load nothing."""


def behave(folder, data):
    (folder / "note").write_text("mine")
    raise GanaugError("one line")


def write_outside(folder, data):
    (folder.parent / "planted").write_text("not mine")


def follow_link(folder, data):
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "link").read_text()


def refuse_link(folder, data):
    (folder / "link").symlink_to(folder.parent / "secret")
    os.open(folder / "link", os.O_RDONLY | os.O_NOFOLLOW)


def follow_folder(folder, data):
    (folder / "link").symlink_to(folder.parent)
    os.open(folder / "link" / "secret", os.O_RDONLY | os.O_NOFOLLOW)


def crash(folder, data):
    {}["missing"]


class RamblingError(GanaugError):
    def __str__(self):
        return "one line\nand another"


def ramble(folder, data):
    raise RamblingError


def hoard(folder, data):
    bytearray(40 << 20)


def die(folder, data):
    os.kill(os.getpid(), 9)


def be_slow(folder, data):
    begun = time.process_time()
    while time.process_time() < begun + 1:
        pass


READERS = {
    read.__name__: read
    for read in (
        behave, write_outside, follow_link, refuse_link, follow_folder, crash, ramble,
        hoard, die, be_slow,
    )
}  # fmt: skip
