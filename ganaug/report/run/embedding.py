"""The map: real and synthetic images in two dimensions, similar ones side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from ganaug.classify.random_net import random_features
from ganaug.data.resize import fit_inside, resize_images
from ganaug.gan.monitoring.sample_grid import tile_images
from ganaug.report.images import encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import Images, pick_real, pick_synthetic

MOST_POINTS = 300  # of each kind at most
COMPONENTS = 30  # of PCA, before t-SNE
FEWEST_POINTS = 20  # points below which PCA alone places them
PERPLEXITY = 25.0
WIDTH, HEIGHT, MARGIN = 1000, 640, 24  # of the map
TILE = 48  # pixels of an image at most
COLUMNS = 25  # tiles in a row of the sheet
SHEET_BYTES = 1_200_000

Points = NDArray[np.float64]  # (n, 2)


def describe_map(material: RunMaterial) -> dict[str, Any] | None:
    """Return a dot for each image, and one sheet with all images."""
    images, labels, kinds = _gather(material)
    if not kinds.any():
        return None
    places = _fit(place_points(random_features(images)))
    tiles = _reduce(images)
    dots = [
        {"x": x, "y": y, "label": int(label), "synthetic": bool(synthetic)}
        for (x, y), label, synthetic in zip(places, labels, kinds, strict=True)
    ]
    return {
        "dots": dots,
        "sheet": encode_image(tile_images(tiles, COLUMNS), most=SHEET_BYTES, side=4096),
        "tile": (tiles.shape[2], tiles.shape[1]),
        "columns": COLUMNS,
        "size": (WIDTH, HEIGHT),
        "names": material.classes,
        "shown": sorted({dot["label"] for dot in dots}),
        "real": int((~kinds).sum()),
        "synthetic": int(kinds.sum()),
    }


def place_points(features: NDArray[np.float32]) -> Points:
    """Return (n, d) features → (n, 2) places, the same on every call.

    PCA, then t-SNE (van der Maaten and Hinton, 2008) that starts from PCA's own two
    dimensions; few or equal points keep PCA's.

    Example:
        >>> place_points(np.eye(3, dtype=np.float32)).shape
        (3, 2)
    """
    # equal values can get a spread, because their mean is rounded
    varied = features.max(axis=0) > features.min(axis=0)
    x = features[:, varied].astype(np.float64)
    n, d = x.shape
    if not d:
        return np.zeros((n, 2))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x = PCA(min(COMPONENTS, n - 1, d), random_state=0).fit_transform(x)
    if n < FEWEST_POINTS or x.shape[1] < 2:
        return np.pad(x, ((0, 0), (0, 2)))[:, :2].astype(float)
    start = x[:, :2] / max(1e-9, float(x[:, 0].std())) * 1e-4
    tsne = TSNE(perplexity=min(PERPLEXITY, (n - 1) / 4), init=start, random_state=0)
    return np.asarray(tsne.fit_transform(x), float)


def _gather(
    material: RunMaterial,
) -> tuple[Images, NDArray[np.int64], NDArray[np.bool_]]:
    """Return images, their labels, and whether each is synthetic; real ones first."""
    each = max(1, MOST_POINTS // len(material.classes))
    names = material.classes[:MOST_POINTS]
    picked = [(pick_real(material, name, each), k) for k, name in enumerate(names)]
    reals = sum(len(images) for images, _ in picked)
    picked += [
        (pick_synthetic(material, name, each), k) for k, name in enumerate(names)
    ]
    images = np.concatenate([images for images, _ in picked])
    labels = np.repeat([k for _, k in picked], [len(some) for some, _ in picked])
    return images, labels.astype(np.int64), np.arange(len(images)) >= reals


def _fit(places: Points) -> Points:
    """Return places within the map's margins, in whole units."""
    low, high = places.min(axis=0), places.max(axis=0)
    extent = np.where(high > low, high - low, 1)
    room = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    centred = np.where(high > low, (places - low) / extent, 0.5)
    return np.asarray(np.rint(MARGIN + centred * room), np.float64)


def _reduce(images: Images) -> Images:
    return resize_images(images, fit_inside(images.shape[1:3], TILE))
