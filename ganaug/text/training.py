"""The function `train_texts`: first the autoencoder, then the GAN on its latents."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug import engine
from ganaug.errors import CheckpointError, ConfigError, RunError
from ganaug.files import claim_folder, hold_lock, read_json, write_json
from ganaug.tables.networks import RowGenerator
from ganaug.tables.training import RowSet, load_generator, train_rows
from ganaug.text.autoencoder import Autoencoder, pad_rows
from ganaug.text.settings import TextConfig
from ganaug.text.text_set import TextSet
from ganaug.text.trainer import AutoencoderTrainer, build_autoencoder
from ganaug.text.vocabulary import Vocabulary, fit_vocabulary
from ganaug.training.checkpoint import load_checkpoint, refuse_huge
from ganaug.training.interrupt import catch_signals
from ganaug.training.loop import Loop
from ganaug.training.progress import Progress, Ticker
from ganaug.training.weights import WEIGHTS_CURE, load_tensors, save_tensors

TEXT_FILE = "text.json"
FORMAT = 1
KIND = "text"
TYPES = {
    "format": int, "kind": str, "config": dict[str, Any], "asked": dict[str, Any],
    "seconds": float | None, "texts": list[str], "labels": list[int],
    "classes": list[Any], "unlabelled?": list[str],
}  # fmt: skip
CURE = "restore it, or choose another --out"
LATENTS_FILE = "latents.safetensors"
WRITER, GAN = "autoencoder", "latents"  # folders
SHARE = 0.6  # of a budget, for the autoencoder
TRIED = 5  # steps that a budget is measured with
LEAST_STEPS = 20


@dataclass(frozen=True)
class LatentLayout:
    """Latents as the rows of a table: numbers only.

    Attributes:
        width: numbers of a latent.
        digest: digest of the texts.
    """

    width: int
    digest: str

    @property
    def numbers(self) -> int:
        """All are numbers."""
        return self.width

    @property
    def blocks(self) -> tuple[int, ...]:
        """There are no categories."""
        return ()


class TrainedTexts(NamedTuple):
    """What a training gives.

    Attributes:
        config: its settings, with the lengths that a budget gave.
        data: the texts.
        vocabulary: their words.
        model: trained autoencoder.
        generator: generator of latents.
        rows: latents of the texts (n, latent), scaled, with classes.
    """

    config: TextConfig
    data: TextSet
    vocabulary: Vocabulary
    model: Autoencoder
    generator: RowGenerator
    rows: RowSet


def train_texts(
    data: TextSet,
    config: TextConfig,
    *,
    folder: Path | None = None,
    budget: float | None = None,
    progress: Progress | None = None,
) -> TrainedTexts:
    """Train on texts; with a folder, the same call resumes it.

    Args:
        data: texts with classes.
        config: settings of the training.
        folder: where the training is kept; None keeps nothing.
        budget: most seconds of training; they become numbers of steps at the start.
        progress: function that is called about twice a second with a `Status`.

    Raises:
        RunError: the folder is in use, has other files, or belongs to other texts.
        ConfigError: the budget is not above 0.
        StoppedError: Ctrl-C or SIGTERM stopped it; in a folder the state is saved.
    """
    if budget is not None and not budget > 0:
        raise ConfigError(f"budget={budget} is not allowed: give seconds above 0")
    with ExitStack() as stack:
        stack.enter_context(engine.one_thread())
        if folder is None:
            hidden = tempfile.TemporaryDirectory(prefix="ganaug-text-")
            folder = Path(stack.enter_context(hidden))
        else:
            claim_folder(folder, RunError, marks=(TEXT_FILE,))
            stack.enter_context(hold_lock(folder, RunError))
        if (folder / TEXT_FILE).is_file():
            found = _resume(folder, data, config, budget)
        else:
            found = _start(folder, data, config, budget)
        left = None if budget is None else (1 - SHARE) * budget
        return _train(folder, data, found, left, progress)


def load_texts(folder: Path) -> TrainedTexts:
    """Read a finished training back.

    Raises:
        RunError: the folder has no training on texts, or an unfinished one.
        CheckpointError: a file of weights is damaged or missing.
    """
    if not (folder / TEXT_FILE).is_file():
        raise RunError(
            f"{folder} has no {TEXT_FILE}; give the folder of a training on texts"
        )
    values = _read(folder)
    data = TextSet(
        tuple(values["texts"]), tuple(values["labels"]), tuple(values["classes"]),
        tuple(values.get("unlabelled", ())),
    )  # fmt: skip
    config = TextConfig.from_dict(values["config"])
    with engine.one_thread():
        vocabulary, trainer = _make_trainer(folder, data, config)
        restored = load_checkpoint(folder / WRITER, trainer)
        if restored is None or not (folder / LATENTS_FILE).is_file():
            raise RunError(f"{folder} is not finished; run the same training again")
        model = trainer.model.eval().requires_grad_(False)
        rows = _read_latents(folder, data, config)
        generator = load_generator(rows, folder / GAN)
    return TrainedTexts(config, data, vocabulary, model, generator, rows)


def embed_texts(
    model: Autoencoder, vocabulary: Vocabulary, texts: Sequence[str], length: int
) -> NDArray[np.float32]:
    """Return the latents (n, latent) of texts, scaled to a variance of about 1."""
    rows = [vocabulary.encode(text, length) for text in texts]
    parts = []
    with torch.inference_mode():
        for k in range(0, len(rows), 256):
            parts.append(model.encode(pad_rows(rows[k : k + 256])).numpy())
    return np.concatenate(parts) * np.float32(parts[0].shape[1] ** 0.5)


def _train(
    folder: Path,
    data: TextSet,
    config: TextConfig,
    seconds: float | None,
    progress: Progress | None,
) -> TrainedTexts:
    """Finish both trainings in a folder; what is finished is only read."""
    vocabulary, trainer = _make_trainer(folder, data, config)
    (folder / WRITER).mkdir(exist_ok=True)
    with catch_signals() as request:
        Loop(
            trainer,
            folder / WRITER,
            request=request,
            ticker=Ticker(progress, part=WRITER),
            checkpoint_minutes=config.checkpoint_minutes,
            unit="texts",
        ).finish()
    model = trainer.model.eval().requires_grad_(False)
    if not (folder / LATENTS_FILE).is_file():
        latents = embed_texts(model, vocabulary, data.texts, config.length)
        tensors = {"latents": torch.from_numpy(latents)}
        save_tensors(folder / LATENTS_FILE, tensors, {"kind": GAN})
    rows = _read_latents(folder, data, config)
    generator = train_rows(
        rows, config.gan, folder=folder / GAN, budget=seconds, progress=progress
    )
    return TrainedTexts(config, data, vocabulary, model, generator, rows)


def _make_trainer(
    folder: Path, data: TextSet, config: TextConfig
) -> tuple[Vocabulary, AutoencoderTrainer]:
    vocabulary = fit_vocabulary(data.every, config.words)
    numbers = [vocabulary.encode(text, config.length) for text in data.every]
    refuse_huge(folder, partial(build_autoencoder, config, len(vocabulary)))
    return vocabulary, AutoencoderTrainer(config, numbers, len(vocabulary))


def _read_latents(folder: Path, data: TextSet, config: TextConfig) -> RowSet:
    """Read the texts' latents, which another machine could round differently."""
    path = folder / LATENTS_FILE
    found = load_tensors(path)[0].get("latents", torch.zeros(0))
    if found.shape != (len(data.texts), config.latent):
        raise CheckpointError(f"{path} belongs to other texts; {WEIGHTS_CURE}")
    layout = LatentLayout(config.latent, data.digest)
    return RowSet(layout, found.float().numpy(), np.asarray(data.labels, np.int64))


