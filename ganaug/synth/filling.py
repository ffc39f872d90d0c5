"""Filling: draw, judge and write until every target has its number of images."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.errors import StoreError
from ganaug.gan.generators import CHUNK
from ganaug.synth.filters.pipeline import Examined, FilterPipeline
from ganaug.synth.request import Target
from ganaug.synth.store.manifest import Row, Source
from ganaug.synth.writer import DrawnCandidates, StoreWriter
from ganaug.workers import ALONE, Crew, Workers

WRITERS = 2  # threads that encode and write
IMAGES_PER_TASK = 16  # images that a thread takes at a time
TASKS_AHEAD = 32  # tasks that may wait while a GPU draws
MOST_BYTES = 32 << 20  # largest size of the images drawn at a time
FEWEST_TRIED = 200  # fewest candidates of a target before it can be given up
LEAST_ACCEPTANCE = 0.02  # targets with a lower share of accepted images are given up
Z95 = 1.96

logger = logging.getLogger(__name__)

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]  # labels, indices


@dataclass(frozen=True)
class SynthStatus:
    """The progress of a synthesis.

    Attributes:
        done, total: images accepted by this call so far, and images to accept in all.
        candidates: candidates judged by this call so far.
        learning: whether the filters still learn from the real images; the other
            fields are 0 then.
    """

    done: int = 0
    total: int = 0
    candidates: int = 0
    learning: bool = False


Progress = Callable[[SynthStatus], None]


class Drawer(Protocol):
    """Draws candidates, each decided by the seed, its class and its index in that.

    Attributes:
        size: (height, width) of the candidates.
        channels: their number of channels.
        device: where they are drawn.
        reads_captions: whether each is drawn from a caption.
        at_a_time: number of them to draw before progress is shown.
    """

    @property
    def size(self) -> tuple[int, int]: ...

    @property
    def channels(self) -> int: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def reads_captions(self) -> bool: ...

    @property
    def at_a_time(self) -> int: ...

    def sample_rows(
        self,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64],
        *,
        seed: int,
        captions: Sequence[str] | None = None,
    ) -> NDArray[np.uint8]:
        """Draw candidates (n, h, w, c) of classes (n,) with indices (n,) in these."""

    def choose_captions(
        self, labels: NDArray[np.int64], indices: NDArray[np.int64]
    ) -> list[str]:
        """Choose (n,) captions, where it reads any."""

    def find_sources(
        self, labels: NDArray[np.int64], indices: NDArray[np.int64], *, seed: int
    ) -> list[Source]:
        """Return (n,) what each candidate is drawn from."""


def fill_store(
    writer: StoreWriter,
    drawer: Drawer,
    targets: Sequence[Target],
    *,
    pipeline: FilterPipeline | None = None,
    progress: Progress | None = None,
    workers: Workers = ALONE,
) -> None:
    """Bring every target to its number of accepted images, or give it up.

    Candidates are judged in the order of their indices, so that a store is the same
    whether it was made at once or in steps. Classes are filled together, domain by
    domain, and captions one after the other, since several may share a class.

    Args:
        writer: writer of the store.
        drawer: source of candidates.
        targets: classes, cells or captions to fill.
        pipeline: filters that judge candidates; None keeps every candidate.
        progress: function to call before the first candidate and every few images.
        workers: processes that draw and examine; this one alone writes.
    """
    lacking = sum(
        max(0, t.number - t.count(writer.states.tally).accepted) for t in targets
    )
    tracker = _Tracker(progress, lacking)
    bench = Bench(drawer, pipeline, writer.meta.seed, light=not workers.alone)
    with workers.open(bench, writer.path, StoreError) as crew:
        for group in _group_targets(targets):
            filling = _Filling(
                writer, drawer, group, pipeline=pipeline, tracker=tracker, crew=crew
            )
            filling.restore_lost()
            filling.remember_kept()
            while plan := filling.plan_round():
                filling.draw(plan)


@dataclass(frozen=True, eq=False)
class Bench:
    """What draws candidates and examines them, in this process or another.

    Attributes:
        drawer: draws them.
        pipeline: filters, or None.
        seed: seed of the candidates.
        light: whether the result goes to another process.
    """

    drawer: Drawer
    pipeline: FilterPipeline | None
    seed: int
    light: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """Candidates to draw together.

    Attributes:
        labels, indices: (n,) classes, and indices in these classes.
        captions: (n,) texts to draw them from, or None.
        restoring: whether they were judged before.
    """

    labels: NDArray[np.int64]
    indices: NDArray[np.int64]
    captions: list[str] | None
    restoring: bool

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it as bytes and texts: dask spreads arrays, and may lose them."""
        labels, indices = self.labels.tobytes(), self.indices.tobytes()
        return _read_part, (labels, indices, self.captions, self.restoring)


def _read_part(
    labels: bytes, indices: bytes, captions: list[str] | None, restoring: bool
) -> Part:
    numbers = np.frombuffer(labels, np.int64), np.frombuffer(indices, np.int64)
    return Part(*numbers, captions, restoring)


