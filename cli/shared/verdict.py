"""The verdict on a store in a command's last lines, and --require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete_from

if TYPE_CHECKING:
    from ganaug.synth.store.store import Store

CLASSES_SHOWN = 5
REQUIRED = ("usable", "good")

Require = Annotated[
    str | None,
    typer.Option(
        help="usable or good: exit with status 1 for a store that is worse.",
        autocompletion=complete_from(REQUIRED),
    ),
]


def check_require(require: str | None) -> None:
    """Raise ConfigError unless --require is usable, good or omitted."""
    from ganaug.errors import ConfigError
    from ganaug.spelling import suggest

    if require is not None and require not in REQUIRED:
        raise ConfigError(
            f"--require {require}{suggest(require, REQUIRED)} is not one of "
            f"{', '.join(REQUIRED)}"
        )


def print_verdict(store: Store) -> None:
    """Print the sentence, what is wrong in the worst classes, and the next step."""
    from .console import printable, results

    verdict = store.verdict
    if verdict is None:
        results.print(f"not judged: {_say_why(store)}", soft_wrap=True)
        return
    results.print(printable(verdict.sentence), soft_wrap=True)
    poor = [(name, own) for name, own in verdict.classes.items() if own.word == "poor"]
    if len(verdict.classes) > 1:
        for name, own in poor[:CLASSES_SHOWN]:
            results.print(f"  {printable(name)}: {own.reason}", soft_wrap=True)
    if verdict.next_step is not None:
        results.print(f"next: {printable(verdict.next_step)}", soft_wrap=True)


def _say_why(store: Store) -> str:
    """Say why a store has no verdict."""

    if next(store.read_rows(), None) is None:
        return "it has no images"
    return "the real images were not found; name them with --data"


def enforce(store: Store, require: str | None) -> None:
    """End with status 1 where the store is worse than required, or not judged."""
    from .console import printable, progress

    verdict = store.verdict
    if require is None or (verdict is not None and verdict.reaches(require)):  # type: ignore[arg-type]
        return
    found = "not judged" if verdict is None else verdict.word
    progress.print(
        f"{printable(store.path)} is {found}, and --require {require} asks for more",
        soft_wrap=True,
    )
    raise typer.Exit(1)
