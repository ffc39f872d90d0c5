"""Inputs: whether test images can be corrupted, and what that takes."""

from __future__ import annotations

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.gain.shifts.corruptions import CHANNELS


def check_shifts(data: LabelledImages, *, plain: bool) -> None:
    """Raise an error where test images cannot be corrupted.

    Args:
        data: all real images.
        plain: whether neither cells are to be filled nor unlabelled images given.

    Raises:
        DataError: the images are neither grey nor RGB.
        ConfigError: the gain is one in cells or in an unlabelled domain.
    """
    if data.channels not in CHANNELS:
        raise DataError(
            f"images with {data.channels} channels are not corrupted; leave --shifts "
            "away, or convert them to grey or RGB"
        )
    if not plain:
        raise ConfigError(
            "--shifts corrupts the test images of one domain; leave it away, or give "
            "neither domains with cells to fill nor --unlabelled"
        )
