"""Logs by name: what repeats the rows of metrics.jsonl for another program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ganaug.errors import ConfigError
from ganaug.spelling import suggest
from ganaug.training.journal import Log, read_journal
from ganaug.training.loggers.csv_log import CsvLog
from ganaug.training.loggers.tensorboard_log import TensorBoardLog

MakeLog = Callable[[Path], "OpenLog"]  # from the folder of a training
LOGS: dict[str, MakeLog] = {"tensorboard": TensorBoardLog, "csv": CsvLog}


class OpenLog(Log, Protocol):
    """A log that must be closed."""

    def close(self) -> None:
        """Write what is left."""


def find_log(name: str | None) -> MakeLog | None:
    """Return what opens the log of that name in a folder; None for no log.

    Raises:
        ConfigError: there is no such log.
        MissingExtraError: its library is not installed.
    """
    if name is None:
        return None
    if name not in LOGS:
        raise ConfigError(
            f"there is no log {name!r}{suggest(name, LOGS)}; choose one of "
            f"{', '.join(LOGS)}"
        )
    if name == "tensorboard":
        TensorBoardLog.check()
    return LOGS[name]


@contextmanager
def open_log(make: MakeLog | None, folder: Path) -> Iterator[OpenLog | None]:
    """Yield the log of a training's folder, closed at the end; None for no log."""
    if make is None:
        yield None
        return
    log = make(folder)
    try:
        yield log
    finally:
        log.close()


def repeat_journals(make: MakeLog, folders: Sequence[Path]) -> None:
    """Write the logs of trainings that are over."""
    for folder in folders:
        with open_log(make, folder) as log:
            assert log is not None
            log.restart(read_journal(folder))
