"""The command `ganaug`: the table of verbs, and how each of them may end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import typer

from ganaug.errors import GanaugError

from .evaluate import evaluate
from .gain import gain
from .inspect import inspect_data
from .report import report
from .synth import synth
from .train import train
from .verify import verify_store

INTERRUPTED = 128 + signal.SIGINT

VERBS: dict[str, Callable[..., None]] = {
    "inspect": inspect_data,
    "train": train,
    "synth": synth,
    "evaluate": evaluate,
    "verify": verify_store,
    "gain": gain,
    "report": report,
}

app = typer.Typer(
    name="ganaug",
    help="Make a small labelled image set bigger with a GAN trained on it.",
    epilog="To begin: ganaug synth FOLDER --per-class 500",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, verb in VERBS.items():
    app.command(name)(verb)


def run() -> None:
    """Entry point: 0 done, 1 a check failed, 2 bad input, 130 Ctrl-C, 143 SIGTERM."""
    signal.signal(signal.SIGTERM, _terminate)
    # torch's threads otherwise spin while they wait, and where another program wants
    # the processor too, training becomes several times slower
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except GanaugError as error:
        _say(str(error))
        number = getattr(error, "signal", None)
        sys.exit(2 if number is None else 128 + number)
    except (KeyboardInterrupt, SystemExit) as end:
        # some versions of typer turn Ctrl-C into a silent exit
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        _say("stopped; the same command goes on")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:  # a full or read-only disk, wherever it shows first
        _say(
            f"{error.filename or 'disk'}: {error.strerror or error}; mend it and retry"
        )
        sys.exit(2)


def _terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _say(message: str) -> None:
    line = " ".join(message.split())
    print(f"ganaug: {line}", file=sys.stderr)
