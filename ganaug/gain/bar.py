"""The bar of a gain: one over all splits; what is planned stands above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import TimeElapsedColumn

from ganaug.display.bars import PREPARING
from ganaug.display.consoles import open_bar
from ganaug.display.words import printable
from ganaug.gain.budget import Estimate
from ganaug.gain.progress import GainStatus
from ganaug.gain.protocol.arms import GAN
from ganaug.gain.splitting.splits import say_splits


@contextmanager
def show_gain(console: Console) -> Iterator[Callable[[GainStatus], None]]:
    """Show a bar on that console; yield the function that moves it."""
    said: list[str] = []
    with open_bar(console, TimeElapsedColumn()) as bar:

        def update(status: GainStatus) -> None:
            if status.plan is not None and not said:
                said.extend(list_plan(status.plan))
                for line in said:
                    bar.say(line)
            if status.pace and status.pace not in said:
                said.append(status.pace)
                bar.say(status.pace)
            bar.show(
                _name(status),
                printable(_describe(status)),
                done=_count(status),
                total=1.0,
            )

        yield update


def list_plan(plan: Estimate) -> list[str]:
    """List what will be done, and notes where the budget is too small for all of it."""
    return [plan.say(), *(f"note: {printable(note)}" for note in plan.notes)]


def _name(status: GainStatus) -> str:
    if status.together:
        return f"{say_splits(status.splits)} at a time"
    return f"split {status.split} of {status.splits}" if status.split else PREPARING


def _count(status: GainStatus) -> float:
    """Return the share of work done, 0 to 1; a split's GAN is its first third."""
    if status.together:
        return sum(_share(*each) for each in status.together) / len(status.together)
    part = _share(status.done, status.jobs)
    if status.gan is not None:
        part = 0.33 * status.gan.seen / max(1, status.gan.images)
    return (max(0, status.split - 1) + part) / status.splits


def _share(done: int, jobs: int) -> float:
    return min(0.99, 0.33 + 0.66 * done / jobs) if done else 0.0


def _describe(status: GainStatus) -> str:
    if status.together:
        done = sum(each for each, _ in status.together)
        return f"{done} of at most {sum(jobs for _, jobs in status.together)} results"
    styled = status.plan is not None and status.plan.kind != GAN
    made = "style generator" if styled else "GAN"
    if status.gan is not None and status.gan.seen >= status.gan.images:
        return f"drawing images with the {made}, and judging them"
    if status.gan is not None:
        return (
            f"training the {made}: {status.gan.seen:,}/{status.gan.images:,} images · "
            f"{status.gan.rate:,.0f}/s"
        )
    return f"{status.done} results done" if status.done else "reading the images"
