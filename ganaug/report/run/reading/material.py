"""RunMaterial: everything that the report about a run or store is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import Fingerprint, take_fingerprint
from ganaug.errors import CheckpointError, ConfigError, DataError, StoreError
from ganaug.files import refuse_damage
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.monitoring.snapshots import SNAPSHOTS
from ganaug.gan.run_folder import GENERATOR, Run, is_run
from ganaug.gan.start.parent import RECORD_TYPES, read_record
from ganaug.records import conform_fields
from ganaug.report.run.reading.candidates import PickedCandidates, pick_candidates
from ganaug.report.run.reading.screening import summarise_screening
from ganaug.report.run.reading.training_log import Log, read_logs
from ganaug.synth.fill.opening import was_filled
from ganaug.synth.real_images import RealImages, find_real
from ganaug.synth.screening import Screening
from ganaug.synth.store.meta import META_FILE
from ganaug.synth.store.store import Store
from ganaug.synth.styled.opening import was_styled
from ganaug.synth.synthesizer import Synthesizer
from ganaug.training.weights import file_digest
from ganaug.translate.run_folder import is_translator_run


@dataclass(frozen=True, eq=False)
class RunMaterial:
    """Everything that a report is made from; `run` or `store` is not None.

    Attributes:
        path: folder that the report is about.
        run: the training, also if it was found beside its store; or None.
        store: the synthetic images, or None for a report about a run.
        synthesizer: source of further images, or None while there is no generator.
        real: the user's own images, or None.
        no_real: reason why there are no real images, or "".
    """

    path: Path
    run: Run | None
    store: Store | None
    synthesizer: Synthesizer | None
    real: RealImages | None
    no_real: str = ""

    @cached_property
    def config(self) -> TrainConfig:
        if self.run is not None:
            return self.run.config
        assert self.store is not None
        return self.store.meta.training_config

    @cached_property
    def fingerprint(self) -> Fingerprint | None:
        """Fingerprint of the real images: the run's, or a new one; or None."""
        if self.run is not None:
            return self.run.fingerprint
        return None if self.real is None else take_fingerprint(self.real.images)

    @cached_property
    def logs(self) -> list[Log]:
        """Logs of the training; empty without a run."""
        return [] if self.run is None else read_logs(self.run)

    @cached_property
    def screening(self) -> Screening:
        """Record of the filters; empty without a store."""
        return Screening() if self.store is None else summarise_screening(self.store)

    @cached_property
    def candidates(self) -> PickedCandidates:
        """Candidates that are worth a look; none without a store."""
        return PickedCandidates() if self.store is None else pick_candidates(self.store)

    @property
    def title(self) -> str:
        """Short name of the data."""
        if self.fingerprint is not None and self.fingerprint.source:
            return self.fingerprint.source
        return self.path.resolve().name.removesuffix("-synthetic")

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes that the generator draws; one name if it was trained without them."""
        if self.store is not None:
            return self.store.classes
        assert self.run is not None
        conditioning = find_conditioning(self.config.conditioning)
        return conditioning.name_classes(self.run.fingerprint.classes)

    @cached_property
    def start(self) -> dict[str, Any] | None:
        """From what the training began, see `read_record`; None if from noise."""
        if self.run is not None:
            return read_record(self.run.path)
        assert self.store is not None
        found = self.store.meta.training.get("start")
        if found is None:
            return None
        with refuse_damage(self.path / META_FILE, StoreError, "delete the store"):
            return conform_fields(found, RECORD_TYPES)

    @property
    def unfinished(self) -> bool:
        return self.run is not None and not self.run.finished


def open_material(path: Path, data: Any = None) -> RunMaterial:
    """Open a run or store, with its counterpart, generator and real images.

    Args:
        path: folder of a run or store.
        data: real images in any form that `load_images` takes; by default they are
            looked for where the run found them.

    Raises:
        StoreError: the folder contains neither.
        DataError: `data` was given and is not what the GAN was trained on.
        CheckpointError: a file is damaged.
    """
    run: Run | None
    store: Store | None
    if is_translator_run(path):
        raise StoreError(
            f"{path} is a translator; write a store with: ganaug synth {path}, or look "
            f"at {path / 'samples'}"
        )
    if is_run(path):
        run, store = Run.load(path), None
    elif (path / META_FILE).is_file():
        store = Store.load(path)
        run = _find_run(store)
    else:
        what = "does not exist"
        if path.exists():
            what = "contains no run, store or gain"
        raise StoreError(f"{path} {what}; make one with: ganaug synth DATA")
    real, why = _find_real(path, run, data)
    return RunMaterial(path, run, store, _load_synthesizer(run, store), real, why)


def _find_run(store: Store) -> Run | None:
    """Find the run beside a store if it has the store's generator."""
    # keeps the path as the user typed it, for the commands in the report
    path = store.path if store.path.name not in ("", "..") else store.path.resolve()
    for other in (f"{path.name}.run", f"{path.name.removesuffix('-synthetic')}-run"):
        folder = path.with_name(other)
        made = folder / GENERATOR
        if not is_run(folder) or is_translator_run(folder) or not made.is_file():
            continue
        if file_digest(made) == store.meta.generator_sha256:
            return Run.load(folder)
    return None


def _find_real(path: Path, run: Run | None, data: Any) -> tuple[RealImages | None, str]:
    if data is not None:
        return find_real(path, data), ""
    why = ""
    for place in (path, run):
        if place is None:
            continue
        try:
            return find_real(place), ""
        except DataError as error:
            why = why or str(error)
    return None, why


def _load_synthesizer(run: Run | None, store: Store | None) -> Synthesizer | None:
    """Load the generator: the store's, the finished run's, or the last snapshot's."""
    if store is not None and (was_filled(store.meta) or was_styled(store.meta)):
        return None
    if store is not None:
        file = store.path / GENERATOR
    else:
        assert run is not None
        snapshots = sorted((run.path / SNAPSHOTS).glob("*.safetensors"))
        newest = snapshots[-1] if snapshots else run.path / GENERATOR
        file = run.path / GENERATOR if run.finished else newest
    try:
        return Synthesizer.load(file, "cpu") if file.is_file() else None
    except (CheckpointError, ConfigError):
        # `verify` finds damage; and the user's own caption encoder is in no file
        return None
