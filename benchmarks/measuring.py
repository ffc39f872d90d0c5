"""What every benchmark shares: paired timing, the machine's line, Markdown tables."""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ganaug import engine

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Section:
    """One part of a results page: a title, its protocol, a table."""

    title: str
    protocol: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_markdown(self) -> str:
        return "\n\n".join(
            [f"## {self.title}", self.protocol, make_table(self.columns, self.rows)]
        )


def alternate(
    measures: dict[str, Callable[[], float]], repeats: int
) -> dict[str, list[float]]:
    """Take the seconds of all measures in turns; the order reverses each time."""
    seconds: dict[str, list[float]] = {name: [] for name in measures}
    for repeat in range(repeats):
        names = list(measures)
        for name in names if repeat % 2 == 0 else reversed(names):
            seconds[name].append(measures[name]())
    return seconds


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of above/below, each pair taken in one repeat."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def time_steps(step: Callable[[], object], steps: int, warm_up: int) -> float:
    """Measure the seconds per step."""
    for _ in range(warm_up):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps


def time_call(call: Callable[[], object]) -> float:
    return time_steps(call, 1, 0)


def say_target(value: float, target: float, *, at_least: bool, why: str) -> list[str]:
    """Return the table's last two cells: the target, and whether it is met."""
    met = value >= target if at_least else value <= target
    sign = "≥" if at_least else "≤"
    return [f"{sign}{target:g}", "met" if met else f"missed: {why}"]


def make_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Make a Markdown table, padded so that it reads well as text too."""
    table = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[k]) for row in table) for k in range(len(columns))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in table
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def describe_machine(
    device: torch.device | None = None, commits: Iterable[str] = ()
) -> str:
    """Name the commits (this one by default), hardware, torch version and threads."""
    values = engine.describe(device or torch.device("cpu"))
    commit = ", ".join(dict.fromkeys(commits)) or find_commit()
    return (
        f"Commit {commit}; {values['processor']}, {os.cpu_count()} CPU cores; "
        f"torch {values['torch']}, threads: {values['threads']}."
    )


def join_machines(lines: Iterable[str]) -> str:
    """Join what `describe_machine` said of each row: each machine is named once.

    Example:
        >>> join_machines(["Commit 2b; AMD.", "Commit 1a; AMD.", "Commit 1a; Xeon."])
        'Commit 1a, 2b; AMD. Commit 1a; Xeon.'
    """
    commits: dict[str, set[str]] = {}
    for line in lines:
        commit, hardware = line.removeprefix("Commit ").split("; ", 1)
        commits.setdefault(hardware, set()).add(commit)
    return " ".join(
        f"Commit {', '.join(sorted(found))}; {hardware}"
        for hardware, found in sorted(commits.items())
    )


def find_commit() -> str:
    """Return the commit measured; a plus says that the package was changed since.

    A copy without its history reads it from GANAUG_COMMIT.
    """
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "ganaug") else "")
    except (OSError, subprocess.CalledProcessError):
        return os.environ.get("GANAUG_COMMIT", "unknown")


def update_page(
    path: Path,
    heading: str,
    sections: Sequence[Section],
    *,
    introduction: str = "",
    order: Sequence[str] = (),
) -> None:
    """Put the sections into the page, and keep its other sections.

    Args:
        path: file of the page, which may not exist yet.
        heading: title of the page.
        sections: new sections; one replaces the old one of its title.
        introduction: text below the heading.
        order: titles that come first, in this order.
    """
    found: dict[str, str] = {}
    if path.exists():
        parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.M)[1:]
        found = {part.split("\n", 1)[0]: "## " + part.strip() for part in parts}
    found |= {section.title: section.to_markdown() for section in sections}
    titles = [title for title in order if title in found]
    titles += [title for title in found if title not in titles]
    top = [f"# {heading}", introduction] if introduction else [f"# {heading}"]
    text = "\n\n".join([*top, *(found[title] for title in titles)])
    path.write_text(text + "\n", encoding="utf-8")


def positive(text: str) -> int:
    """Parse a whole number from 1 up, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 up")
    return number


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=HERE.parent, capture_output=True, text=True, check=True
    ).stdout.strip()
