"""Forge: a process that has all libraries, and forks one for each command to run.

Starting Python and torch anew would take longer than any of the commands.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path

from campaign.commands import hasten, run_words
from campaign.faults import Counter, limit_files, limit_memory
from campaign.guard import peak_memory

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 300.0  # until a command counts as never ending, on a busy machine
MOST_SPENT, MOST_TAKEN = 10.0, 1 << 30  # seconds of a processor, and bytes
TRACEBACK = 99  # exit status of a command that ended in one
STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Job:
    """A command to run, and what befalls it.

    Attributes:
        words: the command line after `ganaug`.
        folder: where it runs.
        fault: arguments of Counter; empty for none.
        signal, after: name of a signal, and seconds until it is sent.
        memory: megabytes that it may take; 0 for no limit.
        largest: bytes of the largest file; 0 for no limit.
    """

    words: tuple[str, ...]
    folder: str
    fault: dict = field(default_factory=dict)
    signal: str = ""
    after: float = 0.0
    memory: int = 0
    largest: int = 0


@dataclass(frozen=True)
class Ending:
    """How a command ended.

    Attributes:
        status: of its exit; below 0 where it was killed.
        said: its standard error.
        seconds, spent: on the clock, and of a processor.
        taken: bytes of memory beyond what it began with.
        changes: of files in its folder; 0 where it was killed.
    """

    status: int
    said: str
    seconds: float
    spent: float
    taken: int
    changes: int

    def find_fault(self, allowed):
        """Say what is wrong with it, given the statuses that are allowed."""
        lines = [line for line in self.said.splitlines() if line.strip()]
        if "Traceback" in self.said or self.status == TRACEBACK:
            return f"a traceback: {' | '.join(lines[-3:])}"
        if self.status not in allowed:
            return f"status {self.status}: {' | '.join(lines[-1:])}"
        if self.status == 2 and not lines[-1].startswith("ganaug: "):
            return f"no line that says why: {' | '.join(lines[-3:])}"
        if self.spent > MOST_SPENT:
            return f"{self.spent:.1f} s"
        return f"{self.taken >> 20} MB" if self.taken > MOST_TAKEN else ""


class Forge:
    """The process, as its users see it; use it in a with block."""

    def __enter__(self):
        paths = os.pathsep.join(map(str, (ROOT / "tests", ROOT)))
        known = os.environ.get("PYTHONPATH", "")
        env = {**os.environ, "PYTHONPATH": f"{paths}{os.pathsep}{known}",
               "OMP_NUM_THREADS": "1"}  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "campaign.forge"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def run(self, job):
        """Run a Job, and return its Ending."""
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        return Ending(**json.loads(self._process.stdout.readline()))


def _serve():
    hasten()
    for line in sys.stdin:
        print(json.dumps(asdict(_run(Job(**json.loads(line))))), flush=True)


def _run(job):
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        said, notes = Path(scratch) / "said", Path(scratch) / "notes"
        said.touch()
        own = peak_memory()
        # a signal waits until the new process can end by it
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        child = os.fork()
        if not child:
            _be_command(job, said, notes)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        status, usage = _wait(child, job, begun)
        return Ending(
            status, said.read_text(errors="replace")[-4000:],
            seconds=time.monotonic() - begun,
            spent=usage.ru_utime + usage.ru_stime,
            taken=(usage.ru_maxrss << 10) - own,
            changes=_learn(notes),
        )  # fmt: skip


def _learn(notes):
    """Import what a command imported, for the next one; return its changes of files."""
    if not notes.is_file():
        return 0  # it was killed
    changes, *modules = notes.read_text().split()
    for name in modules:
        with contextlib.suppress(Exception):
            import_module(name)
    return int(changes)


def _be_command(job, said, notes):
    """Run the command in this forked process, and leave it."""
    known = set(sys.modules)
    counter = Counter(job.folder, **job.fault)
    status = TRACEBACK
    try:
        _redirect(said)
        for number in STOPPING:  # until the command has handlers of its own
            signal.signal(number, _leave)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        if job.memory:
            limit_memory(job.memory)
        if job.largest:
            limit_files(job.largest)
        if job.fault:
            counter.arm()
        run_words(job.words, job.folder)
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException as error:
        with contextlib.suppress(BaseException):
            print(f"Traceback: {error!r:.500}", file=sys.stderr)
    finally:
        with contextlib.suppress(BaseException):
            sys.stderr.flush()
            new = sorted(set(sys.modules) - known)
            notes.write_text(" ".join([str(counter.seen), *new]))
        os._exit(status)


def _leave(number, frame):
    os._exit(128 + number)


def _redirect(said):
    for number, path in enumerate((os.devnull, os.devnull, said)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, "rww"[n]) for n in range(3))


def _wait(child, job, begun):
    """Wait for the command, send it its signal, and end it where it never ends."""
    sent = not job.signal
    while True:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), usage
        seconds = time.monotonic() - begun
        if not sent and seconds >= job.after:
            os.kill(child, getattr(signal, job.signal))
            sent = True
        if seconds > MOST_SECONDS:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)


if __name__ == "__main__":
    _serve()
