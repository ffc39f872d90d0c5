"""Filling: draw, judge and write until every class has what was asked for."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.synth.filters.screen import Judgement, Screen
from ganaug.synth.store.manifest import Row
from ganaug.synth.synthesizer import CHUNK, Synthesizer
from ganaug.synth.writer import StoreWriter

WORKERS = 2  # threads that encode and write
PART = 16  # images that a thread takes at a time
AHEAD = 32  # parts that may be open while a GPU draws on
BLOCK = 32 << 20  # bytes of images drawn at a time, at most
TRIED = 200  # candidates of a class before it can be given up
LEAST = 0.02  # acceptance below which it is; 1/LEAST candidates per image at most
Z95 = 1.96

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]  # labels, indices


@dataclass(frozen=True)
class SynthStatus:
    """How far a synthesis is.

    Attributes:
        done, total: images accepted by this call, and in all to write.
        candidates: judged by this call.
        learning: whether the filters still learn from the real images, which takes
            a while; nothing else is known then.
    """

    done: int = 0
    total: int = 0
    candidates: int = 0
    learning: bool = False


Progress = Callable[[SynthStatus], None]


def fill_store(
    writer: StoreWriter,
    synthesizer: Synthesizer,
    wanted: Mapping[str, int],
    screen: Screen | None,
    progress: Progress | None,
    *,
    others: tuple[int, int] = (0, 0),
) -> None:
    """Bring every class to its number of accepted images, or give it up.

    Candidates are judged in the order of their indices, so that a store is the same
    whether it was made at once or in steps. `others` are a class's accepted images and
    candidates of other captions, which say nothing of this one's acceptance.
    """
    filling = _Filling(writer, synthesizer, wanted, screen, progress, others)
    filling.restore_lost()
    filling.remember_kept()
    while plan := filling.plan_round():
        filling.draw(plan)


def is_hopeless(kept: int, drawn: int) -> bool:
    """Whether the acceptance lies below `LEAST` with 95 % confidence (Wilson, 1927).

    Example:
        >>> is_hopeless(0, 100), is_hopeless(0, 400), is_hopeless(20, 400)
        (False, True, False)
    """
    if drawn < TRIED:
        return False
    share, z2 = kept / drawn, Z95**2
    reach = Z95 * math.sqrt((share * (1 - share) + z2 / (4 * drawn)) / drawn)
    return (share + z2 / (2 * drawn) + reach) / (1 + z2 / drawn) < LEAST


class _Filling:
    """One call's work: what each class still needs, and images on their way."""

    def __init__(
        self,
        writer: StoreWriter,
        synthesizer: Synthesizer,
        wanted: Mapping[str, int],
        screen: Screen | None,
        progress: Progress | None,
        others: tuple[int, int],
    ) -> None:
        self.writer, self.synthesizer, self.screen = writer, synthesizer, screen
        self.wanted, self.progress, self.others = wanted, progress, others
        self.classes = writer.meta.classes
        self.kept = {name: writer.count(name) for name in wanted}
        self.drawn = {name: writer.count_drawn(name) for name in wanted}
        self.total = sum(max(0, n - self.kept[name]) for name, n in wanted.items())
        self.done = self.candidates = 0
        self.rows = _count_rows(synthesizer)

    def remember_kept(self) -> None:
        """Let the filters know what the store has, as far as it is not complete.

        And nothing else: of an earlier caption they may have seen more than it took.
        """
        if self.screen is not None:
            self.screen.forget()
            for images, labels in self.writer.read_kept(self._open_classes()):
                self.screen.remember(images, labels)

    def restore_lost(self) -> None:
        """Write files that have a row again, without a second one."""
        lost = {k: self.writer.find_lost(name) for k, name in enumerate(self.classes)}
        lost = {label: indices for label, indices in lost.items() if len(indices)}
        self.total += sum(map(len, lost.values()))
        self.draw(lost, judged=False)

    def plan_round(self) -> dict[int, NDArray[np.int64]]:
        """Indices to draw next, by label: as many as are likely to be enough."""
        return {
            self.classes.index(name): self.writer.find_new(name, n)
            for name in self._open_classes()
            if (n := self._guess(name))
        }

    def draw(self, plan: dict[int, NDArray[np.int64]], *, judged: bool = True) -> None:
        """Draw and judge here, encode and write in threads, add rows in order."""
        names = [self.classes[label] for label in plan]
        self.writer.make_folders(names)
        self._report(names)
        pending: deque[Future[list[Row]]] = deque()
        # a CPU that draws and encodes at once does both more slowly
        ahead = 0 if self.synthesizer.generators.device.type == "cpu" else AHEAD
        with ThreadPoolExecutor(WORKERS) as threads:
            for labels, indices in _cut(plan, self.rows):
                seed = self.writer.meta.seed
                captions = self.writer.find_captions(labels, indices)
                images = self.synthesizer.sample_rows(
                    labels, indices, seed=seed, captions=captions
                )
                verdict = self._judge(images, labels) if judged else None
                taken = self._take(labels, verdict) if judged else range(len(labels))
                for start in range(0, len(taken), PART):
                    part = np.array(taken[start : start + PART], np.int64)
                    task = part, labels, indices, images, verdict
                    pending.append(threads.submit(self.writer.save_images, *task))
                self._settle(pending, ahead)
            self._settle(pending, 0)

    def _open_classes(self) -> list[str]:
        return [
            name
            for name, n in self.wanted.items()
            if self.kept[name] < n and not self._gave_up(name)
        ]

    def _gave_up(self, name: str) -> bool:
        kept, drawn = self.others
        return is_hopeless(self.kept[name] - kept, self.drawn[name] - drawn)

    def _guess(self, name: str) -> int:
        missing = self.wanted[name] - self.kept[name]
        if self.screen is None:
            return missing
        share = (self.kept[name] + 8) / (self.drawn[name] + 8)
        likely = math.ceil(missing / max(share, LEAST))
        return min(likely, max(TRIED, 4 * missing))

    def _judge(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> Judgement | None:
        return None if self.screen is None else self.screen.judge(images, labels)

    def _take(self, labels: NDArray[np.int64], verdict: Judgement | None) -> list[int]:
        """Candidates to record: up to the one that completes or dooms their class."""
        taken = []
        for i, label in enumerate(labels):
            name = self.classes[label]
            if self.kept[name] >= self.wanted[name] or self._gave_up(name):
                continue
            self.drawn[name] += 1
            self.kept[name] += verdict is None or bool(verdict.kept[i])
            taken.append(i)
        return taken

    def _settle(self, pending: deque[Future[list[Row]]], most: int) -> None:
        while len(pending) > most:
            rows = _name_sources(pending.popleft().result(), self.synthesizer)
            self.writer.add_rows(rows)
            self.done += sum(row.kept for row in rows)
            self.candidates += len(rows)
            self._report(rows)

    def _report(self, work: Sequence[object]) -> None:
        if self.progress is not None and work:
            self.progress(SynthStatus(self.done, self.total, self.candidates))


def _name_sources(rows: list[Row], synthesizer: Synthesizer) -> list[Row]:
    """Rows with the real image that each was drawn from, if any."""
    if not rows:
        return rows
    labels = np.array([row.label for row in rows], np.int64)
    places = np.array([row.place for row in rows], np.int64)
    names = synthesizer.name_sources(labels, places, seed=rows[0].seed)
    return [row._replace(source_id=name) for row, name in zip(rows, names, strict=True)]


def _count_rows(synthesizer: Synthesizer) -> int:
    """Images to draw at a time: whole chunks, fewer where they are large."""
    height, width = synthesizer.size
    chunk = CHUNK * height * width * synthesizer.config.channels
    return CHUNK * min(8, max(1, BLOCK // chunk))


def _cut(missing: Mapping[int, NDArray[np.int64]], rows: int) -> Iterator[Rows]:
    """Class by class, the last of one beside the first of the next."""
    if not missing:
        return
    lengths = [len(indices) for indices in missing.values()]
    labels = np.repeat(np.array(list(missing), np.int64), lengths)
    indices = np.concatenate(list(missing.values()))
    for start in range(0, len(labels), rows):
        yield labels[start : start + rows], indices[start : start + rows]
