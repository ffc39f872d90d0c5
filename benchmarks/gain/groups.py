"""Groups of images that show one thing, found by texture where a set states none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

FINE, COARSE = 0.7, 3.0  # σ in pixels: what is finer is noise, what is coarser is light
MOVED = 3  # pixels that a photograph may be shifted by
BORDER = 4  # pixels omitted at each side, where filters see beyond the image

# Tiles of steel were photographed six times each: at .7, 121 of 175 groups have six
# images, and 54 of 2,265 pairs bear two labels; at .5 whole classes hang together.
LIKENESS = 0.7


def infer_groups(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Number the groups of images with one fine texture, whatever the light.

    Two images are of one group when their textures correlate at some shift, or when a
    chain of others connects them.

    Args:
        images: (n, height, width, channels), 20 pixels a side at least.

    Returns:
        (n,) group numbers.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> one, other = rng.integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
        >>> infer_groups(np.stack([one, other, one // 2])).tolist()
        [0, 1, 0]
    """
    textures = np.stack([_filter(image) for image in images])
    alike = _correlate(textures) > LIKENESS
    return connected_components(coo_array(alike), directed=False)[1].astype(np.int64)


def _filter(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the grey texture (h, w), with equal contrast everywhere."""
    grey = image.mean(axis=2, dtype=np.float32)
    fine = gaussian_filter(grey, FINE) - gaussian_filter(grey, COARSE)
    even = fine / np.sqrt(gaussian_filter(fine * fine, COARSE) + 1)
    return np.asarray(even[BORDER:-BORDER, BORDER:-BORDER], np.float32)


def _correlate(textures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest correlation (n, n) of two images' middles over all shifts."""
    height, width = textures.shape[1:]
    rows, columns = height - 2 * MOVED, width - 2 * MOVED
    middle = _scale(textures[:, MOVED : MOVED + rows, MOVED : MOVED + columns])
    found = np.full((len(textures), len(textures)), -1, np.float32)
    for y in range(2 * MOVED + 1):
        for x in range(2 * MOVED + 1):
            moved = _scale(textures[:, y : y + rows, x : x + columns])
            np.maximum(found, middle @ moved.T, out=found)
    return found


def _scale(textures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each to zero mean and unit length (n, pixels); flat ones become zero."""
    flat = textures.reshape(len(textures), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