def draw_part(bench: Bench, part: Part) -> tuple[NDArray[np.uint8], Examined | None]:
    """Draw candidates, and examine them where they are new and there are filters."""
    images = bench.drawer.sample_rows(
        part.labels, part.indices, seed=bench.seed, captions=part.captions
    )
    if part.restoring or bench.pipeline is None:
        return images, None
    examined = bench.pipeline.examine(images, part.labels, part.indices)
    return images, examined.lighten() if bench.light else examined


def is_complete(target: Target, accepted: int, drawn: int) -> bool:
    """Whether a target has its number of images, or is given up.

    Example:
        >>> is_complete(Target("cat", 9), 9, 12), is_complete(Target("cat", 9), 2, 12)
        (True, False)
    """
    exhausted = target.most is not None and drawn >= target.most
    return accepted >= target.number or exhausted or is_hopeless(accepted, drawn)


def is_hopeless(kept: int, drawn: int) -> bool:
    """Whether the share of accepted images is too low, with 95 % confidence.

    The limit of confidence is that of Wilson (1927).

    Example:
        >>> is_hopeless(0, 100), is_hopeless(0, 400), is_hopeless(20, 400)
        (False, True, False)
    """
    if drawn < FEWEST_TRIED:
        return False
    share, z2 = kept / drawn, Z95**2
    reach = Z95 * math.sqrt((share * (1 - share) + z2 / (4 * drawn)) / drawn)
    return (share + z2 / (2 * drawn) + reach) / (1 + z2 / drawn) < LEAST_ACCEPTANCE


def _group_targets(targets: Sequence[Target]) -> list[list[Target]]:
    """Put all classes of a domain into one group, and each caption into its own."""
    domains: dict[str | None, list[Target]] = {}
    for target in targets:
        if target.caption is None:
            domains.setdefault(target.domain, []).append(target)
    captions = [[target] for target in targets if target.caption is not None]
    return [*domains.values(), *captions]


