"""SplitWork: what there is to do on the splits of a gain, of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ganaug.gain.protocol.jobs import Job
from ganaug.gain.protocol.split_run import SplitResult


@dataclass(frozen=True, eq=False)
class SplitWork:
    """The work on all splits; each function takes a split's number.

    Attributes:
        list_jobs: lists the results that a split will keep.
        run: computes a split, and keeps its results.
        begin: does as much of a split as needs no other one, where the first one
            decides something for all; None where they are independent.
    """

    list_jobs: Callable[[int], Sequence[Job]]
    run: Callable[[int], SplitResult]
    begin: Callable[[int], object] | None = None
