"""export_generator: a trained generator that runs without ganaug."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ganaug import __version__
from ganaug.errors import ConfigError, RunError
from ganaug.exports.cards import UNKNOWN, check_licence
from ganaug.exports.model_card import write_model_card
from ganaug.exports.network import ExportedGenerator
from ganaug.exports.onnx_file import write_onnx
from ganaug.exports.places import fill_folder, refuse_taken
from ganaug.exports.selection import spell
from ganaug.exports.torchscript_file import write_torchscript
from ganaug.files import write_text
from ganaug.gan.generators import Generators, load_generators
from ganaug.spelling import suggest
from ganaug.synth.fill.opening import holds_translator
from ganaug.synth.store.meta import META_FILE, read_meta
from ganaug.synth.styled.opening import was_styled
from ganaug.synth.synthesizer import find_generator
from ganaug.training.weights import file_digest
from ganaug.translate.style.run_folder import is_style_run

CARD_FILE = "README.md"
Write = Callable[[Path, nn.Module, int, Mapping[str, str]], None]


@dataclass(frozen=True)
class GeneratorFormat:
    """One format of generators: the function that writes it, and its file's name."""

    write: Write
    file: str


GENERATOR_FORMATS: dict[str, GeneratorFormat] = {
    "onnx": GeneratorFormat(write_onnx, "generator.onnx"),
    "torchscript": GeneratorFormat(write_torchscript, "generator.pt"),
}


def export_generator(
    source: Any,
    out: str | os.PathLike[str],
    *,
    format: str,  # noqa: A002 (as the command has it)
    license: str = UNKNOWN,  # noqa: A002
) -> Path:
    """Write a generator that runs without ganaug, with a model card beside it.

    It takes labels (n,) int64 and latents (n, latent) float32, standard normal numbers,
    and gives images (n, h, w, c) uint8. Its metadata say which classes the labels are.

    Args:
        source: a run, a store, its folder, or a generator file.
        out: the new folder.
        format: `onnx` or `torchscript`.
        license: identifier of the licence, such as `cc-by-4.0`, for the card.

    Returns:
        The path of the new folder.

    Raises:
        ConfigError: there is no such format; the generator draws from captions or real
            images; the licence is no identifier.
        RunError: the run is not finished, something is at `out` already, or the disk
            refuses.
        CheckpointError: there is no generator, or it is damaged.
        MissingExtraError: onnx is not installed.

    Example:
        >>> export_generator("digits-run", "d", format="onnx")  # doctest: +SKIP
        PosixPath('d')
    """
    form, path, licence = _find(format), Path(out), check_licence(license)
    refuse_taken(path, RunError)
    _refuse_carriers(source)
    file = find_generator(source)
    generators = load_generators(file)
    network = ExportedGenerator(generators).eval()
    facts = describe_generator(generators, file, licence)
    card = write_model_card(
        generators, file, title=path.resolve().name, licence=licence, form=format
    )

    def fill(folder: Path) -> None:
        with torch.inference_mode():
            form.write(folder / form.file, network, generators.config.latent, facts)
        write_text(folder / CARD_FILE, card)

    fill_folder(path, fill, RunError)
    return path


def describe_generator(
    generators: Generators, file: Path, licence: str
) -> dict[str, str]:
    """Return what a generator's file says of itself: JSON or plain text by name."""
    config = generators.config
    return {
        "classes": json.dumps([spell(name) for name in generators.classes]),
        "latent": str(config.latent),
        "height": str(config.height),
        "width": str(config.width),
        "channels": str(config.channels),
        "ganaug": __version__,
        "license": licence,
        "generator_sha256": file_digest(file),
        "data_digest": generators.data_digest,
    }


def _find(name: str) -> GeneratorFormat:
    if name not in GENERATOR_FORMATS:
        raise ConfigError(
            f"there is no format {name!r}{suggest(name, GENERATOR_FORMATS)}; choose "
            f"one of {', '.join(GENERATOR_FORMATS)}"
        )
    return GENERATOR_FORMATS[name]


def _refuse_carriers(source: Any) -> None:
    """Raise ConfigError for what draws from real images: translators and styles."""
    folder = Path(getattr(source, "path", source))
    styled = is_style_run(folder) or (
        (folder / META_FILE).is_file() and was_styled(read_meta(folder))
    )
    if styled or holds_translator(source):
        what = "styles" if styled else "a translator"
        raise ConfigError(
            f"{folder} has {what}, which draw from real images; only generators that "
            "draw from a class can be exported"
        )
