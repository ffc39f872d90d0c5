"""Origins: what a store or run was made from, in words and as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganaug import __version__
from ganaug.data.origin import read_origin
from ganaug.errors import GanaugError, StoreError
from ganaug.exports.selection import spell
from ganaug.gan.run_folder import SPLIT, read_split
from ganaug.synth.fill.opening import was_filled
from ganaug.synth.store.store import Store
from ganaug.synth.styled.opening import was_styled


def describe_maker(store: Store) -> str:
    """Say in a clause how the images of a store came about.

    What it learned from is to follow.
    """
    if was_styled(store.meta):
        return "real images in the look of others, by style transfer that learned from"
    if was_filled(store.meta):
        return "real images carried over by a translator that learned from"
    return "drawn by a GAN that learned from"


def describe_about(store: Store, licence: str) -> dict[str, Any]:
    """Return the origin of a store's images as plain values, for a file."""
    trained, held = count_real(store.path)
    return {
        "ganaug": __version__,
        "origin": f"{describe_maker(store)} {say_training(store.path)}",
        "data": name_data(store.path),
        "trained_on": trained,
        "held_out": held,
        "license": licence,
        "verdict": None if store.verdict is None else store.verdict.sentence,
        "filters": list(store.meta.filters),
        "seed": store.meta.seed,
        "generator_sha256": store.meta.generator_sha256,
        "data_digest": store.meta.data_digest,
    }


def name_data(folder: Path) -> str:
    """Return the name of the real images' folder or file, without where it lay."""
    source = read_origin(folder).source
    return "images from memory" if source is None else spell(Path(source).name)


def count_real(folder: Path) -> tuple[int | None, int | None]:
    """Count training and held-out images; None where split.json does not say."""
    if not (folder / SPLIT).is_file():
        return None, None
    try:
        split = read_split(folder, StoreError)
    except GanaugError:
        return None, None
    return len(split["train"]), len(split["held_out"])


def say_training(folder: Path) -> str:
    """Say in a clause what real images the training saw."""
    trained, held = count_real(folder)
    number = "real images" if trained is None else f"{trained:,} real images"
    kept = "" if not held else f" ({held:,} more were held out)"
    return f"{number} of “{name_data(folder)}”{kept}"
