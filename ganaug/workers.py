"""Workers: independent jobs in several processes, of this machine or of a cluster."""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from ganaug.errors import ConfigError, GanaugError, MissingExtraError, RunError
from ganaug.files import say_disk_error, write_whole
from ganaug.scalars import make_plain
from ganaug.spelling import suggest

if TYPE_CHECKING:
    from joblib import Parallel

Shared = TypeVar("Shared")
Given = TypeVar("Given", covariant=True)
Job = TypeVar("Job")
Result = TypeVar("Result")

BACKENDS = ("loky", "dask", "ray")
MOST_PROCESSES = 256  # of one machine
CONNECT_SECONDS = 10
SHOWN_SECONDS = 5.0  # in which a shared disk shows a new file to all machines
# what joblib's engines raise where workers are lost, and none is left to work again
LOST = ("TerminatedWorkerError", "BrokenProcessPool", "KilledWorker", "TimeoutError")


class Crew(Protocol[Given]):
    """Those who do the jobs: this process, or others."""

    def map(
        self, function: Callable[[Given, Job], Result], jobs: Iterable[Job]
    ) -> Iterator[Result]:
        """Yield what a function of the shared object and a job returns, in order."""


@dataclass(frozen=True)
class Workers:
    """The processes that do jobs which do not depend on each other.

    Attributes:
        processes: jobs at a time; by default one with `loky`, and as many as the
            cluster takes otherwise.
        backend: engine of joblib: `loky` starts processes of this machine, `dask` and
            `ray` use those of a cluster.
        address: of the scheduler of dask, or of ray's head; by default the client that
            this process has already.

    Raises:
        ConfigError: a value is not allowed, or they do not fit together.

    Example:
        >>> Workers(2).alone, Workers().alone
        (False, True)
    """

    processes: int | None = None
    backend: str = "loky"
    address: str | None = None

    def __post_init__(self) -> None:
        make_plain(self, "processes")
        if self.backend not in BACKENDS:
            raise ConfigError(
                f"there is no backend {self.backend!r}{suggest(self.backend, BACKENDS)}"
                f"; choose from {', '.join(BACKENDS)}"
            )
        if self.processes is not None and not 1 <= self.processes <= MOST_PROCESSES:
            raise ConfigError(
                f"processes={self.processes} must lie in [1, {MOST_PROCESSES}]"
            )
        if self.backend == "loky" and self.address is not None:
            raise ConfigError(
                f"the address {self.address} needs a cluster; give --backend dask or "
                "ray too, or omit --address"
            )

    @property
    def alone(self) -> bool:
        """Whether this process does all by itself."""
        return self.backend == "loky" and self.processes in (None, 1)

    @contextmanager
    def open(
        self, shared: Shared, folder: Path, error: type[GanaugError] = RunError
    ) -> Iterator[Crew[Shared]]:
        """Yield those who do jobs, while the block lasts.

        What all jobs need is written once, into a hidden file of the folder, which all
        workers must see. Once it has gone, `is_wanted` is false in them.

        Args:
            shared: what all jobs need; functions in it may be of any origin.
            folder: folder that this process has locked.
            error: what to raise where the workers are lost, or the disk refuses.

        Raises:
            ConfigError: no cluster answers.
            MissingExtraError: the engine is not installed.

        Example:
            >>> with Workers().open(10, Path()) as crew:
            ...     list(crew.map(pow, [1, 2]))
            [10, 100]
        """
        if self.alone:
            yield _Alone(shared)
            return
        with ExitStack() as stack:
            options = stack.enter_context(_CONNECT[self.backend](self.address))
            ticket = stack.enter_context(_share(shared, folder, error))
            yield _Spread(self, options, ticket, error)


ALONE = Workers()


