import sys
from collections import Counter

import numpy as np
import pytest
from tiny_runs import TINY, tiny_images

from ganaug.config import TrainConfig
from ganaug.data import images as images_module
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError
from ganaug.gan.inputs import training_set as module
from ganaug.gan.inputs.training_set import build_training_set
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.training import train


def counted(function, name, calls):
    def call(*args, **options):
        calls[name] += 1
        return function(*args, **options)

    return call


def test_images_are_split_hashed_and_resized_once(tmp_path, monkeypatch):
    calls, hashed = Counter(), Counter()
    for name in ("hold_out", "resize_images", "gather_captions"):
        monkeypatch.setattr(module, name, counted(getattr(module, name), name, calls))
    pixels = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 1), np.uint8)
    captions = tuple(f"a {'red' if k % 3 else 'blue'} thing" for k in range(40))
    data = LabelledImages(pixels, np.arange(40) % 2, ("a", "b"), captions=captions)
    known = take_fingerprint(data)
    real_hash = images_module.hash_pixels

    def hash_pixels(image):
        hashed[image.shape] += 1
        return real_hash(image)

    for found in list(sys.modules.values()):
        if getattr(found, "hash_pixels", None) is real_hash:
            monkeypatch.setattr(found, "hash_pixels", hash_pixels)
    config = TrainConfig(**(TINY | {"images": 32}), conditioning="caption")
    train(data, tmp_path, config=config, fingerprint=known, device="cpu")
    assert calls == {"hold_out": 1, "resize_images": 1, "gather_captions": 1}
    assert hashed == {(12, 10, 1): 40, (8, 8, 1): 40}


def test_what_the_networks_get_beside_an_image():
    images = tiny_images()
    joint = build_training_set(images, resolve_config(TrainConfig(**TINY)))
    rows = joint.take(joint.kept)
    assert np.array_equal(rows.images, images.images[joint.kept])
    assert np.array_equal(rows.numbers, images.labels[joint.kept])
    assert len(joint.kept) + len(joint.held_out) == 40
    assert joint.sources is None
    alone = build_training_set(
        images, resolve_config(TrainConfig(**TINY, conditioning="none"))
    )
    assert not alone.take(alone.kept).labels.any()


def test_a_held_out_image_that_the_gan_sees_as_well_judges_nothing():
    images = tiny_images()
    images.images[:] = images.images[:1]
    found = build_training_set(images, resolve_config(TrainConfig(**TINY)))
    assert len(found.held_out) == 6
    assert not len(found.unseen)


def test_an_encoder_without_captions_is_refused():
    with pytest.raises(ConfigError, match="encode is for conditioning=caption"):
        build_training_set(
            tiny_images(), resolve_config(TrainConfig(**TINY)), encode=len
        )
