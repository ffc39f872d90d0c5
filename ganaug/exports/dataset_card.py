"""The dataset card: what is in an export, how good it is, what it is not for."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from ganaug import __version__
from ganaug.display.words import count, describe_format
from ganaug.exports.cards import (
    describe_evaluation,
    write_front_matter,
    write_licence,
    write_limits,
    write_table,
)
from ganaug.exports.origins import describe_maker, say_training
from ganaug.exports.selection import Selection, spell
from ganaug.synth.verdict.record import FIGURES

SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"), (math.inf, "1M<n<10M"),
)  # fmt: skip
MEANINGS = {
    "image": "the image; PNG files of synthetic ones say so in a text field",
    "label": "number of the class",
    "class": "name of the class",
    "synthetic": "true for synthetic images, false for real ones",
    "held_out": "true for real images that the GAN did not see",
    "seed": "seed that the image was drawn with",
    "index": "the image's index in its class",
    "caption": "words about the image",
    "domain": "circumstances of the image, such as camera or light",
    "source_domain": "domain of the real image that it was made from",
    "source_id": "hash of the real image that it was made from",
    "style_id": "name of the style image",
    "alpha": "how much of the style's look it got, from 0 to 1",
    "label_score": "how sure classifiers of the real images were of the class, 0 to 1",
    "realism_score": "how well it lies among real images; higher is better",
    "nearest_real_distance": "distance to the nearest training image; 0 is a copy",
    "soft_label": "probability of each class, by classifiers of the real images",
}


def write_dataset_card(
    selection: Selection, *, title: str, licence: str, files: str
) -> str:
    """Write the card's Markdown, with the YAML that Hugging Face reads at its head.

    Args:
        selection: the images.
        title: name of the export.
        licence: identifier of the licence, or `unknown`.
        files: pattern of the data files, for the YAML.
    """
    store = selection.store
    sections = {
        "How good they are": _describe_quality(selection),
        "What is in it": _describe_contents(selection),
        "Licence": write_licence(licence),
        "What it must not be used for": write_limits(),
        "Origin": _describe_origin(selection),
    }
    head = write_front_matter(_list_head(selection, title, licence, files))
    lead = (
        f"{count(len(store), 'synthetic image')} of "
        f"{count(len(selection.classes), 'class')}, "
        f"{describe_format(store.size, selection.shape[2])}, {describe_maker(store)} "
        f"{say_training(store.path)}."
    )
    if selection.real is not None:
        lead += f" Beside them stand {count(selection.reals, 'real image')}."
    body = "\n\n".join(f"## {name}\n\n{text}" for name, text in sections.items())
    return f"{head}\n\n# {spell(title)}\n\n{lead}\n\n{body}\n"


def _list_head(
    selection: Selection, title: str, licence: str, files: str
) -> dict[str, Any]:
    total = len(selection)
    # load_dataset(folder) caches by the folder's name and this block, not by the files
    made = datetime.now(UTC).isoformat()
    return {
        "license": licence,
        "pretty_name": spell(title),
        "task_categories": ["image-classification"],
        "tags": ["synthetic", "ganaug"],
        "size_categories": [next(name for most, name in SIZES if total < most)],
        "configs": [
            {
                "config_name": "default",
                "description": f"exported {made}",
                "data_files": [{"split": "train", "path": files}],
            }
        ],
    }


def _describe_quality(selection: Selection) -> str:
    store = selection.store
    parts = ["Nobody judged these images; `ganaug evaluate` does."]
    if store.verdict is not None:
        verdict = store.verdict
        rows = [(name, f"{getattr(verdict, name):.2f}", FIGURE_MEANINGS[name])
                for name in FIGURES
                if not math.isnan(getattr(verdict, name))]  # fmt: skip
        parts = [verdict.sentence]
        if rows:
            parts.append(write_table(("figure", "value", "meaning"), rows))
    measured = describe_evaluation(store.path)
    return "\n\n".join([*parts, measured] if measured else parts)


FIGURE_MEANINGS = {
    "kept": "share of candidates that the filters kept",
    "variety": "how much images of a class differ; real vs real is 1",
    "recall": "share of real images with a synthetic one nearby; real vs real is 1",
    "nearness": "share of synthetic images near real ones; real vs real is 1",
}


def _describe_contents(selection: Selection) -> str:
    store = selection.store
    synthetic = store.counts.tolist()
    real: Counter[str] = Counter()
    if selection.real is not None:
        images = selection.real.images
        real.update(dict(zip(images.classes, images.counts.tolist(), strict=True)))
    rows = [
        (spell(name), k, synthetic[k], real[name])
        for k, name in enumerate(store.classes)
    ]
    classes = write_table(("class", "label", "synthetic", "real"), rows)
    names = ["image", "label", "class", "synthetic", *selection.facts]
    columns = write_table(
        ("column", "meaning"), [(f"`{name}`", MEANINGS[name]) for name in names]
    )
    return f"{classes}\n\n{columns}"


def _describe_origin(selection: Selection) -> str:
    meta = selection.store.meta
    filters = ", ".join(meta.filters) or "none"
    return (
        f"Made with ganaug {__version__}; filters: {filters}; seed {meta.seed}; "
        f"generator `{meta.generator_sha256[:12]}`, data `{meta.data_digest[:12]}`."
    )
