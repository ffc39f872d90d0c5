"""Pictures of style transfer for docs/principles.md: contents by row, styles by column.

    python -m benchmarks.style_pictures --data-dir FOLDER --out docs

One image each of three sets, in the look of each other and of a photograph, and a
photograph of scikit-learn's at 256 px in the look of the same.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_image

from ganaug import StyleTransfer
from ganaug.data.readers.reading import bring_channels
from ganaug.data.resize import fit_inside, resize_pixels

Pixels = NDArray[np.uint8]  # (h, w, 3)
SETS = {"sign-digits": 4, "neu-det": 3, "bccd-cells": 9}  # image of each that is shown
PHOTOGRAPH = 256  # pixels of its longer side
CELL, GAP, WHITE = 128, 4, 255
COLOURS = 160  # of the PNG files, which keeps them small
STRENGTH = 10.0


def main() -> None:
    """Draw both pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--out", type=Path, default=Path("docs"))
    given = parser.parse_args()
    shown = [pick(Path(given.data_dir) / f"{name}.npz", i) for name, i in SETS.items()]
    china, flower = (open_photograph(f"{name}.jpg") for name in ("china", "flower"))
    styles = [*shown, resize_pixels(flower, fit_inside(flower.shape[:2], CELL))]
    save(given.out / "style-sets.png", [draw_row(x, styles) for x in shown], styles)
    save(given.out / "style-photograph.png", [draw_row(china, styles)], styles)


def pick(path: Path, row: int) -> Pixels:
    """Return a training image of a set, in colours."""
    with np.load(path) as data:
        image = np.asarray(data["x_train"][row])
    image = image[..., None] if image.ndim == 2 else image
    return bring_channels(image[None], 3)[0]


def open_photograph(name: str) -> Pixels:
    image = np.asarray(load_sample_image(name))
    return resize_pixels(image, fit_inside(image.shape[:2], PHOTOGRAPH))


def draw_row(content: Pixels, styles: list[Pixels]) -> list[Pixels]:
    """Return the content, and the content in each style."""
    row = [content]
    for style in styles:
        transfer = StyleTransfer(style[None], strength=STRENGTH)
        row.append(transfer.apply(content[None], [0])[0])
    return row


def save(path: Path, rows: list[list[Pixels]], styles: list[Pixels]) -> None:
    """Write the styles, and below them the rows, as one PNG file."""
    blank = np.full((CELL, CELL, 3), WHITE, np.uint8)
    lines = [join([fit(x) for x in (blank, *styles)], rows[0][0].shape[1])]
    lines += [join([fit(x) for x in row], row[0].shape[1]) for row in rows]
    space = np.full((GAP, lines[0].shape[1], 3), WHITE, np.uint8)
    page = np.concatenate([part for line in lines for part in (line, space)])
    picture = Image.fromarray(page).quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def fit(image: Pixels) -> Pixels:
    """Enlarge a small image by a whole factor."""
    factor = max(1, CELL // max(image.shape[:2]))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def join(images: list[Pixels], width: int) -> Pixels:
    """Set images side by side, each in the middle of a cell."""
    height = max(image.shape[0] for image in images)
    cell = max(CELL, width)
    line = np.full((height, len(images) * (cell + GAP), 3), WHITE, np.uint8)
    for k, image in enumerate(images):
        h, w = image.shape[:2]
        y, x = (height - h) // 2, k * (cell + GAP) + (cell - w) // 2
        line[y : y + h, x : x + w] = image
    return line


if __name__ == "__main__":
    main()
