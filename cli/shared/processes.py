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

OPTION = "--processes"
POLL_SECONDS = 0.1
GRACE_SECONDS = 20.0  # in which a process notices that another one has gone
FORWARDED = (signal.SIGINT, signal.SIGTERM)


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

    process: subprocess.Popen[bytes]
    said: Path | None


def run_processes(n: int, words: Sequence[str]) -> None:
    """Run a command in n processes of this machine.

    The first one leads and talks. Where one ends badly, the others end too.

    Args:
        n: number of processes.
        words: words of the command after `ganaug`.

    Raises:
        EndedError: one of them ended badly.
    """
    command = [sys.executable, "-m", "ganaug", *drop_option(words)]
    environment = _prepare_environment(n)
    with tempfile.TemporaryDirectory(prefix="ganaug-") as folder:
        workers = [
            _start(command, environment | {"RANK": str(k), "LOCAL_RANK": str(k)}, path)
            for k, path in enumerate(
                [None, *(Path(folder, str(k)) for k in range(1, n))]
            )
        ]
        with _forwarding(workers):
            first = _wait(workers)
        codes = [worker.process.returncode for worker in workers]
        # the leader has told of every other end
        if first is not None and (first.process.returncode < 0 or not codes[0]):
            _tell(first, workers.index(first))
    status = next(filter(None, codes), 0)
    if status:
        raise EndedError(status if status > 0 else 128 - status)


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


def _prepare_environment(n: int) -> dict[str, str]:
    """Return the variables by which processes find each other, as torchrun has them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    threads = max(1, (os.cpu_count() or 1) // n)
    return {
        "OMP_NUM_THREADS": str(threads),
        **os.environ,
        "WORLD_SIZE": str(n),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }


def _start(
    command: list[str], environment: dict[str, str], said: Path | None
) -> Worker:
    # in a session of its own: a terminal's Ctrl-C comes to it once, from here
    if said is None:
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        return Worker(process, None)
    with said.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
    return Worker(process, said)


@contextmanager
def _forwarding(workers: Sequence[Worker]) -> Iterator[None]:
    """Send Ctrl-C and SIGTERM on to all processes."""

    def forward(number: int, frame: FrameType | None) -> None:
        for worker in workers:
            if worker.process.poll() is None:
                worker.process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(workers: Sequence[Worker]) -> Worker | None:
    """Wait for all; return the first one that ended badly, after which all must end."""
    first: Worker | None = None
    deadline = float("inf")
    while any(worker.process.poll() is None for worker in workers):
        bad = [worker for worker in workers if worker.process.poll()]
        if bad and first is None:
            first, deadline = bad[0], time.monotonic() + GRACE_SECONDS
        if time.monotonic() > deadline:
            for worker in workers:
                worker.process.kill()
        time.sleep(POLL_SECONDS)
    return first


def _tell(worker: Worker, rank: int) -> None:
    """Say how a process ended that the user did not hear."""
    code, lines = worker.process.returncode, []
    if worker.said is not None:
        lines = worker.said.read_text("utf-8", "replace").strip().splitlines()
    how = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
    last = f": {lines[-1]}" if lines else ""
    print(f"process {rank} {how}{last}", file=sys.stderr)
