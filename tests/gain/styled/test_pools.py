"""The pool of a split: its own images in each other's look, filtered."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pictures import draw_set

from ganaug.data.images import hash_pixels
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.gain import gan_pools
from ganaug.gain.styled import pools
from ganaug.gain.styled.inputs import Styles
from ganaug.gain.styled.pools import StyleMaker, carry_by_style, pool_by_style
from ganaug.synth.real_images import RealImages
from ganaug.translate.style.descent import optimise


def make_maker(mode):
    return StyleMaker(
        styles=Styles(mode), device=torch.device("cpu"), engine="optimise"
    )


@pytest.fixture
def hasty_descent(monkeypatch):
    fine = SimpleNamespace(safe=True)
    monkeypatch.setattr(pools, "check_flips", lambda *_, **__: (fine, fine))
    monkeypatch.setattr(gan_pools, "ROUND_SIZE", 4)
    monkeypatch.setitem(optimise.__kwdefaults__, "steps", 2)


def test_a_pool_has_what_a_gan_s_has(tmp_path, hasty_classifiers, hasty_descent):
    make = pool_by_style(make_maker("within-class"), per_class=4, size=(8, 8))
    made = make(draw_set(9, size=8), tmp_path, 0)
    assert made["images"].shape[1:] == (8, 8, 1)
    assert np.bincount(made["labels"]).max() <= 4
    assert made["soft"].shape == (len(made["labels"]), 3)
    assert made["placebo_images"].shape[1:] == (8, 8, 1)
    assert made["flips"].shape == (2,)


def test_labelled_images_take_the_look_of_unlabelled_ones(
    tmp_path, hasty_classifiers, hasty_descent
):
    data = draw_set(12, size=8)
    pool = UnlabelledImages(255 - draw_set(4, seed=3, size=8).images, "dusk")
    make = carry_by_style(make_maker("any"), per_class=4)
    guesses = np.full((len(pool), 3), 1 / 3, np.float32)
    made = make(data, pool, tmp_path, guesses, policy="rand", seed=0)
    assert len(made["images"]) == len(made["labels"]) == len(made["sources"])
    assert np.array_equal(data.labels[made["sources"]], made["labels"])


def test_styles_are_images_of_the_split_alone(tmp_path):
    data = draw_set(4, size=8)
    every = np.arange(len(data))
    real = RealImages(data, every, every[:0], "")
    styler = make_maker("any").open(real, tmp_path, 0)
    seen = {hash_pixels(image) for image in data.images}
    styles = styler.transfer.styles.match(1)
    assert {hash_pixels(image) for image in styles.images} == seen
    assert styler.mode == "any"
