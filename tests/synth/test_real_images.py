"""The real images behind runs and stores: found, split as before, or refused."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.errors import DataError, StoreError
from ganaug.gan.inputs.training_set import split_images
from ganaug.gan.run_folder import Run
from ganaug.gan.training import train
from ganaug.synth.real_images import find_real
from ganaug.synth.synthesis import synthesize

CONFIG = TrainConfig(
    height=8, width=8, channels=1, base_channels=16, max_channels=16, latent=8,
    batch=16, images=32, snapshots=0,
)  # fmt: skip


def save_pets(folder, seed=0):
    """Draw 12 cats and 20 dogs, 8×8 grey, two images of each subject."""
    rng = np.random.default_rng(seed)
    for name, n in (("cat", 12), ("dog", 20)):
        (folder / name).mkdir(parents=True)
        for k in range(n):
            pixels = rng.integers(0, 256, (8, 8), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"s{k // 2}_{k}.png")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a folder with `pets`, a run of it and a store of the run."""
    root = tmp_path_factory.mktemp("reference")
    data = save_pets(root / "pets")
    run = train(data, root / "run", config=CONFIG, device="cpu")
    synthesize(run, root / "store", per_class=2, device="cpu", filters=None)
    return root


def test_run_and_store_remember_their_images(made):
    images = load_images(made / "pets")
    train_part, held = split_images(images, CONFIG)
    assert len(held) > 0
    for source in (made / "run", str(made / "store"), Run.load(made / "run")):
        real = find_real(source)
        np.testing.assert_array_equal(real.images.images, images.images)
        np.testing.assert_array_equal(real.train, train_part)
        np.testing.assert_array_equal(real.held, held)
        np.testing.assert_array_equal(real.reference, held)
        assert real.note == f"{len(held)} held-out images of the run"


def test_the_split_follows_images_in_another_order(made):
    images = load_images(made / "pets")
    order = np.random.default_rng(0).permutation(len(images))
    first, other = find_real(made / "run"), images.subset(order)
    again = find_real(made / "store", other)
    np.testing.assert_array_equal(np.sort(order[again.held]), first.held)


def test_a_store_without_its_split_makes_it_again(made, tmp_path):
    shutil.copytree(made / "store", tmp_path / "store")
    (tmp_path / "store" / "split.json").unlink()
    again = find_real(tmp_path / "store")
    np.testing.assert_array_equal(again.held, find_real(made / "run").held)


def test_moved_images_are_named_by_the_user(made, tmp_path):
    shutil.copytree(made / "store", tmp_path / "store")
    values = json.loads((tmp_path / "store" / "data.json").read_text())
    values["source"] = str(tmp_path / "gone")
    (tmp_path / "store" / "data.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match=r"gone does not exist; .* --data"):
        find_real(tmp_path / "store")
    shutil.copytree(made / "pets", tmp_path / "moved")
    assert len(find_real(tmp_path / "store", tmp_path / "moved").held) > 0


def test_other_images_are_refused(made, tmp_path):
    other = save_pets(tmp_path / "other", seed=1)
    with pytest.raises(DataError, match=r"made from other images than .*other has"):
        find_real(made / "store", other)


def test_images_from_memory_are_given_again(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 8, 8, 1), np.uint8)
    images = LabelledImages(pixels, np.array([0, 1] * 3), ("a", "b"))
    run = train(images, tmp_path / "run", config=CONFIG, device="cpu")
    with pytest.raises(DataError, match="from memory"):
        find_real(run)
    real = find_real(run, images)
    assert len(real.held) == 0
    assert len(real.reference) == 6
    assert "none were held out" in real.note


def test_copies_of_training_images_count_as_seen(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (20, 8, 8, 1), np.uint8)
    images = LabelledImages(np.tile(pixels, (2, 1, 1, 1)), np.zeros(40, int), ("a",))
    run = train(images, tmp_path / "run", config=CONFIG, device="cpu")
    real = find_real(run, images)
    seen = {images.images[i].tobytes() for i in real.train}
    assert not any(images.images[i].tobytes() in seen for i in real.held)


def test_groups_by_expression_are_remembered(tmp_path):
    from ganaug.data.origin import describe_origin
    from ganaug.data.recorded.rules import Rules

    data, words = save_pets(tmp_path / "pets"), "s[0-9]+"
    images = load_images(data, group_regex=words)
    origin = describe_origin(data, Rules(group_regex=words))
    run = train(images, tmp_path / "run", config=CONFIG, origin=origin, device="cpu")
    real = find_real(run)
    np.testing.assert_array_equal(real.images.groups, images.groups)
    assert not set(images.groups[real.held]) & set(images.groups[real.train])
    shutil.move(data, tmp_path / "moved")
    moved = find_real(run, tmp_path / "moved")
    np.testing.assert_array_equal(moved.images.groups, images.groups)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2}', '{"format": 1}'])
def test_damaged_origins_are_refused(made, tmp_path, text):
    shutil.copytree(made / "store", tmp_path / "store")
    (tmp_path / "store" / "data.json").write_text(text)
    with pytest.raises(DataError, match=r"data\.json"):
        find_real(tmp_path / "store")


def test_folders_without_run_or_store_are_refused(tmp_path):
    with pytest.raises(StoreError, match="neither a run nor a store"):
        find_real(tmp_path)
    with pytest.raises(StoreError, match="does not exist"):
        find_real(tmp_path / "nothing")
