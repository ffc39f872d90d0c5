"""Snapshot selection: which snapshot of a training is used to draw images."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ganaug.errors import CheckpointError
from ganaug.files import read_json, say_disk_error, write_text
from ganaug.gan.monitoring.snapshots import Candidate, within_one_error
from ganaug.records import list_types

CHOICE_FILE = "choice.json"
ENOUGH_HELD_OUT = 30  # held-out images in all, enough to tell snapshots apart


@dataclass(frozen=True)
class Choice:
    """The snapshot that was chosen, and why.

    Attributes:
        images: real images that the network had seen by then.
        reason: one clause for the user.
        last: whether it is the end of the training.
    """

    images: int
    reason: str
    last: bool = True


def choose_snapshot(
    candidates: Sequence[Candidate],
    end: int,
    held: int,
    is_clean: Callable[[int], bool],
) -> Choice:
    """Choose the latest snapshot that is as good as the best and passes the copy check.

    A snapshot within one standard error of the best counts as equally good: Breiman et
    al., "Classification and Regression Trees" (1984), section 3.4.3. With too few
    held-out images to judge by, the end of the training is chosen.

    Args:
        candidates: snapshots that are still in the folder.
        end: images seen at the end of the training.
        held: number of held-out images in all.
        is_clean: whether the snapshot after n images passes the copy check; called
            from the latest backwards, until one passes.

    Example:
        >>> some = [Candidate(64 * k, 1 / k, 0.3) for k in (1, 2, 3)]
        >>> choose_snapshot(some, 192, 30, lambda images: images < 192).images
        128
    """
    if held < ENOUGH_HELD_OUT:
        return Choice(
            end,
            f"{held} held-out images are too few to choose by, {ENOUGH_HELD_OUT} would "
            "be enough",
        )
    if not candidates:
        return Choice(end, "no snapshot was compared with held-out images")
    best = min(candidates, key=lambda c: (c.distance, -c.images))
    good = within_one_error(candidates)
    for refused, candidate in enumerate(good):
        if is_clean(candidate.images):
            reason = _say_why(candidate, best, refused)
            return Choice(candidate.images, reason, candidate.images == end)
    reason = (
        f"the earliest of {len(good)} that are about as close to the held-out images "
        "as the best: all of them draw more copies of training images than chance "
        "explains"
    )
    return Choice(good[-1].images, reason, good[-1].images == end)


def write_choice(run: Path, choice: Choice) -> None:
    """Write choice.json; raises CheckpointError when the disk refuses."""
    path = run / CHOICE_FILE
    try:
        write_text(path, json.dumps(asdict(choice), indent=1) + "\n")
    except OSError as error:
        raise CheckpointError(say_disk_error(path, error)) from error


def read_choice(run: Path) -> Choice | None:
    """Read what `write_choice` wrote; None where it is missing or damaged."""
    path = run / CHOICE_FILE
    try:
        values = read_json(
            path, CheckpointError, types=list_types(Choice), cure="delete it"
        )
    except CheckpointError:
        return None
    return Choice(**values)


def describe_choices(folders: Sequence[Path]) -> str | None:
    """Describe in one line which snapshot a run, or each class's GAN, draws with."""
    choices = [c for c in map(read_choice, folders) if c is not None]
    if len(choices) == 1:
        only = choices[0]
        which = "final snapshot" if only.last else f"snapshot at {only.images:,} images"
        return f"using the {which} ({only.reason})"
    if not choices:
        return None
    last = sum(choice.last for choice in choices)
    if last == len(choices):
        return f"using the final snapshot of each of {last} classes"
    return (
        f"using the final snapshot of {last} of {len(choices)} classes, and earlier "
        f"ones of the others; {CHOICE_FILE} in each class's folder says why"
    )


def _say_why(choice: Candidate, best: Candidate, refused: int) -> str:
    if choice == best:
        why = f"the closest to the held-out images: distance {best.distance:.3g}"
    else:
        why = (
            "the latest that is about as close to the held-out images as the best: "
            f"within {best.error:.2g}, one standard error, of {best.distance:.3g} at "
            f"{best.images:,} images"
        )
    if refused:
        noun = "one draws" if refused == 1 else "ones draw"
        why += f"; {refused} later {noun} copies of training images"
    return why
