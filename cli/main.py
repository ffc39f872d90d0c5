"""The command `ganaug`: the table of verbs, and the exit status of each ending."""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Annotated, Any

import typer

from ganaug import __version__
from ganaug.display.words import escape_controls
from ganaug.errors import GanaugError
from ganaug.spelling import suggest

from .evaluate import evaluate
from .export import export
from .gain import gain
from .inspect import inspect_data
from .report import report
from .shared.processes import EndedError
from .style import style
from .synth import synth
from .text.commands import text
from .train import train
from .verify import verify_store

# what torch says where an allocation fails, and Python where a thread does; a worker
# process that ends by itself was mostly ended for its memory
SHORTAGE = re.compile(
    "can't allocate memory|not enough memory|out of memory|start new thread|"
    "process pool was terminated abruptly"
)
INTERRUPTED = 128 + signal.SIGINT
BROKEN_PIPE = 128 + 13  # SIGPIPE, which not every system has
# typer gives its parser's exception no public name of its own
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

VERBS: dict[str, Callable[..., None]] = {
    "inspect": inspect_data,
    "train": train,
    "synth": synth,
    "style": style,
    "evaluate": evaluate,
    "verify": verify_store,
    "gain": gain,
    "report": report,
    "export": export,
}

app = typer.Typer(
    name="ganaug",
    help="Make a small labelled image set bigger with a GAN trained on it.",
    epilog="To begin: ganaug synth FOLDER --per-class 500",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, verb in VERBS.items():
    app.command(name)(verb)
app.add_typer(text, name="text")


def _say_version(requested: bool) -> None:
    if requested:
        print(f"{app.info.name} {__version__}")
        raise typer.Exit


@app.callback()
def _take_options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_say_version,
            is_eager=True,
            help="Show the version of ganaug.",
        ),
    ] = False,
) -> None:
    """Take the options that come before a verb."""


def run() -> None:
    """Run the command line and exit.

    Exit status: 0 success, 1 a check failed, 2 bad input, 130 Ctrl-C, 141 the reader
    of the output has gone, 143 SIGTERM.
    """
    signal.signal(signal.SIGTERM, _terminate)
    _spell_out_signs()
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_PlainFormatter())
    # otherwise torch's threads stay busy while they wait: beside another program that
    # makes training several times slower
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        status = _call_verb()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)  # an exception would find nobody any more
        sys.stdout.flush()  # a reader that has gone would otherwise show only at exit
    except BaseException as error:
        if not _is_broken_pipe(error):
            raise
        _discard_output()
        status = BROKEN_PIPE
    sys.exit(status)


def _leave(number: int, frame: object) -> None:
    os._exit(128 + number)


class _PlainFormatter(logging.Formatter):
    """Writes warnings without control characters, whatever names are in them."""

    def format(self, record: logging.LogRecord) -> str:
        return escape_controls(super().format(record), keep="\n\t")


def _call_verb() -> int:
    """Run the verb of the command line; say in one line why it failed."""
    try:
        words = sys.argv[1:] or ["--help"]
        status = int(app(words, prog_name=app.info.name, standalone_mode=False) or 0)
        if status == INTERRUPTED:  # all that typer says of Ctrl-C
            raise KeyboardInterrupt
        return status
    except BaseException as error:
        known = None if _is_broken_pipe(error) else _explain(error)
        if known is None:
            raise
        return known


def _explain(error: BaseException) -> int | None:
    """Say in one line why a command ended; return its exit status, None if unknown."""
    if isinstance(error, UsageError):
        _say(describe_usage(error))
        return 2
    if isinstance(error, GanaugError):
        _say(str(error))
        number = getattr(error, "signal", None)
        return 2 if number is None else 128 + number
    if isinstance(error, EndedError):
        return error.status
    if _is_interrupt(error):
        _say("stopped; run the same command again to resume")
        return INTERRUPTED
    if _is_shortage(error):
        _say(describe_shortage(error))
        return 2
    if isinstance(error, OSError):  # a full or read-only disk, wherever it shows first
        where, what = error.filename or "disk", error.strerror or error
        _say(f"{where}: {what}; fix that and run the same command again")
        return 2
    return None


def _is_shortage(error: BaseException) -> bool:
    """Whether the machine has no more memory, or no more threads."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and bool(SHORTAGE.search(str(error)))


def describe_shortage(error: BaseException) -> str:
    """Say in one line what the machine lacks, and what to do.

    Example:
        >>> describe_shortage(MemoryError())[:31]
        'there is not enough memory; wha'
    """
    what = str(error).partition("\n")[0][:200]
    if "thread" in what:
        return (
            f"the system starts no more threads ({what}); close other programs, raise "
            "ulimit -u, or set OMP_NUM_THREADS=1, and run the same command again"
        )
    why = f" ({what})" if what else ""
    return (
        f"there is not enough memory{why}; what was written stays: close other "
        "programs, or take fewer or smaller images, and run the same command again"
    )


def _is_broken_pipe(error: BaseException) -> bool:
    # typer and rich turn a broken pipe into an exit with status 1
    cause = error.__context__ if isinstance(error, SystemExit) else error
    return isinstance(cause, BrokenPipeError)


def _discard_output() -> None:
    """Let what is still buffered go nowhere; at exit it would break the pipe again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _is_interrupt(error: BaseException) -> bool:
    # typer turns Ctrl-C into a silent exit, or an Abort in older versions
    if isinstance(error, SystemExit):
        return error.code == INTERRUPTED
    return isinstance(error, KeyboardInterrupt | typer.Abort)


def describe_usage(error: Any) -> str:
    """Say what is wrong with a command line, and which command shows its help.

    Args:
        error: UsageError of typer.

    Example:
        >>> describe_usage(typer.BadParameter("too fat"))
        'invalid value: too fat; see ganaug -h'
    """
    message = _say_usage(error).rstrip(".").replace(". Did", "; did")
    context = getattr(error, "ctx", None)
    verb = context.command_path if context is not None else app.info.name
    stop = "" if message.endswith("?") else ";"
    return f"{message[0].lower()}{message[1:]}{stop} see {verb} -h"


def _say_usage(error: Any) -> str:
    """Return the parser's message; of several similar options, name the nearest."""
    option = getattr(error, "option_name", None)
    similar = getattr(error, "possibilities", None)
    if option is None or not similar:
        return str(error.format_message())
    return f"{error.message}{suggest(option, similar)}"


def _spell_out_signs() -> None:
    """Write characters that the terminal cannot show, such as ×, as numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _say(message: str) -> None:
    line = escape_controls(" ".join(message.split()))
    print(f"ganaug: {line}", file=sys.stderr)
