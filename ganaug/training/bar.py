"""The bar of a training: images seen, speed, time left, figures; alarms above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from ganaug.display.consoles import open_bar
from ganaug.display.words import printable
from ganaug.training.journal import Fired
from ganaug.training.progress import Status

COLUMNS_BESIDE = 45  # width that description, bar and images take
# the most useful first: a narrow terminal has no room for the others
SHORT_NAMES = {
    "diversity": ("diversity", ".2f"), "d_loss": ("D", ".2f"), "g_loss": ("G", ".2f"),
    "gradient": ("∇G", ".2g"), "margin": ("margin", ".2g"), "gap": ("gap", ".2g"),
}  # fmt: skip


@contextmanager
def show_training(
    console: Console, unit: str = "images"
) -> Iterator[Callable[[Status], None]]:
    """Show a bar on that console; yield the function that moves it."""
    said: set[str] = set()
    with open_bar(console) as bar:

        def update(status: Status) -> None:
            for key, line in describe_news(status).items():
                if key not in said:
                    said.add(key)
                    bar.say(line)
            # the last step may go past the end
            seen = f"{min(status.seen, status.images):,}/{status.images:,} {unit}"
            detail = describe_status(status, room=console.width - COLUMNS_BESIDE)
            bar.show(
                printable(status.part) or "training",
                f"{seen} {detail}",
                done=status.seen,
                total=status.images,
            )

        yield update


def describe_status(status: Status, *, room: int) -> str:
    """Write speed, time left, losses and the last diagnosis, where there is room."""
    left = round(status.seconds_left)
    found = f"{status.rate:.0f}/s · {left // 60}:{left % 60:02d} left"
    for name, (short, form) in SHORT_NAMES.items():
        if name not in status.figures:
            continue
        longer = f"{found} · {short} {status.figures[name]:{form}}"
        if len(longer) > room:
            break
        found = longer
    return found


def describe_news(status: Status) -> dict[str, str]:
    """List what a user should read once: alarms, and a time that is not kept.

    Returns:
        A key for each line, by which to know it again, and the line.
    """
    lines = [describe_alarm(status.part, alarm) for alarm in status.alarms]
    news = {line: line for line in lines}
    if status.pace is not None:
        news["pace"] = status.pace.sentence
    return news


def describe_alarm(part: str, alarm: Fired) -> str:
    """Write in one line when and where an alarm rang, what was seen and what helps."""
    where = f"{printable(part)}: " if part else ""
    what = "alarm over" if alarm.over else "alarm"
    return f"{what} after {alarm.images:,} images: {where}{alarm.sentence}"
