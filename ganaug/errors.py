"""Errors by cause; every message is one line for a human.

A message says what is wrong, what is allowed and what to do. The command line
prints it and exits with status 2.
"""

from ganaug.display.words import escape_controls


class GanaugError(Exception):
    """Base of every error that ganaug raises on purpose."""

    def __str__(self) -> str:
        """Return the message; names in it cannot command a terminal."""
        return escape_controls(super().__str__())


class DataError(GanaugError):
    """The user's data cannot be read, do not fit, or do not suffice."""


class ConfigError(GanaugError):
    """An argument, option or setting has a value that is not allowed."""


class RunError(GanaugError):
    """A folder of a run or gain is missing, busy, or belongs to something else."""


class CheckpointError(GanaugError):
    """A checkpoint or weight file is missing, truncated or altered."""


class TrainingError(GanaugError):
    """Training diverged and could not be saved."""


class StoreError(GanaugError):
    """A store of synthetic images is missing, busy, full or inconsistent."""


class MissingExtraError(GanaugError):
    """An optional dependency or weight file is missing."""
