"""Carriers: ways without a network to carry an image into another domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.translate.classical.linear_map import fit_linear_map
from ganaug.translate.classical.measured import (
    fit_first_guess,
    fit_frame_and_histogram,
)
from ganaug.translate.classical.references import (
    ByReference,
    match_histogram,
    swap_amplitude,
    swap_statistics,
)

Images = NDArray[np.uint8]  # (n, h, w, c)
Domains = NDArray[np.int64]  # (n,) indices of domains


class Carrier(Protocol):
    """A way to carry images into other domains, fitted to labelled images."""

    def carry(
        self,
        images: Images,
        sources: Domains,
        targets: Domains,
        rng: np.random.Generator,
    ) -> Images:
        """Carry each image from its own domain into its target domain."""
        ...


def fit_carrier(name: str, data: LabelledImages) -> Carrier:
    """Fit a carrier by name, see `CARRIERS`.

    Args:
        name: `statistics`, `histogram`, `amplitude`, `linear`, `first-guess` or
            `frame-histogram`.
        data: labelled images whose domains are known, or partly known.

    Example:
        >>> import numpy as np
        >>> x = np.zeros((4, 8, 8, 1), np.uint8)
        >>> x[2:] = 200
        >>> data = LabelledImages(
        ...     x, np.array([0, 1, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 0, 1, 1]), domain_names=("dark", "bright"),
        ... )
        >>> carrier = fit_carrier("statistics", data)
        >>> rng = np.random.default_rng(0)
        >>> moved = carrier.carry(x[:1], np.array([0]), np.array([1]), rng)
        >>> int(moved.mean())
        200
    """
    return CARRIERS[name](data)


def _refer_by(
    change: Callable[[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.uint8]],
) -> Callable[[LabelledImages], Carrier]:
    def fit(data: LabelledImages) -> Carrier:
        assert data.domains is not None, "carriers are fitted to images with domains"
        return ByReference(data.images, data.domains, change)

    return fit


CARRIERS: dict[str, Callable[[LabelledImages], Carrier]] = {
    "statistics": _refer_by(swap_statistics),
    "histogram": _refer_by(match_histogram),
    "amplitude": _refer_by(swap_amplitude),
    "linear": fit_linear_map,
    "first-guess": fit_first_guess,
    "frame-histogram": fit_frame_and_histogram,
}
