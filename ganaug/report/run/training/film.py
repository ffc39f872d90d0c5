"""Film: the snapshots of a training, one after another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.config import TrainConfig
from ganaug.errors import RunError
from ganaug.gan.inputs.conditions import UNLABELLED
from ganaug.gan.monitoring.quality import GRID_COLUMNS, JUDGED_CLASSES
from ganaug.gan.monitoring.sample_grid import GRID_PIXELS, TILE_GAP
from ganaug.report.images import InlineImage, encode_image, lay_out
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import spread_evenly
from ganaug.report.run.reading.training_log import Log
from ganaug.synth.store.png import UNREADABLE, read_png, to_pixels

FRAMES = 12  # most frames; evenly spaced, with the last one
FRAME_BYTES = 120_000
SHEETS = "[0-9]" * 9 + ".png"  # images seen, as the training names them
SHORT = 6  # longer names stand below the film on a phone
SIDE = 1600  # most pixels of a frame's longer side


def describe_film(material: RunMaterial) -> dict[str, Any] | None:
    """Return frames in order, each with the number of images seen and its figures."""
    logs = material.logs
    strips = [sorted((log.folder / "samples").glob(SHEETS)) for log in logs]
    strips = [strip for strip in strips if strip]
    if not strips:
        return None
    names = material.classes[: JUDGED_CLASSES if len(logs) == 1 else len(strips)]
    return {
        "frames": [
            _describe_frame([strip[k] for strip in strips], material)
            for k in _choose(min(map(len, strips)))
        ],
        "names": [] if names == (UNLABELLED,) else names,
        "long": any(len(name) > SHORT for name in names),
        "images": material.config.images,
    }


def _describe_frame(files: list[Path], material: RunMaterial) -> dict[str, Any]:
    """Return one frame: all networks' sheets, and the figures of a single network."""
    figures = {}
    if len(files) == 1:
        figures = _figures(material.logs[0], int(files[0].stem))
    seen = sum(int(file.stem) for file in files)
    return {"image": _join(files, material.config), "seen": seen, **figures}


def _choose(total: int) -> list[int]:
    """Choose evenly spaced frames, counted from the last."""
    return sorted(total - 1 - k for k in spread_evenly(total, FRAMES).tolist())


def _join(files: list[Path], config: TrainConfig) -> InlineImage:
    """Join the sheets below each other into one image at the GAN's own size."""
    sheets = [_read(file) for file in files]
    tiles = [_cut(sheet, config) for sheet in sheets]
    if any(some is None for some in tiles):
        return encode_image(sheets[0], most=FRAME_BYTES, side=SIDE)
    images = np.concatenate([some for some in tiles if some is not None])
    return encode_image(lay_out(images, GRID_COLUMNS), most=FRAME_BYTES, side=SIDE)


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        return to_pixels(read_png(path))
    except UNREADABLE as error:
        raise RunError(
            f"{path} is damaged; delete it and draw the page again"
        ) from error


def _cut(sheet: NDArray[np.uint8], config: TrainConfig) -> NDArray[np.uint8] | None:
    """Return the images (n, h, w, c) in a sheet that `save_grid` wrote, at their size.

    None if the sheet has another layout.
    """
    h, w = config.height, config.width
    factor = max(1, GRID_PIXELS // (w * GRID_COLUMNS))
    tall, wide = h * factor + TILE_GAP, w * factor + TILE_GAP
    rows, columns = sheet.shape[0] // tall, sheet.shape[1] // wide
    if sheet.shape[:2] != (rows * tall, columns * wide) or columns != GRID_COLUMNS:
        return None
    tiles = sheet.reshape(rows, tall, columns, wide, -1)
    centre = factor // 2
    small = tiles[:, centre : h * factor : factor, :, centre : w * factor : factor]
    return small.swapaxes(1, 2).reshape(rows * columns, h, w, -1)


def _figures(log: Log, seen: int) -> dict[str, float]:
    row = next((row for row in log.snapshots if row["images"] == seen), {})
    return {name: row[name] for name in ("diversity", "distance") if name in row}
