"""The function `train_rows`: from a table with classes to a generator of rows."""

from __future__ import annotations

import hashlib
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug import engine
from ganaug.errors import ConfigError, RunError
from ganaug.files import claim_folder, hold_lock, read_json, write_json
from ganaug.tables.draws import Labels, Lender, move_rows
from ganaug.tables.networks import RowGenerator, RowLayout
from ganaug.tables.settings import TableConfig
from ganaug.tables.trainer import TableTrainer, build_discriminator, build_generator
from ganaug.training.checkpoint import load_checkpoint, refuse_huge
from ganaug.training.interrupt import catch_signals
from ganaug.training.loop import Loop
from ganaug.training.pace import Schedule
from ganaug.training.progress import Progress, Ticker

TABLE_FILE = "table.json"
FORMAT = 1
TYPES = {
    "format": int, "kind": str, "digest": str, "config": dict[str, Any],
    "seconds": float | None,
}  # fmt: skip
CURE = "restore it, or choose another --out"
KIND = "table"
TRIED = 20  # steps that a budget is measured with
LEAST_STEPS = 50


@dataclass(frozen=True, eq=False)
class RowSet:
    """The rows that a generator learns from.

    Attributes:
        encoder: layout of the encoded rows.
        rows: (n, width) encoded rows.
        labels: (n,) classes from 0.
    """

    encoder: RowLayout
    rows: NDArray[np.float32]
    labels: Labels

    @property
    def digest(self) -> str:
        """Digest of the rows, their order, their classes and their layout."""
        found = hashlib.sha256(self.encoder.digest.encode())
        found.update(np.ascontiguousarray(self.rows).tobytes())
        found.update(self.labels.tobytes())
        return found.hexdigest()


def train_rows(
    data: RowSet,
    config: TableConfig,
    *,
    folder: Path | None = None,
    budget: float | None = None,
    progress: Progress | None = None,
    device: str = "cpu",
) -> RowGenerator:
    """Train a generator of rows; with a folder, the same call resumes it.

    Args:
        data: rows to learn from.
        config: settings of the training.
        folder: where the training is kept; None keeps nothing.
        budget: most seconds of training; they become a number of rows at the start, so
            another machine may train on more or fewer.
        progress: function that is called about twice a second with a `Status`.
        device: `auto`, `cpu`, `cuda` or `mps`; small tables are fastest on the CPU.

    Returns:
        The generator with averaged weights.

    Raises:
        RunError: the folder is in use, has other files, or belongs to other rows.
        ConfigError: the budget is not above 0.
        StoppedError: Ctrl-C or SIGTERM stopped it; in a folder the state is saved.
    """
    place = engine.pick_device(device)
    if budget is not None and not budget > 0:
        raise ConfigError(f"budget={budget} is not allowed: give seconds above 0")
    with ExitStack() as stack:
        threads = stack.enter_context
        threads(engine.one_thread())
        if folder is None:
            path = Path(threads(tempfile.TemporaryDirectory(prefix="ganaug-table-")))
        else:
            path = folder
            claim_folder(path, RunError, marks=(TABLE_FILE,))
            threads(hold_lock(path, RunError))
        request = threads(catch_signals())
        config = _settle(path, data, config, budget, place)
        trainer = make_trainer(data, config, place)
        Loop(
            trainer,
            path,
            request=request,
            ticker=Ticker(progress, schedule=_schedule(config, budget)),
            checkpoint_minutes=config.checkpoint_minutes,
            unit="rows",
        ).finish()
    return trainer.average


