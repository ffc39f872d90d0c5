"""StyleJob: a store of styled images is checked, begun, filled and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ganaug.data.fingerprint import digest_set, take_fingerprint
from ganaug.data.images import hash_pixels
from ganaug.data.origin import Origin, write_origin
from ganaug.engine import describe
from ganaug.errors import DataError, RunError
from ganaug.files import say_disk_error, write_json
from ganaug.gan.run_folder import GENERATOR, SPLIT, note_range
from ganaug.synth.filling import Progress
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.fulfilment import Order, fulfil
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import SynthesisRequest, Target
from ganaug.synth.store.folder_names import name_folders
from ganaug.synth.store.meta import META_FILE, Meta, find_versions, read_meta
from ganaug.synth.store.resumption import refuse_other
from ganaug.synth.store.store import Store
from ganaug.synth.styled.filters import StylePipeline, prepare_styles
from ganaug.synth.styled.opening import was_styled
from ganaug.synth.styled.options import StyleOptions
from ganaug.synth.styled.recording import record_styles
from ganaug.synth.styled.styler import Styler
from ganaug.synth.styled.weights import (
    describe_settings,
    load_style_file,
    save_style_file,
)
from ganaug.training.weights import file_digest
from ganaug.translate.style.settings import KIND
from ganaug.translate.style.styles import GIVEN

TRIES = 6  # candidates per image requested, or per content, before a class is given up


@dataclass(frozen=True, eq=False)
class StyleJob:
    """A store of styled images to be made.

    Attributes:
        styler: draws them; it need not be trained until `fulfil`.
        real: its contents, and held-out images.
        path: the store.
        options: how many images, and how they are judged.
        origin: where the real images were read from.
        source: how the styles were named, "" for those from memory.
    """

    styler: Styler
    real: RealImages
    path: Path
    options: StyleOptions
    origin: Origin
    source: str

    @property
    def targets(self) -> tuple[Target, ...]:
        """One target for each class that has contents."""
        classes, places = self.real.images.classes, self.styler.contents.places
        number = self.options.per_class or max(map(len, places.values()))
        return tuple(
            Target(classes[k], number, most=TRIES * max(number, len(places[k])))
            for k in sorted(places)
        )

    @property
    def request(self) -> SynthesisRequest:
        return SynthesisRequest(
            targets=self.targets,
            seed=self.options.seed,
            filters=self.options.names,
            labels=self.options.labels,
            command=self.options.command,
        )

    def check(self) -> None:
        """Refuse what cannot be drawn, before anything is trained.

        Raises:
            DataError: a class has no style, or held-out images are among the styles.
            StoreError: the folder contains something else, or another store.
        """
        check_modes(self.styler, self.real.images.classes)
        check_held_out(self.styler, self.real)
        known = (self.path / META_FILE).is_file()
        digest = read_meta(self.path).generator_sha256 if known else ""
        refuse_other(self.path, self.describe(digest))

    def take_generator(self) -> bool:
        """Draw on with the generator that the store has, if it has one."""
        file = self.path / GENERATOR
        if not (file.is_file() and was_styled(read_meta(self.path))):
            return False
        generator = load_style_file(file).generator
        if generator is None:
            return False
        self.styler.transfer.use(*generator)
        return True

    def fulfil(self, progress: Progress | None) -> Store:
        """Bring every class of the store to its number of images.

        Args:
            progress: function to call before the filters learn and every few images.

        Raises:
            StoreError: the folder contains something else, or another store.
        """
        with TemporaryDirectory() as folder:
            generator = Path(folder) / GENERATOR
            self._write_material(generator)
            order = Order(
                self.request,
                self.styler,
                self.describe(file_digest(generator)),
                generator,
                find=lambda: self.real,
                fit=self._fit,
                judge=self._judge,
            )
            return fulfil(order, self.path, progress=progress)

    def describe(self, generator_sha256: str) -> Meta:
        """Describe the store."""
        styler, images = self.styler, self.real.images
        height, width = styler.size
        request = self.request
        return Meta(
            generator_sha256=generator_sha256,
            data_digest=digest_set(images),
            config={
                **{"height": height, "width": width, "channels": styler.channels},
                "kind": KIND,
                "mode": styler.mode,
                "styles": len(styler.transfer.styles),
                "styles_from": self.source,
                **describe_settings(styler.transfer),
                "seen_by": styler.transfer.describe_features(),
            },
            class_to_idx={name: k for k, name in enumerate(images.classes)},
            folders=name_folders(images.classes),
            size=styler.size,
            data_size=styler.size,
            seed=request.seed,
            versions=find_versions(),
            engine=describe(styler.device),
            filters=request.filters,
            labels=request.labels,
            command=request.command,
        )

    def _fit(self, real: RealImages) -> FilterPipeline:
        teach = "label" in self.options.names or self.options.labels == "soft"
        seed = self.options.seed
        examples = prepare_styles(self.styler, real, teach=teach, seed=seed)
        return StylePipeline(examples, self.options.names)

    def _judge(self, pipeline: FilterPipeline | None) -> None:
        if pipeline is not None or read_meta(self.path).verdict is None:
            record_styles(self.path, self.targets)

    def _write_material(self, generator: Path) -> None:
        """Write what the store copies: what draws, where real images are, the split."""
        save_style_file(generator, self.styler.transfer, self.styler.mode)
        images, folder = self.real.images, generator.parent
        hashes = images.hash_images()
        parts = {"train": self.real.train, "held_out": self.real.held}
        split: dict[str, Any] = {
            name: [hashes[row] for row in rows] for name, rows in parts.items()
        }
        try:
            write_origin(folder, self.origin.note(images))
            write_json(folder / SPLIT, split | note_range(take_fingerprint(images)))
        except OSError as error:
            raise RunError(say_disk_error(folder, error)) from error


def check_modes(styler: Styler, classes: Sequence[str]) -> None:
    """Raise DataError where a content has no other image to take a style from."""
    if styler.mode == GIVEN:
        return
    places = styler.contents.places
    if len(styler.contents.images) < 2:
        raise DataError(
            "there is a single image, whose style cannot be another one's; give a "
            "folder of styles, or an image"
        )
    alone = [classes[k] for k, rows in places.items() if len(rows) < 2]
    if alone and styler.mode == "within-class":
        raise DataError(
            f"class {alone[0]!r} has no other image to take a style from; take styles "
            "from any class (any), or give a folder of styles"
        )


def check_held_out(styler: Styler, real: RealImages) -> None:
    """Raise DataError where held-out images are among the styles that were given."""
    if styler.mode != GIVEN or not len(real.held):
        return
    held = {hash_pixels(np.asarray(real.images.images[row])) for row in real.held}
    known = styler.transfer.styles.match(styler.channels)
    found = [
        name
        for name, image in zip(known.names, known.images, strict=True)
        if hash_pixels(image) in held
    ]
    if found:
        raise DataError(
            f"{len(found)} of the styles are held-out images of the contents, such as "
            f"{found[0]}; take the contents' own styles (any), or give others"
        )
