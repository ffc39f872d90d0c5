"""Sizes, intensities and where pixels are stored."""

import tracemalloc

import numpy as np
import pytest

from ganaug.data.limits import pixel_storage
from ganaug.data.limits.pixel_storage import allocate_pixels, gather_pixels
from ganaug.data.load import load_images
from ganaug.data.readers.intensity import find_range, to_eight_bits
from ganaug.data.resize import common_size, fit_inside, resize_images, resize_pixels
from ganaug.errors import DataError


def test_large_images_are_scaled_without_a_large_copy():
    pixels = np.full((2000, 2000, 3), 7, np.uint16)
    tracemalloc.start()
    scaled = to_eight_bits(pixels, (0, 7))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (scaled == 255).all()
    assert peak < 2.5 * scaled.nbytes  # as floats it would be 5 times


def test_the_common_size_is_the_median_of_each_side():
    assert common_size([(1, 9), (3, 5), (100, 7)]) == (3, 7)


@pytest.mark.parametrize(
    ("size", "inside"),
    [((8, 8), (8, 8)), ((512, 256), (256, 128)), ((1, 1000), (1, 256))],
)
def test_reduction_keeps_proportions(size, inside):
    assert fit_inside(size, 256) == inside


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_reduction_averages(channels):
    board = np.indices((32, 32)).sum(axis=0) % 2 * 255
    pixels = np.repeat(board[:, :, None], channels, axis=2).astype(np.uint8)
    pixels[:, :, 3:] = 255
    reduced = resize_pixels(pixels, (8, 8))
    assert reduced.shape == (8, 8, channels)
    assert abs(reduced[2:-2, 2:-2, 0].astype(int) - 127).max() < 10


def test_invisible_colours_do_not_bleed():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, :4] = (200, 0, 0, 255)
    pixels[:, 4:] = (0, 255, 0, 0)
    reduced = resize_pixels(pixels, (4, 3))
    assert reduced[:, :, 1].max() == 0


def test_n_images_are_resized_as_one_is():
    images = np.random.default_rng(0).integers(0, 256, (5, 9, 7, 3), np.uint8)
    rows = np.array([3, 1])
    each = [resize_pixels(image, (4, 5)) for image in images]
    assert np.array_equal(resize_images(images, (4, 5)), each)
    assert np.array_equal(resize_images(images, (4, 5), rows=rows), [each[3], each[1]])
    assert resize_images(images[:0], (4, 5)).shape == (0, 4, 5, 3)


def test_images_of_the_size_wanted_are_not_copied():
    images = np.zeros((5, 9, 7, 3), np.uint8)
    assert np.shares_memory(resize_images(images, (9, 7)), images)
    assert len(resize_images(images, (9, 7), rows=np.array([0, 4]))) == 2


def test_the_range_is_that_of_percentiles_over_all_images():
    images = [np.full((10, 100), v, np.uint16) for v in range(100)]
    low, high = find_range(images, count=100)
    reference = np.percentile(np.concatenate(images), [0.1, 99.9])
    assert np.allclose((low, high), reference)


def test_a_constant_set_has_a_range():
    assert to_eight_bits(np.full(3, 9, np.uint16), (9.0, 9.0)).tolist() == [0, 0, 0]


def test_sparse_images_have_the_range_of_all_their_values():
    images = np.full((4, 100, 100), 7, np.uint16)
    images[2, 5, 5], images[3, 0, 0] = 3, 4000
    assert find_range(images, count=4) == (3.0, 4000.0)
    data = load_images((images, [0, 1, 0, 1]))
    assert data.images.max() == 255


def test_no_images_have_no_range():
    assert find_range([], count=3) is None


def test_values_beyond_all_numbers_are_clipped():
    huge = np.array([0, 3e38], np.float32)
    assert to_eight_bits(huge, (0.0, 1.0)).tolist() == [0, 255]


def test_infinite_intensities_are_refused():
    with pytest.raises(DataError, match="finite"):
        find_range([np.array([1.0, np.inf])], count=1)


def test_large_arrays_are_mapped_and_small_ones_not():
    small, large = (
        allocate_pixels((2, 8, 8, 1)),
        allocate_pixels((2, 8, 8, 1), large=100),
    )
    assert not isinstance(small, np.memmap)
    assert isinstance(large, np.memmap)
    large[1] = 7
    assert large[1].min() == 7
    assert large[0].max() == 0


def test_many_rows_are_gathered_into_a_file(monkeypatch):
    monkeypatch.setattr(pixel_storage, "MAPPED_FROM", 100)
    monkeypatch.setattr(pixel_storage, "CHUNK", 3)
    images = np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), np.uint8)
    rows = np.array([8, 0, 3, 3, 5])
    found = gather_pixels(images, rows)
    assert isinstance(found, np.memmap)
    assert (found == images[rows]).all()
    mask = np.arange(9) % 2 == 1
    assert (gather_pixels(images, mask) == images[mask]).all()
    assert isinstance(resize_images(images, (2, 2)), np.memmap)
    assert isinstance(resize_images(images, (4, 4), rows=rows), np.memmap)
