"""`--processes N`: the same command in several processes, which train together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from ganaug.workers import count_cores

OPTION = "--processes"
POLL_SECONDS = 0.1
# in which the others notice that one has gone; nothing is lost where it was the leader,
# who alone writes
GRACE_SECONDS, GRACE_AFTER_LEADER = 20.0, 2.0
ASKED_TO_STOP = (130, 143)  # statuses of processes that save, and may take their time
# signal → what the processes get, which save on the latter
MEANT = {"SIGINT": "SIGINT", "SIGTERM": "SIGTERM", "SIGHUP": "SIGTERM"}
FORWARDED = {name: meant for name, meant in MEANT.items() if hasattr(signal, name)}


class EndedError(Exception):
    """Processes ended badly, and have said why.

    Attributes:
        status: exit status of the command.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Worker(NamedTuple):
    """A process, and the file with what it says; the leader says it to the user."""

    rank: int
    process: subprocess.Popen[bytes]
    said: Path | None

    @property
    def status(self) -> int | None:
        """Exit status, as a shell has it; None while it runs."""
        code = self.process.poll()
        return 128 - code if code is not None and code < 0 else code


def run_processes(n: int, words: Sequence[str]) -> None:
    """Run a command in n processes of this machine.

    The first one leads and talks. Where one ends badly, the others end too.

    Args:
        n: number of processes.
        words: words of the command after `ganaug`.

    Raises:
        EndedError: one of them ended badly.
    """
    command = [*_find_command(), *drop_option(words)]
    environment = _prepare_environment(n)
    workers: list[Worker] = []
    with tempfile.TemporaryDirectory(prefix="ganaug-") as folder, _forwarding(workers):
        try:
            for rank in range(n):
                said = Path(folder, str(rank)) if rank else None
                workers.append(_start(rank, command, environment, said))
            first, killed = _wait(workers)
        finally:
            for worker in workers:
                worker.process.kill()
        if first is None:
            return
        # the leader tells of its own end, of a stop, and of others that it notices
        spoke = bool(workers[0].status) and workers[0] not in killed
        if first.process.returncode < 0 or not spoke:
            _tell(first)
    blamed = workers[0] if workers[0].status and workers[0] not in killed else first
    raise EndedError(blamed.status or 1)


def drop_option(words: Sequence[str]) -> list[str]:
    """Return the words of a command without --processes and its number.

    Example:
        >>> drop_option(["train", "photos", "--processes", "2", "--seed=1"])
        ['train', 'photos', '--seed=1']
    """
    kept: list[str] = []
    left = iter(words)
    for word in left:
        if word == OPTION:
            next(left, None)
        elif not word.startswith(f"{OPTION}="):
            kept.append(word)
    return kept


def _find_command() -> list[str]:
    """Return the words that start ganaug: the script that was started, if there is one.

    `python -m` would look for modules in the working directory first, which may be
    that of somebody's images.
    """
    script = Path(sys.argv[0])
    if script.name == "ganaug" and script.is_file():
        return [sys.executable, str(script)]
    return [sys.executable, "-m", "ganaug"]


def _prepare_environment(n: int) -> dict[str, str]:
    """Return the variables by which processes find each other, as torchrun has them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "OMP_NUM_THREADS": str(max(1, count_cores() // n)),
        **os.environ,
        "PYTHONSAFEPATH": "1",
        "WORLD_SIZE": str(n),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }


def _start(
    rank: int, command: list[str], environment: dict[str, str], said: Path | None
) -> Worker:
    own = environment | {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    # in a session of its own: a terminal's Ctrl-C comes to it once, from here
    if said is None:
        process = subprocess.Popen(command, env=own, start_new_session=True)
        return Worker(rank, process, None)
    with said.open("wb") as file:
        process = subprocess.Popen(
            command, env=own, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
    return Worker(rank, process, said)


@contextmanager
def _forwarding(workers: Sequence[Worker]) -> Iterator[None]:
    """Send Ctrl-C and the like on to all; on Windows they get it themselves."""
    if os.name != "posix":
        yield
        return

    def forward(number: int, frame: FrameType | None) -> None:
        meant = signal.Signals[FORWARDED[signal.Signals(number).name]]
        for worker in workers:
            if worker.status is None:
                worker.process.send_signal(meant)

    numbers = [signal.Signals[name] for name in FORWARDED]
    before = {number: signal.signal(number, forward) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(workers: Sequence[Worker]) -> tuple[Worker | None, list[Worker]]:
    """Wait for all; return the first that ended badly, and those killed for it."""
    first, killed = None, []
    deadline = float("inf")
    while any(worker.status is None for worker in workers):
        bad = [worker for worker in workers if worker.status]
        if bad and first is None:
            first = bad[0]
            grace = GRACE_AFTER_LEADER if first.rank == 0 else GRACE_SECONDS
            if first.status not in ASKED_TO_STOP or first.rank == 0:
                deadline = time.monotonic() + grace
        if time.monotonic() > deadline:
            killed = [worker for worker in workers if worker.status is None]
            for worker in killed:
                worker.process.kill()
                worker.process.wait()
        time.sleep(POLL_SECONDS)
    bad = [worker for worker in workers if worker.status]
    return first or next(iter(bad), None), killed


def _tell(worker: Worker) -> None:
    """Say how a process ended that the user did not hear."""
    code, lines = worker.process.returncode, []
    if worker.said is not None:
        lines = worker.said.read_text("utf-8", "replace").strip().splitlines()
    how = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
    last = f": {lines[-1]}" if lines else ""
    print(f"process {worker.rank} {how}{last}", file=sys.stderr)
