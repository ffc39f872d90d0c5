"""The model card: what a generator learned from, how good it is, what it is not for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganaug import __version__
from ganaug.display.words import count, describe_format
from ganaug.errors import GanaugError
from ganaug.exports.cards import (
    describe_evaluation,
    write_front_matter,
    write_licence,
    write_limits,
    write_table,
)
from ganaug.exports.origins import say_training
from ganaug.exports.selection import spell
from ganaug.gan.generators import Generators
from ganaug.gan.monitoring.snapshot_selection import read_choice
from ganaug.gan.run_folder import FINGERPRINT, Run
from ganaug.synth.store.meta import META_FILE, read_meta
from ganaug.synth.synthesis import default_out
from ganaug.training.weights import file_digest

HOW_TO_RUN = {
    "onnx": """\
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("generator.onnx")
labels = np.array([{labels}], np.int64)
latents = np.random.default_rng(0).standard_normal(({n}, {latent}), np.float32)
(images,) = session.run(None, {{"labels": labels, "latents": latents}})
print(images.shape)  # ({n}, {height}, {width}, {channels}), uint8""",
    "torchscript": """\
import torch

generator = torch.jit.load("generator.pt")
labels, latents = torch.tensor([{labels}]), torch.randn({n}, {latent})
images = generator(labels, latents)
print(images.shape)  # ({n}, {height}, {width}, {channels}), uint8""",
}


def write_model_card(
    generators: Generators, file: Path, *, title: str, licence: str, form: str
) -> str:
    """Write the card's Markdown, with the YAML that Hugging Face reads at its head.

    Args:
        generators: the networks.
        file: their weight file, in a run or store.
        title: name of the export.
        licence: identifier of the licence, or `unknown`.
        form: name of the format.
    """
    config = generators.config
    size = describe_format((config.height, config.width), config.channels)
    lead = (
        f"A {config.network} generator of images of "
        f"{count(len(generators.classes), 'class')}, {size}. It learned from "
        f"{say_training(file.parent)}."
    )
    sections = {
        "How to run it": _describe_use(generators, form),
        "Classes": _describe_classes(generators, file.parent),
        "How good its images are": _describe_quality(file),
        "Licence": write_licence(licence),
        "What it must not be used for": write_limits(),
        "Origin": (
            f"Made with ganaug {__version__}: {config.describe()}, loss {config.loss}, "
            f"{config.images:,} images of training; generator "
            f"`{file_digest(file)[:12]}`, data `{generators.data_digest[:12]}`."
        ),
    }
    head = write_front_matter(_list_head(licence, form))
    body = "\n\n".join(f"## {name}\n\n{text}" for name, text in sections.items())
    return f"{head}\n\n# {spell(title)}\n\n{lead}\n\n{body}\n"


def _list_head(licence: str, form: str) -> dict[str, Any]:
    return {
        "license": licence,
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["gan", "image-generation", "ganaug", form],
    }


def _describe_use(generators: Generators, form: str) -> str:
    config, n = generators.config, min(2, len(generators.classes))
    code = HOW_TO_RUN[form].format(
        labels=", ".join(map(str, range(n))),
        n=n,
        latent=config.latent,
        height=config.height,
        width=config.width,
        channels=config.channels,
    )
    return (
        "It takes labels (n,) int64 and latents (n, "
        f"{config.latent}) float32, standard normal numbers; it gives images uint8.\n\n"
        f"```python\n{code}\n```"
    )


def _describe_classes(generators: Generators, folder: Path) -> str:
    counts = _count_classes(folder)
    rows = [
        (k, spell(name), counts.get(name, "not known"))
        for k, name in enumerate(generators.classes)
    ]
    return write_table(("label", "class", "real images"), rows)


def _count_classes(folder: Path) -> dict[str, int]:
    """Count the real images of each class, where the folder is a run."""
    if not (folder / FINGERPRINT).is_file():
        return {}
    found = Run.load(folder).fingerprint
    return dict(zip(found.classes, found.counts, strict=True))


def _describe_quality(file: Path) -> str:
    parts = []
    choice = read_choice(file.parent)
    if choice is not None:
        parts.append(
            f"The snapshot after {choice.images:,} images was chosen: {choice.reason}."
        )
    for folder in _find_stores(file):
        verdict = read_meta(folder).verdict
        if verdict is not None:
            parts.append(f"Of the images that it drew into a store: {verdict.sentence}")
        measured = describe_evaluation(folder)
        if measured is not None:
            parts.append(measured)
            break
    else:
        parts.append(
            "Its images were not compared with real ones; `ganaug evaluate` does that "
            "for a store of them."
        )
    return "\n\n".join(parts)


def _find_stores(file: Path) -> Iterator[Path]:
    """Yield the stores beside a generator that it drew itself."""
    digest = file_digest(file)
    for folder in dict.fromkeys([file.parent, default_out(file.parent)]):
        if not (folder / META_FILE).is_file():
            continue
        try:
            meta = read_meta(folder)
        except GanaugError:
            continue
        if meta.generator_sha256 == digest:
            yield folder
