"""MixedImages: the image that stands at a spot of an epoch, before its transform."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ganaug.data.readers.intensity import Range
from ganaug.mixing.lineup import Spot
from ganaug.mixing.pool import Pool, StorePool
from ganaug.mixing.real.image_format import convert_image
from ganaug.mixing.real.own_range import scale_back
from ganaug.mixing.real.real_set import RealSet, shape_label
from ganaug.mixing.resolution import Size, coarsen, enlarge, is_coarser
from ganaug.mixing.seen import list_paths

logger = logging.getLogger(__name__)


class MixedImages:
    """Real images and those of a pool, in one format and size.

    Args:
        real: the real images.
        pool: the synthetic images.
        coarse: whether real images become as coarse as synthetic ones, where these
            are coarser; the log then says so.
        own_range: range of grey levels that synthetic images are brought to, or None.
    """

    def __init__(
        self,
        real: RealSet,
        pool: Pool,
        *,
        coarse: bool,
        own_range: Range | None = None,
    ) -> None:
        self._real, self._pool, self._own_range = real, pool, own_range
        self._size = _find_size(real, pool)
        self._coarse = coarse and is_coarser(pool.grid, self._size)
        if self._coarse:
            _warn_of_coarseness(pool.grid, self._size)

    def read(self, spot: Spot, target: int | str) -> tuple[Any, Any]:
        """Read an image, and its label in the type of the real set's labels.

        Args:
            spot: where it stands.
            target: label of a synthetic image.
        """
        real = self._real
        if spot.row is None:
            image, label = real.read(spot.place)
            coarse = self._coarse and not spot.real_only
            return coarsen(image, self._pool.grid) if coarse else image, label
        synthetic = enlarge(self._pool.pil_image(spot.row), self._size)
        if self._own_range is not None:
            synthetic = scale_back(synthetic, self._own_range)
        image = convert_image(synthetic, real.image_format)
        return image, shape_label(target, real.label)

    def list_paths(self, spots: Iterable[Spot]) -> list[str]:
        """Return the path of each image; AttributeError unless all are files."""
        pool = self._pool
        if not isinstance(pool, StorePool):
            raise AttributeError("images drawn from a run have no files")
        real = list_paths(self._real.items)
        if real is None:
            raise AttributeError("the real images are not files")
        return [
            real[spot.place] if spot.row is None else pool.path(spot.row)
            for spot in spots
        ]


def _find_size(real: RealSet, pool: Pool) -> Size:
    """Find the size of synthetic images: that of the real ones, or most of them."""
    found = real.image_format
    uneven = found.container == "pil" and found.uneven
    return pool.data_size if uneven else found.size


def _warn_of_coarseness(grid: Size, size: Size) -> None:
    (h, w), (height, width) = grid, size
    logger.warning(
        f"the GAN draws {h}×{w} and the real images have {height}×{width}: "
        f"real ones are reduced to {h}×{w} and enlarged again, as synthetic "
        "ones are; tests must be too, or leave out match_resolution"
    )