def count_cores() -> int:
    """Count the cores of this machine that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_wanted() -> bool:
    """Whether the process that asked for the current job still waits for it."""
    return _TICKET is None or _TICKET.path.exists()


class Ticket(NamedTuple):
    """Where a worker finds what all jobs need, and what it must have to do them.

    Attributes:
        path: the file, which only its digest makes trusted.
        digest: SHA-256 of its content.
        versions: of the programs on which results depend.
        threads: threads of torch, and of numpy's linear algebra; the same numbers
            come out only with the same ones.
    """

    path: Path
    digest: str
    versions: str
    threads: tuple[int, int]


class _Alone:
    def __init__(self, shared: Any) -> None:
        self._shared = shared

    def map(
        self, function: Callable[[Any, Job], Result], jobs: Iterable[Job]
    ) -> Iterator[Result]:
        for job in jobs:
            yield function(self._shared, job)


class _Spread:
    def __init__(
        self,
        workers: Workers,
        options: dict[str, Any],
        ticket: Ticket,
        error: type[GanaugError],
    ) -> None:
        self._workers, self._options = workers, options
        self._ticket, self._error = ticket, error

    def map(
        self, function: Callable[[Any, Job], Result], jobs: Iterable[Job]
    ) -> Iterator[Result]:
        from joblib import delayed

        ticket = self._ticket
        calls = (delayed(work)(ticket, function, job) for job in jobs)
        try:
            yield from self._make_parallel()(calls)
        except Exception as error:
            if type(error).__name__ not in LOST:
                raise
            words = str(error).strip().partition("\n")[0][:120]
            raise self._error(
                "the worker processes have ended, maybe for lack of memory; what was "
                f"finished stays: run the same command again to resume ({words})"
            ) from error

    def _make_parallel(self) -> Parallel:
        from joblib import Parallel, parallel_config

        n, backend = self._workers.processes, self._workers.backend
        with parallel_config(backend, n_jobs=n or -1, **self._options):
            return Parallel(
                return_as="list" if backend == "ray" else "generator",  # all it can
                batch_size=1,
                pre_dispatch=n or "all",
            )


_TICKET: Ticket | None = None
_LOADED: dict[str, Any] = {}  # digest → what all jobs need; one at most
_ONE_AT_A_TIME = threading.Lock()  # a worker of dask may have several threads


def work(ticket: Ticket, function: Callable[[Any, Job], Result], job: Job) -> Result:
    """Do a job in this process, which is a worker."""
    global _TICKET
    with _ONE_AT_A_TIME:
        if threading.current_thread() is threading.main_thread():
            # Ctrl-C in a terminal comes to all; who started this process ends it
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        _TICKET = ticket
        try:
            shared = _load(ticket)
            with _same_threads(ticket.threads):
                return function(shared, job)
        finally:
            _TICKET = None


def _load(ticket: Ticket) -> Any:
    import cloudpickle

    if ticket.digest in _LOADED:
        return _LOADED[ticket.digest]
    _LOADED.clear()
    own = _say_versions()
    if own != ticket.versions:
        raise RunError(
            f"the worker on {platform.node()} has {own}, but {ticket.versions} is "
            "needed, as here; install the same on all machines"
        )
    data = _read_soon(ticket.path)
    if data is None or hashlib.sha256(data).hexdigest() != ticket.digest:
        raise RunError(
            f"the worker on {platform.node()} does not see {ticket.path.parent}; give "
            "--out a folder on a disk that all workers share"
        )
    return _LOADED.setdefault(ticket.digest, cloudpickle.loads(data))


def _read_soon(path: Path) -> bytes | None:
    deadline = time.monotonic() + SHOWN_SECONDS
    while True:
        with suppress(OSError):
            return path.read_bytes()
        if time.monotonic() > deadline:
            return None
        time.sleep(0.2)


@contextmanager
def _share(shared: object, folder: Path, error: type[GanaugError]) -> Iterator[Ticket]:
    """Write what all jobs need, and remove it in the end."""
    import cloudpickle

    data = cloudpickle.dumps(shared)
    # named like what a killed process leaves, which the next one sweeps away
    path = folder.resolve() / f".workers.{secrets.token_hex(8)}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda hidden: hidden.write_bytes(data))
    except OSError as problem:
        raise error(say_disk_error(path, problem)) from problem
    digest = hashlib.sha256(data).hexdigest()
    try:
        yield Ticket(path, digest, _say_versions(), _count_threads())
    finally:
        path.unlink(missing_ok=True)


def _say_versions() -> str:
    import torch

    from ganaug import __version__

    python = ".".join(map(str, sys.version_info[:2]))
    return f"ganaug {__version__}, Python {python} and torch {torch.__version__}"


def _count_threads() -> tuple[int, int]:
    import torch
    from threadpoolctl import threadpool_info

    blas = [
        own["num_threads"] for own in threadpool_info() if own["user_api"] == "blas"
    ]
    return torch.get_num_threads(), max(blas, default=1)


@contextmanager
def _same_threads(threads: tuple[int, int]) -> Iterator[None]:
    import torch
    from joblib import parallel_config
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(threads[0])
    # otherwise estimators would send parts of their work to the cluster
    with (
        threadpool_limits(threads[1], user_api="blas"),
        parallel_config("threading", n_jobs=1),
    ):
        yield


@contextmanager
def _connect_nothing(address: str | None) -> Iterator[dict[str, Any]]:
    yield {}


@contextmanager
def _connect_dask(address: str | None) -> Iterator[dict[str, Any]]:
    distributed = _import_extra("distributed", "dask")
    if address is None:
        try:
            client = distributed.get_client()
        except ValueError as error:
            raise _miss_address("dask", "tcp://HOST:8786") from error
        yield {"client": client}
        return
    try:
        client = distributed.Client(
            address, timeout=CONNECT_SECONDS, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no scheduler of dask answers at {address}; start one with: dask scheduler"
        ) from error
    with client:
        yield {"client": client}


@contextmanager
def _connect_ray(address: str | None) -> Iterator[dict[str, Any]]:
    ray = _import_extra("ray", "ray")
    begun = not ray.is_initialized()
    if begun:
        if address is None:
            raise _miss_address("ray", "HOST:6379, or auto")
        try:
            ray.init(address=address, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ConfigError(
                f"no ray answers at {address}; start it with: ray start --head"
            ) from error
    _import_extra("ray.util.joblib", "ray").register_ray()
    try:
        yield {}
    finally:
        if begun:
            ray.shutdown()


_CONNECT = {"loky": _connect_nothing, "dask": _connect_dask, "ray": _connect_ray}


def _import_extra(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            f"--backend {extra} needs {extra}: pip install 'ganaug[{extra}]', here and "
            "on all workers"
        ) from error


def _miss_address(backend: str, example: str) -> ConfigError:
    return ConfigError(
        f"--backend {backend} needs --address, such as {example}; from Python, a "
        "client that is connected already will do"
    )