def _start(
    folder: Path, data: TextSet, config: TextConfig, budget: float | None
) -> TextConfig:
    """Note a new training, after its budget became a number of texts."""
    asked = config.to_dict()
    if budget is not None:
        config = config.replace(images=_fit_texts(data, config, SHARE * budget))
    values = {
        "format": FORMAT, "kind": KIND, "config": config.to_dict(), "asked": asked,
        "seconds": budget, "texts": data.texts, "labels": data.labels,
        "classes": data.classes,
        **({"unlabelled": data.unlabelled} if data.unlabelled else {}),
    }  # fmt: skip
    write_json(folder / TEXT_FILE, values)
    return config


def _resume(
    folder: Path, data: TextSet, config: TextConfig, budget: float | None
) -> TextConfig:
    values = _read(folder)
    there = [values["texts"], values["labels"], values["classes"]]
    there.append(values.get("unlabelled", []))
    given = [data.texts, data.labels, data.classes, data.unlabelled]
    if there != list(map(list, given)):
        raise RunError(
            f"{folder} was trained on other texts; choose another --out (folder)"
        )
    if values["asked"] != config.to_dict() or values["seconds"] != budget:
        raise RunError(
            f"{folder} was started with other settings; give the same, or choose "
            "another --out (folder)"
        )
    return TextConfig.from_dict(values["config"])


def _read(folder: Path) -> dict[str, Any]:
    return read_json(
        folder / TEXT_FILE, RunError, types=TYPES, newest=FORMAT, cure=CURE
    )


def _fit_texts(data: TextSet, config: TextConfig, seconds: float) -> int:
    """Return how many texts can be read in that time, at most the config's."""
    vocabulary = fit_vocabulary(data.every, config.words)
    rows = [vocabulary.encode(text, config.length) for text in data.every]
    trainer = AutoencoderTrainer(config, rows, len(vocabulary))
    trainer.step()  # the first is slower
    started = time.monotonic()
    for _ in range(TRIED):
        trainer.step()
    each = (time.monotonic() - started) / TRIED
    steps = max(LEAST_STEPS, int(seconds / each) - TRIED)
    return min(config.images, steps * trainer.images_per_step)
