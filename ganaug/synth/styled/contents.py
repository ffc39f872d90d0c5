"""Contents: the images that are drawn in another look, with classes or without."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganaug.data.images import LabelledImages
from ganaug.data.origin import Origin, describe_origin
from ganaug.data.parts.train import enter_train, list_entries
from ganaug.data.readers.folder import is_image_name
from ganaug.data.readers.reading import Tell, ignore
from ganaug.data.recorded.reading import load_by_rules
from ganaug.data.recorded.rules import NO_RULES, Rules


def read_contents(
    data: Any, rules: Rules = NO_RULES, *, strict: bool = False, tell: Tell = ignore
) -> tuple[LabelledImages, Origin]:
    """Read contents, and say where from.

    An image file, or a folder of images without class folders, is one class "images".

    Args:
        data: that, or whatever `load_images` takes.
        rules: how the images are read.
        strict, tell: as for `load_images`.

    Raises:
        DataError: the images cannot be read.
    """
    if isinstance(data, str | os.PathLike) and lacks_classes(Path(data)):
        rules = replace(rules, labelled=False)
    images = load_by_rules(data, rules, strict=strict, tell=tell)
    return images, describe_origin(data, rules)


def lacks_classes(path: Path) -> bool:
    """Whether a path is an image, or a folder of images without class folders."""
    if path.is_file():
        return is_image_name(path)
    if not path.is_dir():
        return False
    folders, _, files = list_entries(enter_train(path)[0])
    return not folders and any(is_image_name(Path(name)) for name in files)
