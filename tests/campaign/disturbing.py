"""Shop: a command's own folder, its undisturbed results, and what differs."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from campaign.commands import COMMANDS, draw_data, list_hidden
from campaign.forge import Job


@dataclass
class Shop:
    """A command in a folder of its own, run twice without any disturbance.

    Attributes:
        name: of the command, see `COMMANDS`.
        folder: where it runs.
        forge: runs it.
        changes, seconds: of files and of time, that it takes.
    """

    name: str
    folder: Path
    forge: object

    def __post_init__(self):
        draw_data(self.folder)
        self.folder = self.folder.resolve()
        self.words, self.outputs = COMMANDS[self.name]
        self.data = self._digest(("data", "rooms"))
        self._run_soundly()  # what it imports is imported for the next ones
        self.expected = self._digest(self.outputs)
        self.clear()
        ending = self._run_soundly(fault={"kind": None})
        self.changes, self.seconds = ending.changes, ending.seconds
        assert not self._compare()

    def run(self, **options):
        """Run the command with the options of a Job."""
        return self.forge.run(Job(tuple(self.words), str(self.folder), **options))

    def _run_soundly(self, **options):
        ending = self.run(**options)
        assert ending.status == 0, ending.said
        return ending

    def clear(self):
        """Remove what it wrote."""
        for name in self.outputs:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def attempt(self, allowed, *, times=1, **options):
        """Disturb the command, run it again, and return what is wrong, or nothing.

        Args:
            allowed: exit statuses that are right for the disturbed command.
            times: how often it is disturbed, one after the other.
            options: of a Job.
        """
        self.clear()
        faults = [self.run(**options).find_fault(allowed) for _ in range(times)]
        again = self.run().find_fault((0,))
        if any(faults) or again:
            return (
                "; ".join(filter(None, faults)) or f"the same again ends with {again}"
            )
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