def load_generator(data: RowSet, folder: Path) -> RowGenerator:
    """Read the generator of a finished training on these rows; nothing is written.

    Raises:
        RunError: the folder has no training, an unfinished one, or one on other rows.
        CheckpointError: a file of weights is damaged.
    """
    unfinished = RunError(f"{folder} is not finished; run the same training again")
    if not (folder / TABLE_FILE).is_file():
        raise unfinished
    values = _read(folder)
    if values["digest"] != data.digest:
        raise RunError(f"{folder} was trained on other rows; {CURE}")
    config = TableConfig.from_dict(values["config"])
    _refuse_huge(folder, data, config)
    trainer = make_trainer(data, config, torch.device("cpu"))
    if load_checkpoint(folder, trainer) is None or trainer.seen < config.images:
        raise unfinished
    return trainer.average


def make_trainer(
    data: RowSet, config: TableConfig, device: torch.device
) -> TableTrainer:
    """Make the trainer of a set of rows."""
    return TableTrainer(config, data.encoder, data.rows, data.labels, device)


def _settle(
    path: Path,
    data: RowSet,
    config: TableConfig,
    budget: float | None,
    device: torch.device,
) -> TableConfig:
    """Return the configuration of the folder's training, after a new one is noted."""
    if (path / TABLE_FILE).is_file():
        return _resume(path, data, config, budget)
    asked = config.to_dict()
    if budget is not None:
        config = config.replace(images=_fit_rows(data, config, budget, device))
    values = {
        "format": FORMAT, "kind": KIND, "digest": data.digest,
        "config": config.to_dict(), "seconds": budget,
        "asked": asked,
    }  # fmt: skip
    write_json(path / TABLE_FILE, values)
    return config


def _resume(
    path: Path, data: RowSet, config: TableConfig, budget: float | None
) -> TableConfig:
    values = _read(path)
    if values["digest"] != data.digest:
        raise RunError(
            f"{path} was trained on other rows; choose another --out (folder)"
        )
    if values["asked"] != config.to_dict() or values["seconds"] != budget:
        raise RunError(
            f"{path} was started with other settings; give the same, or choose another "
            "--out (folder)"
        )
    found = TableConfig.from_dict(values["config"])
    _refuse_huge(path, data, found)
    return found


def _read(path: Path) -> dict[str, Any]:
    types = {**TYPES, "asked": dict[str, Any]}
    file = path / TABLE_FILE
    return read_json(file, RunError, types=types, newest=FORMAT, cure=CURE)


def _refuse_huge(path: Path, data: RowSet, config: TableConfig) -> None:
    classes = int(data.labels.max()) + 1
    refuse_huge(
        path,
        partial(build_generator, config, data.encoder, classes),
        partial(build_discriminator, config, data.encoder, classes),
    )


def _fit_rows(
    data: RowSet, config: TableConfig, budget: float, device: torch.device
) -> int:
    """Return how many rows a budget of seconds is enough for, at most the config's."""
    trainer = make_trainer(data, config, device)
    trainer.step()  # the first is slower
    started = time.monotonic()
    for _ in range(TRIED):
        trainer.step()
    each = (time.monotonic() - started) / TRIED
    steps = max(LEAST_STEPS, int(budget / each) - TRIED)
    return min(config.images, steps * trainer.images_per_step)


def _schedule(config: TableConfig, budget: float | None) -> Schedule | None:
    if budget is None:
        return None
    return Schedule(config.images, budget, 0.0, config.images, budget)


def draw_changes(
    generator: RowGenerator,
    data: RowSet,
    anchors: Labels,
    lender: Lender,
    seed: int,
) -> NDArray[np.float32]:
    """Draw a row (n, width) from each real row (n,), with a borrowed change."""
    source = torch.Generator().manual_seed(seed)
    z = torch.randn(len(anchors), generator.noise, generator=source)
    rows, y = torch.from_numpy(data.rows), torch.from_numpy(anchors)
    change = lender.draw(len(anchors), source)
    guess = move_rows(rows, y, change, data.encoder.numbers)
    labels = torch.from_numpy(data.labels[anchors])
    device = next(generator.parameters()).device
    with torch.inference_mode(), engine.one_thread():
        made = generator(z.to(device), guess.to(device), labels.to(device))
    return np.asarray(made.cpu().numpy(), np.float32)
