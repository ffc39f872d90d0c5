"""synthesize: from a finished run to labelled images on disk."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ganaug import engine
from ganaug.errors import StoreError
from ganaug.gan.weights import file_digest
from ganaug.synth.counts import PerClass, plan_counts, read_real_counts
from ganaug.synth.manifest import Row
from ganaug.synth.meta import NAME as META
from ganaug.synth.meta import Meta, find_versions
from ganaug.synth.names import folder_names
from ganaug.synth.store import Store
from ganaug.synth.synthesizer import CHUNK, Synthesizer, find_generator
from ganaug.synth.writer import StoreWriter, open_writer

WORKERS = 2  # threads that encode and write
PART = 16  # images that a thread takes at a time
AHEAD = 32  # parts that may be open while a GPU draws on
BLOCK = 32 << 20  # bytes of images drawn at a time, at most

logger = logging.getLogger(__name__)

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]  # labels, indices


@dataclass(frozen=True)
class SynthStatus:
    """How far a synthesis is: images written by this call, and in all to write."""

    done: int
    total: int


def synthesize(
    source: Any,
    out: str | os.PathLike[str] | None = None,
    *,
    per_class: PerClass | None = None,
    balance: bool = False,
    counts: Mapping[str, int] | None = None,
    seed: int = 0,
    size: Literal["data"] | None = None,
    device: str = "auto",
    command: str = "",
    progress: Callable[[SynthStatus], None] | None = None,
) -> Store:
    """Write labelled synthetic images into a store, or bring it up to what is asked.

    A store that was cut short is completed; one that has fewer images than asked for
    keeps them and gets the rest; one that has more keeps all.

    Args:
        source: a run, a store, its folder, or a generator file.
        out: the store; by default beside the run, or the store itself.
        per_class: images of every class, or of each class named.
        balance: fill every class up to the largest real one.
        counts: real images per class for `balance`; by default as the run has them.
        seed: another seed draws other images.
        size: `data` enlarges images from the GAN's grid to the size of the real ones.
        device: `auto`, `cpu`, `cuda` or `mps`.
        command: what the user typed, for the record.
        progress: called after each few images.

    Raises:
        StoreError: the request makes no sense, the folder holds something else or a
            store of another generator, seed or size, another process writes it, or
            the disk refuses; images written before stay.
        CheckpointError: there is no generator, or it is damaged.

    Example:
        >>> store = synthesize("digits-run", per_class=500)  # doctest: +SKIP
        >>> store.counts.sum()  # doctest: +SKIP
        5000
    """
    generator = find_generator(source)
    synthesizer = Synthesizer.load(generator, device)
    if balance and counts is None:
        counts = read_real_counts(source)
    wanted = plan_counts(synthesizer.classes, per_class, balance=balance, real=counts)
    path = default_out(generator.parent) if out is None else Path(out)
    meta = _describe(synthesizer, generator, seed, size, command)
    with open_writer(path, meta, generator) as writer:
        missing = _find_missing(writer, synthesizer.classes, wanted)
        _fill(writer, synthesizer, missing, progress)
    return Store.load(path)


def default_out(folder: Path) -> Path:
    """Where the images of a run or store go unless the user says otherwise.

    Example:
        >>> default_out(Path("digits-run")), default_out(Path("plus.run"))
        (PosixPath('digits-synthetic'), PosixPath('plus'))
    """
    if (folder / META).is_file():
        return folder
    if folder.name in ("", ".."):
        folder = folder.resolve()
    name = folder.name
    if name.endswith(".run"):
        return folder.with_name(name.removesuffix(".run"))
    return folder.with_name(f"{name.removesuffix('-run')}-synthetic")


def _describe(
    synthesizer: Synthesizer, generator: Path, seed: int, size: str | None, command: str
) -> Meta:
    if size not in (None, "data"):
        raise StoreError(f"size={size!r} is not allowed; give 'data' or leave it away")
    made = synthesizer.generators
    classes = synthesizer.classes
    return Meta(
        generator_sha256=file_digest(generator),
        data_digest=made.data_digest,
        config=made.config.to_dict(),
        class_to_idx={name: k for k, name in enumerate(classes)},
        folders=folder_names(classes),
        size=made.data_size if size == "data" else synthesizer.size,
        data_size=made.data_size,
        seed=seed,
        versions=find_versions(),
        engine=engine.describe(made.device),
        command=command,
    )


def _find_missing(
    writer: StoreWriter, classes: tuple[str, ...], wanted: Mapping[str, int]
) -> dict[int, NDArray[np.int64]]:
    """Indices to draw, by label."""
    for name, n in wanted.items():
        if writer.count(name) > n:
            logger.info(
                "%s has %d images of class %r already, more than %d: all stay",
                writer.path, writer.count(name), name, n,
            )  # fmt: skip
    missing = {
        label: writer.find_missing(name, wanted.get(name, 0))
        for label, name in enumerate(classes)
    }
    return {label: indices for label, indices in missing.items() if len(indices)}


def _fill(
    writer: StoreWriter,
    synthesizer: Synthesizer,
    missing: Mapping[int, NDArray[np.int64]],
    progress: Callable[[SynthStatus], None] | None,
) -> None:
    """Draw here, encode and write in threads, add rows in order."""
    writer.make_folders([synthesizer.classes[label] for label in missing])
    done, total = 0, sum(map(len, missing.values()))
    pending: deque[Future[list[Row]]] = deque()
    # a CPU that draws and encodes at once does both more slowly
    ahead = 0 if synthesizer.generators.device.type == "cpu" else AHEAD

    def settle(most: int) -> None:
        nonlocal done
        while len(pending) > most:
            rows = pending.popleft().result()
            writer.add_rows(rows)
            done += len(rows)
            if progress is not None:
                progress(SynthStatus(done, total))

    with ThreadPoolExecutor(WORKERS) as threads:
        for labels, indices in _cut(missing, _count_rows(synthesizer)):
            images = synthesizer.sample_rows(labels, indices, seed=writer.meta.seed)
            for start in range(0, len(labels), PART):
                part = slice(start, start + PART)
                task = labels[part], indices[part], images[part]
                pending.append(threads.submit(writer.save_images, *task))
            settle(ahead)
        settle(0)


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
