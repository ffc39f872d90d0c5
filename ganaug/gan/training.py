"""train: from the user's data to a finished run, or on from where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug import engine
from ganaug.classify.flips import with_flips
from ganaug.config import ResolvedConfig, TrainConfig
from ganaug.data.fingerprint import Fingerprint, take_fingerprint
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.load import load_images
from ganaug.data.origin import Origin, describe_origin
from ganaug.errors import ConfigError, RunError
from ganaug.files import hold_lock
from ganaug.gan.generators import (
    Generators,
    Member,
    network_conditions,
    save_generators,
)
from ganaug.gan.inputs.captions import Captions, Encode, gather_captions
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.source_images import SourceImages
from ganaug.gan.inputs.training_set import (
    check_images,
    leave_copies_out,
    split_images,
    to_grid,
)
from ganaug.gan.inputs.value_range import measure_span
from ganaug.gan.monitoring.copy_check import CopyCheck
from ganaug.gan.monitoring.diagnosis import Diagnostics
from ganaug.gan.monitoring.final_generator import take_final
from ganaug.gan.monitoring.observers import DiagnosisObserver, SnapshotObserver
from ganaug.gan.monitoring.quality import QualityWatch
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.plan import Plan, make_plan
from ganaug.gan.run_folder import (
    GENERATOR,
    Run,
    Split,
    check_encoder,
    check_same,
    check_split,
    create_run,
    is_run,
    refuse_foreign,
)
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer
from ganaug.training.interrupt import StopRequest, catch_signals
from ganaug.training.loop import Loop
from ganaug.training.progress import Progress, Ticker
from ganaug.training.weights import save_tensors


def train(
    data: Any,
    out: Path | str,
    *,
    budget: float | None = None,
    config: TrainConfig | Plan | None = None,
    fingerprint: Fingerprint | None = None,
    origin: Origin | None = None,
    encode: Encode | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Run:
    """Train a GAN on labelled images; the same call again resumes or returns the run.

    Args:
        data: whatever `load_images` takes.
        out: the run folder; new, empty, or a run of the same data.
        budget: minutes of training; turned into images to see, once.
        config: a complete configuration in place of the plan's, or a plan, whose
            reasons are saved with it.
        fingerprint: of the data, when it is known already.
        origin: where the data were read from, when `data` does not say.
        encode: captions → (n, d) numbers, instead of the encoder that is trained with
            the GAN; it is needed again wherever the run's generator is loaded.
        device: `auto`, `cpu`, `cuda` or `mps`.
        progress: called about twice a second with a `Status`.

    Returns:
        The finished run.

    Raises:
        DataError: the data cannot be used, or have no captions to train with.
        ConfigError: settings that cannot go together.
        RunError: the folder is busy, holds something else or was trained on other data,
            groups of them, or with another configuration.
        StoppedError: Ctrl-C or SIGTERM; the state is saved.
        TrainingError: the loss stopped being finite twice.

    Example:
        >>> import tempfile
        >>> config = TrainConfig(height=8, width=8, channels=1, images=128, batch=16)
        >>> run = train("digits", tempfile.mkdtemp(), config=config, device="cpu")
        >>> run.finished
        True
    """
    if budget is not None and config is not None:
        raise ConfigError("budget and config exclude each other; give one of them")
    images = load_images(data)
    path, where = Path(out), engine.pick_device(device)
    origin = origin or describe_origin(data)
    refuse_foreign(path)
    with hold_lock(path, RunError), catch_signals() as request:
        run = _start_or_resume(
            path, images, budget, config, fingerprint, origin, where, encode
        )
        if not run.finished:
            _Training(run, images, where, request, progress, encode).finish()
        return run


def _start_or_resume(
    path: Path,
    images: LabelledImages,
    budget: float | None,
    config: TrainConfig | Plan | None,
    fingerprint: Fingerprint | None,
    origin: Origin,
    device: torch.device,
    encode: Encode | None,
) -> Run:
    plan = config if isinstance(config, Plan) else None
    asked = config.config if isinstance(config, Plan) else config
    chosen = None if asked is None else resolve_config(asked)
    if is_run(path):
        run = Run.open(path)
        check_same(run, fingerprint or take_fingerprint(images), chosen, origin)
        check_split(run, _hash_split(images, run.config))
        check_images(images, run.config)
        _read_captions(images, run.config, encode)
        check_encoder(run, encode)
        # a file has only the name of a loss of one's own
        return run if chosen is None else replace(run, config=chosen)
    if fingerprint is None:
        fingerprint = take_fingerprint(images)
        if chosen is None:
            fingerprint = with_flips(fingerprint, images)
    if chosen is None:
        plan = make_plan(images, fingerprint, budget=budget, device=device)
        chosen = plan.config
    split = _hash_split(images, chosen)
    check_images(images, chosen)
    captions = _read_captions(images, chosen, encode)
    return create_run(path, chosen, fingerprint, split, origin, plan, captions)


def _hash_split(images: LabelledImages, config: ResolvedConfig) -> Split:
    kept, held = split_images(images, config)
    hashes = [hash_pixels(image) for image in images.images]
    return {
        "train": [hashes[i] for i in kept],
        "held_out": [hashes[i] for i in held],
    }


def _read_captions(
    images: LabelledImages, config: ResolvedConfig, encode: Encode | None
) -> Captions | None:
    """Of the images that the GAN sees, where it is conditioned on them."""
    if not find_conditioning(config.conditioning).captions:
        if encode is not None:
            raise ConfigError(
                f"encode is for conditioning=caption, not {config.conditioning}"
            )
        return None
    assert images.captions is not None, "check_images refuses that"
    kept, _ = split_images(images, config)
    return gather_captions(
        [images.captions[i] for i in kept],
        images.labels[kept],
        encode=encode,
        seed=config.seed,
    )


@dataclass(frozen=True)
class _Part:
    """One network to train: which classes, in which folder."""

    classes: tuple[str, ...]
    labels: tuple[int, ...]
    folder: Path


class _Training:
    """Trains every part of a run and joins them into one generator file."""

    def __init__(
        self,
        run: Run,
        images: LabelledImages,
        device: torch.device,
        request: StopRequest,
        progress: Progress | None,
        encode: Encode | None,
    ) -> None:
        self.run, self.device = run, device
        self.request, self.progress = request, progress
        kept, held = split_images(images, run.config)
        self.grid = to_grid(images.images, run.config)
        held = leave_copies_out(self.grid, held, kept)
        self.span = measure_span(self.grid[kept], run.config.stretch)
        self.labels, self.kept, self.held = images.labels, kept, held
        self.captions = _read_captions(images, run.config, encode)
        self.texts = images.captions or ()
        self.classes = run.fingerprint.classes
        shown = parse_operations(run.config.augment)
        self.flips = {flip: flip in shown for flip in ("hflip", "vflip")}
        self.conditioning = find_conditioning(run.config.conditioning)
        self.sources = self._keep_sources(images) if self.conditioning.sources else None

    def finish(self) -> None:
        members = tuple(self._train_part(part) for part in self._parts())
        config = self.run.config
        classes = self.conditioning.name_classes(self.classes)
        self._save(self.run.path / GENERATOR, config, classes, members)

    def _save(
        self,
        path: Path,
        config: ResolvedConfig,
        classes: tuple[str, ...],
        members: tuple[Member, ...],
    ) -> None:
        fingerprint = self.run.fingerprint
        size, digest = fingerprint.data_size, fingerprint.digest
        save_generators(
            path,
            Generators(
                config,
                classes,
                members,
                size,
                digest,
                self.device,
                self.span.to(self.device),
                self.captions,
                self.sources,
            ),
        )

    def _keep_sources(self, images: LabelledImages) -> SourceImages:
        return SourceImages(
            torch.from_numpy(self.grid[self.kept]),
            torch.from_numpy(self.labels[self.kept]),
            tuple(hash_pixels(images.images[i]) for i in self.kept),
        )

    def _parts(self) -> list[_Part]:
        everything = tuple(range(len(self.classes)))
        if not self.conditioning.per_class:
            names = self.conditioning.name_classes(self.classes)
            return [_Part(names, everything, self.run.path)]
        return [
            _Part((name,), (k,), self.run.path / f"class-{k:03d}")
            for k, name in enumerate(self.classes)
        ]

    def _train_part(self, part: _Part) -> Member:
        config = self._config_of(part)
        part.folder.mkdir(exist_ok=True)
        seen = self._choose(self.kept, part)
        held = self._choose(self.held, part)
        joint = self.conditioning.conditioned
        labels = self.labels if joint else np.zeros_like(self.labels)
        trainer = Trainer(
            config,
            torch.from_numpy(self.grid[seen]),
            torch.from_numpy(self._number(labels, seen)),
            network_conditions(config, len(part.classes), self.captions),
            self.device,
            self.span,
        )
        judge = held if len(held) >= 2 else seen
        watch = QualityWatch(
            config,
            self.grid[judge],
            labels[judge],
            len(part.classes) if joint else 1,
            None if self.captions is None else self.captions.by_class,
            trainer.conditioner,
        )
        member = Member(trainer.average, part.classes)

        def save(path: Path) -> None:
            self._save(path, config, part.classes, (member,))

        name = part.classes[0] if part.folder != self.run.path else ""
        diagnostics = Diagnostics(
            trainer, watch, self.grid[held], self._number(labels, held)
        )
        Loop(
            trainer,
            part.folder,
            observers=(
                DiagnosisObserver(diagnostics),
                SnapshotObserver(trainer, watch, part.folder, save),
            ),
            request=self.request,
            ticker=Ticker(self.progress, name),
            checkpoint_minutes=config.checkpoint_minutes,
        ).finish()
        save_tensors(
            part.folder / "discriminator.safetensors",
            trainer.discriminator.state_dict(),
            {"kind": "discriminator", "config": config.to_dict()},
        )
        check = None
        if "copy" not in dict(self.conditioning.unfit):
            check = CopyCheck(
                self.grid[seen], labels[seen], self.grid[held], labels[held],
                **self.flips,
            )  # fmt: skip
        encode = None if self.captions is None else self.captions.encode
        network = take_final(
            part.folder, trainer, watch, check, held=len(held), encode=encode
        )
        return Member(network, part.classes)

    def _number(
        self, labels: NDArray[np.int64], seen: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """(n,) what the network gets for each image: its class, or its caption."""
        if self.captions is None:
            return labels[seen]
        return self.captions.number([self.texts[i] for i in seen])

    def _config_of(self, part: _Part) -> ResolvedConfig:
        """A class's own GAN sees its share of the run's images."""
        config = self.run.config
        if not self.conditioning.per_class:
            return config
        share = len(self._choose(self.kept, part)) / len(self.kept)
        return config.replace(images=max(config.batch, round(config.images * share)))

    def _choose(self, indices: NDArray[np.int64], part: _Part) -> NDArray[np.int64]:
        return indices[np.isin(self.labels[indices], part.labels)]
