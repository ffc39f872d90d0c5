"""Running: the splits of a gain one after the other, or in several processes.

Worker processes keep their results in the gain's folder, as one process does; then this
process finds them there. So the figures do not depend on who computed them, and what is
finished stays, whatever happens to a worker.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import Timeout

from ganaug import engine
from ganaug.errors import RunError
from ganaug.files import LOCK, hold_lock
from ganaug.gain.domains.measuring import open_domain_splits
from ganaug.gain.kept import KEPT_FOLDER, Kept
from ganaug.gain.progress import Reporter
from ganaug.gain.protocol.measuring import open_plain_splits
from ganaug.gain.protocol.split_data import name_split
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.protocol.work import SplitWork
from ganaug.gain.request import GainRequest
from ganaug.gain.settings import Settings
from ganaug.gain.unlabelled.measuring import open_unlabelled_splits
from ganaug.workers import ALONE, Workers, is_wanted

LOOK_SECONDS = 1.0  # between two looks at what others have finished
SHOWN_SECONDS = 90.0  # in which a shared disk shows others' files
Step = tuple[Literal["begin", "run"], int]


@dataclass(frozen=True, eq=False)
class SplitsOrder:
    """What a process must know to work on the splits.

    Attributes:
        request: the data, their splits and the classifier.
        settings: amount of work.
        path: folder of the gain.
        identity: what decides all results; the folder is of the same.
    """

    request: GainRequest
    settings: Settings
    path: Path
    identity: dict[str, Any]

    def open(self, kept: Kept, reporter: Reporter) -> SplitWork:
        """Return the work on the splits."""
        request = self.request
        if request.pool is not None:
            return open_unlabelled_splits(request, self.settings, kept, reporter)
        if request.by_cells:
            return open_domain_splits(request, self.settings, kept, reporter)
        return open_plain_splits(request, self.settings, kept, reporter)


def run_splits(
    order: SplitsOrder, kept: Kept, reporter: Reporter, workers: Workers = ALONE
) -> list[SplitResult]:
    """Run all splits, with results that do not depend on the workers.

    Args:
        order: what to do.
        kept: the folder of the gain, which this process has locked.
        reporter: is told of the progress.
        workers: the processes that do it.

    Raises:
        RunError: the workers are lost, or do not see the folder.
    """
    numbers = range(len(order.request.splits.splits))
    engine.prepare(order.request.device)
    work = order.open(kept, reporter)
    if not workers.alone:
        _spread(order, work, kept, reporter, workers)
    results = []
    for number in numbers:
        jobs = work.list_jobs(number)
        reporter.begin(number, jobs, clock=lambda: kept.minutes)
        results.append(work.run(number))
    return results


def _spread(
    order: SplitsOrder,
    work: SplitWork,
    kept: Kept,
    reporter: Reporter,
    workers: Workers,
) -> None:
    """Let the workers keep the results of all splits, and wait until they show."""
    numbers = range(len(order.request.splits.splits))
    names = [name_split(number) for number in numbers]
    jobs = [len(work.list_jobs(number)) for number in numbers]
    begin: list[Step] = [("begin", number) for number in numbers if work.begin]
    run: list[Step] = [("run", number) for number in numbers]
    shared = SplitsOrder(
        order.request, order.settings, order.path.resolve(), order.identity
    )

    def tell() -> None:
        reporter.tell_together([len(kept.list_keys(name)) for name in names], jobs)

    with workers.open(shared, order.path) as crew, _every_second(tell):
        try:
            # the first split may decide something for all, which the others wait for
            for steps in (begin, run):
                for keys in crew.map(do_step, steps):
                    _wait_for(kept, keys)
                    kept.note_time()
        finally:
            kept.note_time()
    for name in names:
        (order.path / KEPT_FOLDER / name / LOCK).unlink(missing_ok=True)


def do_step(order: SplitsOrder, step: Step) -> list[str]:
    """Do a step in a worker process; return the keys of the split's results."""
    what, number = step
    kept = Kept(order.path, order.identity, _stop_if_left, timed=False)
    reporter = Reporter(_stop_if_left, len(order.request.splits.splits))
    engine.prepare(order.request.device)
    with _alone_in(order.path / KEPT_FOLDER / name_split(number)):
        work = order.open(kept, reporter)
        if what == "run":
            work.run(number)
        elif work.begin is not None:
            work.begin(number)
    return kept.list_keys(name_split(number))


def _stop_if_left(news: object) -> None:
    if not is_wanted():
        raise RunError("the command that asked for this split has ended")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other worker is at a split.

    A cluster gives a split to another worker where it does not hear of the first one,
    which may be at work all the same.
    """
    with ExitStack() as stack:
        while not _try_lock(stack, folder):
            _stop_if_left(folder)
            time.sleep(LOOK_SECONDS)
        yield


def _try_lock(stack: ExitStack, folder: Path) -> bool:
    try:
        stack.enter_context(hold_lock(folder, RunError))
    except RunError as error:
        if isinstance(error.__context__, Timeout):  # another worker has it
            return False
        raise
    return True


def _wait_for(kept: Kept, keys: list[str]) -> None:
    """Wait until this machine sees the results of a worker."""
    deadline = time.monotonic() + SHOWN_SECONDS
    name = keys[0].partition("/")[0] if keys else ""
    while missing := set(keys).difference(kept.list_keys(name)):
        if time.monotonic() > deadline:
            raise RunError(
                f"a worker has {min(missing)} in its {kept.path}, and this machine has "
                "not; give --out a folder on a disk that all share"
            )
        time.sleep(LOOK_SECONDS)


@contextmanager
def _every_second(tell: Callable[[], None]) -> Iterator[None]:
    """Call a function every second in this block; its error comes at the end."""
    ended, errors = threading.Event(), []

    def look() -> None:
        try:
            while not ended.wait(LOOK_SECONDS):
                tell()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        tell()
    for error in errors:
        raise error
