"""Adapted: code for training with unlabelled images, to be copied."""

from __future__ import annotations

import json

from ganaug.classify.adaptation.rounds import ROUNDS
from ganaug.gain.fitting.adapting import SELF_TRAINED, SETTLED
from ganaug.gain.settings import Settings
from ganaug.gain.unlabelled.inputs import UNLABELLED
from ganaug.report.gain.material import GainMaterial

ROUNDS_OF = {SELF_TRAINED: ROUNDS, SETTLED: 0}  # what `self_train` does as measured


def write_self_training(material: GainMaterial) -> str:
    """Write Python that trains the small network by the recipe, without GAN images."""
    recipe, details = material.result.recipe, material.result.details
    settings = details.settings or Settings()
    height, width = settings.grid
    hflip, vflip = material.flips or (False, False)
    name, _, folder = details.options.get(UNLABELLED, "NAME=DIR").partition("=")
    words = [f"rounds={ROUNDS_OF[recipe.adaptation]}", f"policy={quote(recipe.policy)}"]
    words += ["hflip=True"] * hflip + ["vflip=True"] * vflip
    words += [f"steps={settings.steps}"]
    lines = [
        "from ganaug import load_images, load_unlabelled",
        "from ganaug.classify.adaptation.self_training import self_train",
        "",
        write_loading(material, f"size=({height}, {width})"),
        f"pool = load_unlabelled({quote(folder)}, {quote(name)}, real)",
        "found = self_train(",
        "    real.images, real.labels, len(real.classes), pool.images,",
        f"    {', '.join(words)},",
        ")",
        "found.classifier.predict_proba(pool.images)  # (m, classes)",
    ]
    return "\n".join(lines)


def write_loading(material: GainMaterial, *words: str) -> str:
    """Write a line that reads the real images as they were read for the gain.

    Args:
        material: the gain.
        words: further arguments of `load_images`.
    """
    options = material.result.details.options
    given = [
        f"{name}={quote(options[name])}"
        for name in ("pages", "scale")
        if name in options
    ]
    return f"real = load_images({', '.join([quote(material.data), *words, *given])})"


def quote(text: str) -> str:
    """Write a text as a Python string; letters of other languages stay readable.

    Example:
        >>> quote("C:\\\\café")
        '"C:\\\\\\\\café"'
    """
    return json.dumps(text, ensure_ascii=False)
