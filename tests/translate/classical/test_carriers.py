"""Carriers: what they learn of a domain, and what they leave as it is."""

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.translate.classical.carriers import CARRIERS, fit_carrier

NAMES = ("plain", "inverted")


def draw_data(channels=1, classes=4, each=6):
    """Draw shapes that the second domain inverts, over a slope of its own."""
    rng = np.random.default_rng(0)
    labels = np.tile(np.repeat(np.arange(classes), each), 2)
    domains = np.repeat([0, 1], classes * each)
    shapes = rng.uniform(20, 180, (classes, 12, 12, channels))
    images = shapes[labels] + rng.normal(0, 4, (len(labels), 12, 12, channels))
    slope = np.linspace(0, 40, 12)[:, None, None]
    images[domains == 1] = 200 - images[domains == 1] + slope
    return LabelledImages(
        images.clip(0, 255).astype(np.uint8), labels, tuple("abcd"[:classes]),
        domains=domains, domain_names=NAMES,
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CARRIERS if name != "first-guess"])
@pytest.mark.parametrize("channels", [1, 3])
def test_each_keeps_shape_and_type_and_follows_its_generator(name, channels):
    data = draw_data(channels)
    carrier = fit_carrier(name, data)
    rows = np.flatnonzero(data.domains == 0)[:5]
    targets = np.ones(5, np.int64)

    def carry():
        rng = np.random.default_rng(3)
        return carrier.carry(data.images[rows], data.domains[rows], targets, rng)

    found = carry()
    assert found.shape == (5, 12, 12, channels)
    assert found.dtype == np.uint8
    assert (found == carry()).all()
    assert (found != data.images[rows]).any()


def test_statistics_and_histogram_are_those_of_an_image_of_the_target():
    data = draw_data(each=1)
    rng = np.random.default_rng(0)
    there = data.images[data.domains == 1]
    for name, tolerance in (("statistics", 3), ("histogram", 3)):
        carrier = fit_carrier(name, data)
        sources, targets = data.domains[:1], np.ones(1, np.int64)
        found = carrier.carry(data.images[:1], sources, targets, rng)
        gaps = np.abs(there.mean(axis=(1, 2, 3)) - found.mean())
        assert gaps.min() < tolerance, name


def test_the_linear_map_carries_a_class_that_it_never_saw_there():
    data = draw_data()
    lacking = (data.labels == 3) & (data.domains == 1)
    carrier = fit_carrier("linear", data.subset(np.flatnonzero(~lacking)))
    rows = np.flatnonzero((data.labels == 3) & (data.domains == 0))
    found = carrier.carry(
        data.images[rows], data.domains[rows], np.ones(len(rows), np.int64),
        np.random.default_rng(0),
    )  # fmt: skip
    wanted = data.images[lacking].mean(axis=0)
    gap = np.abs(found.mean(axis=0) - wanted).mean()
    before = np.abs(data.images[rows].mean(axis=0) - wanted).mean()
    assert gap < 0.3 * before


def test_the_linear_map_changes_nothing_where_no_class_is_shared():
    data = draw_data()
    apart = (data.labels < 2) == (data.domains == 0)
    carrier = fit_carrier("linear", data.subset(np.flatnonzero(apart)))
    x = data.images[:3]
    zeros = np.zeros(3, np.int64)
    rng = np.random.default_rng(0)
    assert (carrier.carry(x, zeros, zeros + 1, rng) == x).all()


def draw_squares(spread=(6, 12)):
    """Draw squares whose side differs with the domain; classes differ in brightness."""
    labels, domains = np.repeat([0, 1, 2], 8), np.tile([0, 1], 12)
    images = np.zeros((24, 16, 16, 1), np.uint8)
    for image, label, domain in zip(images, labels, domains, strict=True):
        half = spread[domain] // 2
        image[8 - half : 8 + half, 8 - half : 8 + half] = 100 + 50 * label
    return LabelledImages(
        images, labels, ("a", "b", "c"), domains=domains, domain_names=("far", "near")
    )


def test_a_frame_enlarges_what_the_target_domain_shows_large():
    data = draw_squares()
    lacking = (data.labels == 2) & (data.domains == 1)
    carrier = fit_carrier("first-guess", data.subset(np.flatnonzero(~lacking)))
    small, large = data.images[-2:-1], data.images[-1:]
    here, there = np.array([0]), np.array([1])
    found = carrier.carry(small, here, there, np.random.default_rng(0))
    assert np.abs(found.astype(int) - large).mean() < 20  # soft edges
    assert np.abs(small.astype(int) - large).mean() > 80
    unknown = carrier.carry(small, np.array([-1]), there, np.random.default_rng(0))
    assert (unknown == small).all()


def test_a_frame_leaves_images_where_nothing_differs_in_size():
    data = draw_squares((8, 8))
    carrier = fit_carrier("first-guess", data)
    found = carrier.carry(
        data.images, data.domains, 1 - data.domains, np.random.default_rng(0)
    )
    assert (found == data.images).all()
