"""StyleTransfer: one image at a time, in the look of its style."""

import numpy as np
import pytest

from ganaug.errors import ConfigError, DataError
from ganaug.translate.style.transfer import StyleTransfer


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 8, 9, 4), dtype=np.uint8)


@pytest.fixture(scope="module")
def transfer(images):
    return StyleTransfer(images[2:])


def test_results_do_not_depend_on_the_batch(transfer, images):
    both = transfer.apply(images[:2], [1, 0], alpha=[1, 0.5])
    assert both.shape == images[:2].shape
    assert np.array_equal(both[1:], transfer.apply(images[1:2], [0], alpha=0.5))
    assert np.array_equal(both[..., 3], images[:2, ..., 3])
    assert not np.array_equal(both[..., :3], images[:2, ..., :3])


def test_without_alpha_the_content_is_returned(transfer, images):
    assert np.array_equal(transfer.apply(images[:2], [1, 0], alpha=0), images[:2])


def test_colours_can_be_preserved(images):
    grey = StyleTransfer(images[2:], preserve_colour=True)
    made = grey.apply(images[:1, ..., :3] // 4 + 96, [1]).astype(int)
    own = images[:1, ..., :3].astype(int) // 4 + 96
    change = made - own
    inside = ((made > 0) & (made < 255)).all(axis=3)
    assert np.ptp(change, axis=3)[inside].max() <= 1
    assert np.abs(change).max() > 8


def test_bad_arguments_are_refused(images):
    with pytest.raises(ConfigError, match=r"engine=optimize is not allowed"):
        StyleTransfer(images, engine="optimize")
    with pytest.raises(ConfigError, match=r"alpha=1\.5 must lie in \[0, 1\]"):
        StyleTransfer(images, alpha=1.5)
    with pytest.raises(ConfigError, match="strength=0 must be above 0"):
        StyleTransfer(images, strength=0)


def test_bad_images_are_refused(transfer, images):
    with pytest.raises(ConfigError, match=r"alpha=.* must lie in"):
        transfer.apply(images[:2], [0, 1], alpha=[0, float("nan")])
    with pytest.raises(ConfigError, match="styles run from 0 to 2"):
        transfer.apply(images[:2], [0, 2])
    with pytest.raises(ConfigError, match="give the index of one for each"):
        transfer.apply(images[:2], [0])
    with pytest.raises(DataError, match="2 channels"):
        transfer.apply(images[..., :2], [0] * 4)