class _Tracker:
    """Counts images of all groups, and reports them."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total = progress, total
        self.done = self.candidates = 0

    def count(self, rows: Sequence[Row]) -> None:
        self.done += sum(row.kept for row in rows)
        self.candidates += len(rows)
        self.report(rows)

    def report(self, work: Sequence[object]) -> None:
        if self.progress is not None and work:
            self.progress(SynthStatus(self.done, self.total, self.candidates))


class _Filling:
    """The filling of one group: counts of each class, and images being written.

    Args:
        targets: targets with different classes.
    """

    def __init__(
        self,
        writer: StoreWriter,
        drawer: Drawer,
        targets: Sequence[Target],
        *,
        pipeline: FilterPipeline | None,
        tracker: _Tracker,
        crew: Crew[Bench],
    ) -> None:
        self.writer, self.drawer, self.crew = writer, drawer, crew
        self.pipeline, self.tracker = pipeline, tracker
        self.classes = writer.meta.classes
        self.targets = {target.class_name: target for target in targets}
        had = {t.class_name: t.count(writer.states.tally) for t in targets}
        self.kept = {name: count.accepted for name, count in had.items()}
        self.drawn = {name: count.drawn for name, count in had.items()}
        self.rows = _count_rows(drawer)
        for name, target in self.targets.items():
            if self.kept[name] > target.number:
                logger.info(
                    "%s has %d images of %s already, more than %d: all stay",
                    writer.path, self.kept[name], target, target.number,
                )  # fmt: skip

    def remember_kept(self) -> None:
        """Show the filters the store's images of the classes that are not complete.

        They forget all others, because they may have accepted images of an earlier
        caption that the store did not need.
        """
        if self.pipeline is not None:
            self.pipeline.forget()
            domain = next(iter(self.targets.values())).domain
            for kept in self.writer.read_kept(self._open_classes(), domain):
                self.pipeline.remember(*kept)

    def restore_lost(self) -> None:
        """Write files again that are lost but have rows in the manifest."""
        find_lost = self.writer.states.find_lost
        lost = {k: find_lost(name) for k, name in enumerate(self.classes)}
        lost = {label: indices for label, indices in lost.items() if len(indices)}
        self.tracker.total += sum(map(len, lost.values()))
        self.draw(lost, restoring=True)

    def plan_round(self) -> dict[int, NDArray[np.int64]]:
        """Return label → indices to draw next, probably enough for the class."""
        return {
            self.classes.index(name): self._find_new(name, n)
            for name in self._open_classes()
            if (n := self._guess(name))
        }

    def _find_new(self, name: str, n: int) -> NDArray[np.int64]:
        start, step = self.targets[name].turn
        return self.writer.states.find_new(name, n, start=start, step=step)

    def draw(
        self, plan: dict[int, NDArray[np.int64]], *, restoring: bool = False
    ) -> None:
        """Draw and judge here, encode and write in threads, add rows in order."""
        names = [self.classes[label] for label in plan]
        self.writer.make_folders(names)
        self.tracker.report(names)
        pending: deque[Future[list[Row]]] = deque()
        # drawing and encoding at the same time slows both down on a CPU
        ahead = 0 if self.drawer.device.type == "cpu" else TASKS_AHEAD
        with ThreadPoolExecutor(WRITERS) as threads:
            for drawn in self._draw_parts(plan, restoring):
                everything = range(len(drawn.labels))
                taken = everything if restoring else self._take(drawn)
                for start in range(0, len(taken), IMAGES_PER_TASK):
                    part = np.array(taken[start : start + IMAGES_PER_TASK], np.int64)
                    task = threads.submit(self.writer.save_images, part, drawn)
                    pending.append(task)
                self._collect(pending, ahead)
            self._collect(pending, 0)

    def _draw_parts(
        self, plan: Mapping[int, NDArray[np.int64]], restoring: bool
    ) -> Iterator[DrawnCandidates]:
        """Yield candidates in order, judged in this order too."""
        parts = [
            Part(*rows, self._choose_captions(*rows, restoring), restoring)
            for rows in _cut(plan, self.rows)
        ]
        drawn = self.crew.map(draw_part, parts)
        for part, (images, examined) in zip(parts, drawn, strict=True):
            judgement = None
            if examined is not None and self.pipeline is not None:
                judgement = self.pipeline.settle(examined)
            yield DrawnCandidates(
                part.labels, part.indices, part.captions,
                images=images, judgement=judgement,
            )  # fmt: skip

    def _choose_captions(
        self, labels: NDArray[np.int64], indices: NDArray[np.int64], restoring: bool
    ) -> list[str] | None:
        """Return the caption of each row: recorded, requested, or one of its class."""
        if not self.drawer.reads_captions:
            return None
        names = [self.classes[k] for k in labels.tolist()]
        if restoring:
            read = self.writer.states.read_lost_caption
            return [
                read(name, i) for name, i in zip(names, indices.tolist(), strict=True)
            ]
        caption = self.targets[names[0]].caption
        if caption is not None:
            return [caption] * len(labels)
        return self.drawer.choose_captions(labels, indices)

    def _open_classes(self) -> list[str]:
        return [name for name in self.targets if not self._is_complete(name)]

    def _is_complete(self, name: str) -> bool:
        return is_complete(self.targets[name], self.kept[name], self.drawn[name])

    def _guess(self, name: str) -> int:
        missing = self.targets[name].number - self.kept[name]
        if self.pipeline is None:
            return missing
        share = (self.kept[name] + 8) / (self.drawn[name] + 8)
        likely = math.ceil(missing / max(share, LEAST_ACCEPTANCE))
        guess = min(likely, max(FEWEST_TRIED, 4 * missing))
        most = self.targets[name].most
        return guess if most is None else min(guess, most - self.drawn[name])

    def _take(self, drawn: DrawnCandidates) -> list[int]:
        """Pick candidates to record, until their class is complete or given up."""
        taken = []
        for i, label in enumerate(drawn.labels):
            name = self.classes[label]
            if self._is_complete(name):
                continue
            self.drawn[name] += 1
            self.kept[name] += drawn.judgement is None or bool(drawn.judgement.kept[i])
            taken.append(i)
        if self.pipeline is not None and drawn.judgement is not None:
            self.pipeline.count(drawn.judgement, drawn.labels, taken)
        return taken

    def _collect(self, pending: deque[Future[list[Row]]], most: int) -> None:
        while len(pending) > most:
            rows = _add_sources(pending.popleft().result(), self.drawer)
            self.writer.add_rows(rows)
            self.tracker.count(rows)


def _add_sources(rows: list[Row], drawer: Drawer) -> list[Row]:
    """Add to each row its domain and the source image that it was drawn from."""
    if not rows:
        return rows
    labels = np.array([row.label for row in rows], np.int64)
    places = np.array([row.place for row in rows], np.int64)
    found = drawer.find_sources(labels, places, seed=rows[0].seed)
    return [
        row._replace(**source._asdict())
        for row, source in zip(rows, found, strict=True)
    ]


def _count_rows(drawer: Drawer) -> int:
    """Return how many images to draw at a time: whole chunks, fewer of large ones."""
    height, width = drawer.size
    chunk = CHUNK * height * width * drawer.channels
    return min(drawer.at_a_time, CHUNK * max(1, MOST_BYTES // chunk))


def _cut(missing: Mapping[int, NDArray[np.int64]], rows: int) -> Iterator[Rows]:
    """Yield parts of at most `rows` rows, class by class; parts may span classes."""
    if not missing:
        return
    lengths = [len(indices) for indices in missing.values()]
    labels = np.repeat(np.array(list(missing), np.int64), lengths)
    indices = np.concatenate(list(missing.values()))
    for start in range(0, len(labels), rows):
        yield labels[start : start + rows], indices[start : start + rows]
