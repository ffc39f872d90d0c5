"""The pool of a split: its own images in each other's look, filtered."""

import numpy as np
import pytest
import torch
from pictures import draw_set

from ganaug.data.images import hash_pixels
from ganaug.gain.styled.inputs import Styles
from ganaug.gain.styled.pools import StylePoolMaker
from ganaug.synth.real_images import RealImages
from ganaug.translate.style.descent import optimise


@pytest.fixture
def hasty_descent(monkeypatch):
    monkeypatch.setitem(optimise.__kwdefaults__, "steps", 2)


def make(tmp_path, data, mode="within-class"):
    maker = StylePoolMaker(
        Styles(mode), per_class=4, size=(8, 8), device=torch.device("cpu"),
        engine="optimise",
    )  # fmt: skip
    return maker, maker(data, tmp_path / "work", 0)


def test_a_pool_has_what_a_gan_s_has(tmp_path, hasty_classifiers, hasty_descent):
    data = draw_set(12)
    _, made = make(tmp_path, data)
    assert made["images"].shape[1:] == (8, 8, 1)
    assert np.bincount(made["labels"]).max() <= 4
    assert made["soft"].shape == (len(made["labels"]), 3)
    assert made["placebo_images"].shape[1:] == (8, 8, 1)
    assert made["flips"].shape == (2,)
    assert all(np.array_equal(made[k], v) for k, v in make(tmp_path, data)[1].items())


def test_styles_are_images_of_the_split_alone(tmp_path):
    data = draw_set(4, size=8)
    every = np.arange(len(data))
    maker = StylePoolMaker(
        Styles("any"), per_class=1, size=(8, 8), device=torch.device("cpu"),
        engine="optimise",
    )  # fmt: skip
    real = RealImages(data, every, every[:0], "")
    styler = maker._open(real, tmp_path, 0)
    styles = styler.transfer.styles.match(1)
    seen = {hash_pixels(image) for image in data.images}
    assert {hash_pixels(image) for image in styles.images} == seen
    assert styler.mode == "any"
