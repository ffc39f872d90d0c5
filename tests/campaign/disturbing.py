"""Workplace of a command: its data, its undisturbed results, and what differs."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from campaign.commands import COMMANDS, draw_data, list_hidden
from campaign.forge import Job


@dataclass
class Shop:
    """A command in a folder of its own, run once without any disturbance.

    Attributes:
        name: of the command, see `COMMANDS`.
        folder: where it runs.
        forge: runs it.
    """

    name: str
    folder: Path
    forge: object

    def __post_init__(self):
        draw_data(self.folder)
        self.folder = self.folder.resolve()
        self.words, self.outputs = COMMANDS[self.name]
        self.data = self._digest(("data", "rooms"))
        self.first = self.run(fault={"kind": None})
        assert self.first.status == 0, self.first.said
        self.expected = self._digest(self.outputs)

    def run(self, **options):
        """Run the command with the options of a Job."""
        return self.forge.run(Job(tuple(self.words), str(self.folder), **options))

    def clear(self):
        """Remove what it wrote."""
        for name in self.outputs:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def attempt(self, allowed, **options):
        """Disturb the command, run it again, and return what is wrong, or nothing.

        Args:
            allowed: exit statuses that are right for the disturbed command.
            options: of a Job.
        """
        self.clear()
        fault = self.run(**options).find_fault(allowed)
        again = self.run().find_fault((0,))
        if fault or again:
            return fault or f"the same command again ends with {again}"
        return self._compare()

    def _compare(self):
        """Say what differs from undisturbed results."""
        found = self._digest(self.outputs)
        names = found.keys() | self.expected.keys()
        other = sorted(n for n in names if found.get(n) != self.expected.get(n))
        hidden = list_hidden(self.folder)
        if self._digest(("data", "rooms")) != self.data:
            return "the data were changed"
        if hidden:
            return f"left behind: {', '.join(hidden[:3])}"
        return f"other bytes: {', '.join(other[:3])}" if other else ""

    def _digest(self, names):
        files = (p for name in names for p in (self.folder / name).rglob("*"))
        return {
            p.relative_to(self.folder).as_posix():
            hashlib.sha256(p.read_bytes()).hexdigest()
            for p in files
            if p.is_file() and p.name != ".lock"
        }  # fmt: skip
