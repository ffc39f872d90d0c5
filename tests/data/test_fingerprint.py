"""The fingerprint and the duplicates that it counts."""

import json

import numpy as np
import pytest

from ganaug.data import duplicates
from ganaug.data.fingerprint import Fingerprint, FlipCheck, take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images

DIGITS = load_images("digits")


def make(images, labels, **fields):
    labels = np.array(labels)
    classes = tuple(f"c{i}" for i in range(labels.max() + 1))
    return LabelledImages(images, labels, classes, **fields)


def test_plain_facts():
    data = DIGITS.subset(np.arange(100))
    found = take_fingerprint(data)
    assert found.source == "digits"
    assert found.counts == tuple(data.counts)
    assert (found.size, found.data_size, found.channels) == ((8, 8), (8, 8), 1)
    assert found.imbalance == round(data.counts.max() / data.counts.min(), 3)
    assert (found.groups, found.hflip, found.vflip) == (None, None, None)


def test_a_trip_through_json_changes_nothing():
    data = make(
        DIGITS.images[:30],
        [0, 1, 2] * 10,
        groups=np.arange(30) // 2,
        skipped=(("x.png", "empty file"),),
        notes=("a note",),
        intensity_range=(0.0, 5.0),
        size_range=((8, 8), (9, 9)),
    )
    found = take_fingerprint(data)
    check = FlipCheck(False, -3.0, -1.0, 30, "undecided")
    for fingerprint in (found, Fingerprint(**{**vars(found), "hflip": check})):
        text = json.dumps(fingerprint.to_dict())
        assert Fingerprint.from_dict(json.loads(text)) == fingerprint


def test_the_digest_follows_content_and_not_order():
    images, labels = DIGITS.images[:20], np.arange(20) % 2
    digest = take_fingerprint(make(images, labels)).digest
    back = np.arange(20)[::-1]
    assert take_fingerprint(make(images[back], labels[back])).digest == digest
    assert take_fingerprint(make(images, 1 - labels)).digest != digest
    changed = images.copy()
    changed[0, 0, 0] ^= 1
    assert take_fingerprint(make(changed, labels)).digest != digest


def test_exact_duplicates_within_and_across_classes():
    images = DIGITS.images[[0, 0, 0, 1, 1, 2]]
    names = tuple("abcdef")
    exact = take_fingerprint(make(images, [0, 0, 1, 0, 0, 0], names=names)).exact
    assert (exact.within, exact.across) == (2, 3)
    assert exact.examples == (("a", "c"), ("a", "b"), ("d", "e"))


def test_digits_are_not_each_others_near_duplicates():
    near = take_fingerprint(DIGITS).near
    assert near.sampled == 1797
    assert near.images < 0.003 * 1797


@pytest.fixture(scope="module")
def photographs():
    """Draw thirty scenes of 24 × 24, each photographed three times in other light."""
    generator = np.random.default_rng(0)
    scenes = generator.integers(40, 200, (30, 6, 6, 1)).repeat(4, 1).repeat(4, 2)
    shots = np.repeat(scenes, 3, axis=0) * generator.uniform(0.8, 1.1, (90, 1, 1, 1))
    shots = shots + generator.normal(0, 4, shots.shape)
    return shots.clip(0, 255).astype(np.uint8)


def test_repeated_photographs_are_near_duplicates(photographs):
    near = take_fingerprint(make(photographs, np.arange(90) // 3 % 2)).near
    assert (near.sampled, near.images, near.clusters) == (90, 90, 30)
    assert all(int(a) // 3 == int(b) // 3 for a, b in near.examples)


def test_stated_groups_explain_near_duplicates(photographs):
    data = make(photographs, np.arange(90) // 3 % 2, groups=np.arange(90) // 3)
    assert take_fingerprint(data).near.images == 0
    assert take_fingerprint(data).groups == 30


def test_large_sets_are_sampled(monkeypatch, photographs):
    monkeypatch.setattr(duplicates, "COMPARED_IMAGES", 40)
    monkeypatch.setattr(duplicates, "COMPARED_AT_ONCE", 7)
    assert take_fingerprint(make(photographs, np.zeros(90, int))).near.sampled == 40


def test_flat_and_single_images_work():
    flat = np.full((12, 8, 8, 3), 7, np.uint8)
    flat[:, 0, 0, 0] = np.arange(12)
    assert take_fingerprint(make(flat, [0] * 12)).near.images == 0
    assert take_fingerprint(make(flat[:1], [0])).counts == (1,)
