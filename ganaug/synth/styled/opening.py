"""Stores of styled images, opened to draw their images again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganaug.gan.run_folder import GENERATOR
from ganaug.synth.real_images import find_real
from ganaug.synth.store.meta import Meta
from ganaug.synth.styled.styler import Styler, gather_contents
from ganaug.synth.styled.weights import load_style_file
from ganaug.translate.style.settings import KIND


def was_styled(meta: Meta) -> bool:
    """Whether a store's images are real ones in another look."""
    return meta.config.get("kind") == KIND


def open_styler(folder: Path, meta: Meta, data: Any, device: str) -> Styler:
    """Open what drew a store's images, to draw them again.

    Raises:
        CheckpointError: its styles are damaged.
        DataError: the real images cannot be found, or are others.
        MissingExtraError: weights that the styles were drawn with cannot be read.
    """
    file = load_style_file(folder / GENERATOR)
    real = find_real(folder, data)
    contents = gather_contents(real)
    known = real.images.subset(contents.rows)
    transfer = file.open(known, contents.as_styles(), device)
    return Styler(transfer, contents, file.mode, meta.seed)
