"""share="auto": what a store's recipe allows, and what is said about the rest."""

import shutil

import numpy as np
import pytest
import torch
from recipes import save_gain
from stores import save_untrained
from torchvision.transforms import v2

from ganaug.data.fingerprint import digest_set
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.mixing.auto_share import list_missing
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.recipe import Recipe, copy_recipe, read_recipe
from ganaug.synth.synthesis import synthesize

CLASSES = ("ant", "bee", "cat")
COUNTS = {"ant": 12, "bee": 6, "cat": 3}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("following")
    run = save_untrained(root / "run")
    synthesize(run, root / "store", per_class=30, device="cpu", filters=None)
    return root


@pytest.fixture
def follow(root, tmp_path):
    """Mix with share="auto" and a store that was made with this recipe."""

    def mix(real, counts=COUNTS, *, options=None, **recipe):
        store = tmp_path / "store"
        shutil.copytree(root / "store", store, dirs_exist_ok=True)
        copy_recipe(save_gain(tmp_path / "gain", counts, **recipe), store)
        return SyntheticDataset(real, store, share="auto", **(options or {}))

    return mix


def draw_real(counts=COUNTS):
    labels = np.repeat(np.arange(len(counts)), list(counts.values()))
    images = np.zeros((len(labels), 8, 12, 3), np.uint8)
    return LabelledImages(images, labels, tuple(counts))


def test_a_verdict_that_helps_is_followed(follow, caplog):
    mixed = follow(draw_real(), share=0.25)
    assert len(mixed) == 21 + 7
    assert caplog.text == ""
    mixed.set_epoch(3)
    assert mixed.is_synthetic.sum() == 7


@pytest.mark.parametrize("word", ["no difference", "hurts", "cannot tell"])
def test_any_other_verdict_means_none_and_says_why(follow, caplog, word):
    mixed = follow(draw_real(), word=word, weight=0.3, labels="half", real_only=0.4)
    assert len(mixed) == 21
    assert len(caplog.records) == 1
    assert f'the verdict is "{word}": On these data: {word}.' in caplog.text
    mixed.set_epoch(3)


def test_what_else_the_recipe_wants_is_said_in_one_line(follow, caplog):
    follow(draw_real(), weight=0.3, labels="soft")
    assert len(caplog.records) == 1
    assert 'pass targets="soft", weights=0.3' in caplog.text
    caplog.clear()
    follow(draw_real(), weight=0.3, options={"weights": 0.3})
    assert caplog.text == ""


def test_another_size_than_the_verdicts_is_said(follow, caplog):
    real = draw_real()
    follow(real, size=(8, 12))
    assert caplog.text == ""
    follow(real, size=(16, 24))
    assert "on images of 16×24 pixels, and yours have 8×12" in caplog.text
    assert "ganaug gain DATA --size 12" in caplog.text
    caplog.clear()
    enlarge = v2.Compose([v2.ToImage(), v2.Resize((16, 24)), v2.RandomCrop((16, 24))])
    before = torch.get_rng_state()
    follow(real, size=(16, 24), options={"transform": enlarge})
    assert caplog.text == ""
    assert torch.equal(torch.get_rng_state(), before)


def test_other_pixels_than_those_measured_on_are_refused(follow, caplog, monkeypatch):
    # the store of these tests was made of no data
    monkeypatch.setattr("ganaug.mixing.auto_share.refuse_other_data", lambda *_: None)
    real = draw_real()
    follow(real, fingerprint=digest_set(real))
    assert caplog.text == ""
    known = digest_set(real)
    real.images[0, 0, 0] += 1
    with pytest.raises(DataError, match="verdict was measured on other real images"):
        follow(real, fingerprint=known)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"sampling": "balanced"}, "equally many images of each class"),
        ({"adjusted": True}, "a logit-adjusted loss"),
    ],
)
def test_what_only_a_training_can_do_is_said(follow, caplog, recipe, said):
    follow(draw_real(), **recipe)
    assert f"measured with {said}: train in the same way" in caplog.text


def test_only_defaults_are_missing(tmp_path):
    gain = save_gain(tmp_path / "gain", COUNTS, weight=0.3, labels="half")
    recipe = read_recipe(gain).recipe
    assert list_missing(recipe, "hard", False) == ['targets="half"', "weights=0.3"]
    assert list_missing(recipe, "soft", False) == ["weights=0.3"]
    assert list_missing(recipe, "half", True) == []
    gain = save_gain(tmp_path / "gain", COUNTS, draw="balanced")
    assert list_missing(read_recipe(gain).recipe, "hard", False) == [
        'classes="balanced"'
    ]
    assert list_missing(read_recipe(gain).recipe, "hard", False, "balanced") == []
    cells = Recipe(sampling="balanced", draw="cells")
    assert list_missing(cells, "hard", False) == ['classes="cells"']


def test_the_recipes_real_only_ending_is_taken(follow):
    mixed = follow(draw_real(), real_only=0.4)
    phases = []
    for epoch in range(5):
        mixed.set_epoch(epoch, of=5)
        phases.append(bool(mixed.is_synthetic.any()))
    assert phases == [True, True, True, False, False]
    with pytest.raises(ConfigError, match=r"set_epoch\(epoch, of=epochs\)"):
        follow(draw_real(), real_only=0.4).set_epoch(0)
    own = follow(draw_real(), real_only=0.4, options={"real_only_after": 1})
    own.set_epoch(4, of=5)
    assert own.is_synthetic.any()


def test_without_a_recipe_it_says_what_to_run(root):
    for source, error in ((root / "store", StoreError), (root / "run", ConfigError)):
        with pytest.raises(error, match="needs a verdict") as caught:
            SyntheticDataset(draw_real(), source, share="auto")
        said = "run: ganaug gain DATA, then: ganaug synth DATA --recipe GAIN"
        assert said in str(caught.value)


def test_a_verdict_for_other_data_is_refused(follow):
    for word in ("helps", "hurts"):
        with pytest.raises(DataError, match="recipe was measured on other real images"):
            follow(draw_real(), word=word, fingerprint="abc")
    with pytest.raises(DataError, match="is for the classes ant, bee, and the real"):
        follow(draw_real(), {"ant": 12, "bee": 6})


def test_held_out_images_count_in_the_verdicts_numbers(follow, caplog, monkeypatch):
    monkeypatch.setattr(
        "ganaug.mixing.dataset.divide_real",
        lambda real, seen, hold_out: (real.take(range(18)), [18, 19, 20]),
    )
    mixed = follow(draw_real(), options={"hold_out": True})
    assert len(mixed) == 18 + 18
    assert caplog.text == ""


def test_another_number_of_images_is_only_said(follow, caplog):
    real = draw_real({"ant": 8, "bee": 6, "cat": 3})
    assert len(follow(real)) == 34
    assert "(17 in all) than the verdict was measured on (21)" in caplog.text
