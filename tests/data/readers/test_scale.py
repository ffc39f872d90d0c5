"""Masks of few grey levels: said, and scaled by one range that is kept."""

import numpy as np
import pytest
from PIL import Image

from ganaug.data.fingerprint import Fingerprint, describe_glance, take_fingerprint
from ganaug.data.load import glance_at_data, load_images
from ganaug.data.origin import describe_origin, read_origin, write_origin
from ganaug.data.recorded.reading import load_like
from ganaug.data.recorded.rules import Rules
from ganaug.data.thumbnails import start_workers
from ganaug.data.unlabelled import load_unlabelled
from ganaug.errors import ConfigError, DataError

DARK = "nearly black: no value is above"


def save_masks(folder, top, *, n=10, mode="L"):
    """Save masks of 0 to `top`; the last one of each class is half as bright."""
    rng = np.random.default_rng(0)
    for name in ("disc", "square"):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            mask = rng.integers(0, 2, (8, 8)) * (top if i + 1 < n else (top + 1) // 2)
            image = Image.fromarray(mask.astype(np.uint8)).convert(mode)
            image.save(folder / name / f"{i}.png")
    return folder


@pytest.mark.parametrize(("top", "said"), [(1, True), (16, True), (200, False)])
def test_nearly_black_sets_are_named_once(tmp_path, top, said):
    images = load_images(save_masks(tmp_path / "masks", top))
    assert sum(DARK in note and "--scale" in note for note in images.notes) == said
    with start_workers() as workers:
        seen = describe_glance(glance_at_data(tmp_path / "masks", workers))
    assert seen.notes == images.notes


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_range_holds_for_the_whole_set(tmp_path, mode):
    images = load_images(save_masks(tmp_path / "m", 16, mode=mode), scale="auto")
    assert images.scale == images.intensity_range == (0, 16)
    assert set(np.unique(images.images)) == {0, 128, 255}
    assert np.unique(images.images[9]).tolist() == [0, 128]
    assert not any(DARK in note for note in images.notes)
    assert any("0 to 16 (the lowest and the highest value)" in n for n in images.notes)


def test_rare_values_count_as_well():
    masks = np.zeros((2, 100, 100), np.uint8)
    masks[0, :2] = 1
    masks[1, 0, 0] = 16
    assert load_images((masks, ["a", "b"]), scale="auto").scale == (0, 16)


@pytest.mark.parametrize("scale", ["0:32", (0, 32)])
def test_a_range_can_be_given(tmp_path, scale):
    images = load_images(save_masks(tmp_path / "m", 16), scale=scale)
    assert images.scale == (0, 32)
    assert images.images.max() == 128


def test_opacity_is_not_scaled(tmp_path):
    images = load_images(save_masks(tmp_path / "m", 1, mode="RGBA"), scale="auto")
    assert np.unique(images.images[..., :3]).tolist() == [0, 255]
    assert np.unique(images.images[..., 3]).tolist() == [255]


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32])
def test_arrays_and_datasets_are_scaled(kind):
    masks = (np.arange(6 * 64).reshape(6, 8, 8) % 5).astype(kind)
    labels = [0, 0, 0, 1, 1, 1]
    images = load_images((masks, labels), scale="auto")
    assert np.unique(images.images).tolist() == [0, 64, 128, 191, 255]
    if kind is np.uint8:
        again = load_images(list(zip(masks, labels, strict=True)), scale="auto")
        np.testing.assert_array_equal(again.images, images.images)


def test_other_sets_are_scaled_from_the_range_of_the_labelled_ones(tmp_path):
    images = load_images(save_masks(tmp_path / "m", 16), scale="auto")
    save_masks(tmp_path / "test", 8)
    assert load_like(tmp_path / "test", images).images.max() == 128
    assert load_like(tmp_path / "test", images).scale == (0, 16)
    pool = load_unlabelled(tmp_path / "test" / "disc", "sun", images)
    assert pool.images.max() == 128
    array = np.full((10, 8, 8), 8, np.uint8)
    assert load_unlabelled(array, "sun", images).images.max() == 128


def test_eight_bits_and_more_have_no_range_of_their_own_together(tmp_path):
    save_masks(tmp_path / "m", 16)
    deep = Image.fromarray(np.full((8, 8), 3000, np.uint16))
    deep.save(tmp_path / "m" / "disc" / "deep.png")
    with pytest.raises(DataError, match=r"mixes images of 8 bits and more.*LOWEST"):
        load_images(tmp_path / "m", scale="auto")
    assert load_images(tmp_path / "m", scale="0:4096").images.max() == 187


@pytest.mark.parametrize(
    "scale", ["", "5", "5:5", "9:1", "0:nan", "a:b", (1,), "0:1:2"]
)
def test_what_is_no_range_is_refused(scale):
    with pytest.raises(ConfigError, match="is not a range of values; give auto, or"):
        load_images("digits", scale=scale)


def test_two_ranges_exclude_each_other():
    with pytest.raises(ConfigError, match="exclude each other"):
        load_images("digits", scale="auto", intensity_range=(0, 9))


def test_images_that_were_read_already_are_not_scaled():
    images = load_images((np.zeros((2, 8, 8), np.uint8), ["a", "b"]))
    with pytest.raises(DataError, match="have been read without scale="):
        load_images(images, scale="auto")


def test_the_range_is_recorded_and_read_again(tmp_path):
    masks = save_masks(tmp_path / "m", 16)
    images = load_images(masks, scale="auto")
    write_origin(tmp_path, describe_origin(masks, Rules(scale="auto")).note(images))
    origin = read_origin(tmp_path)
    assert origin.list_options() == ["--scale", "auto"]
    np.testing.assert_array_equal(origin.load().images, images.images)
    from_memory = describe_origin(images)
    assert (from_memory.source, from_memory.scale) == (None, "0:16")
    found = take_fingerprint(images)
    assert found.scaled
    assert Fingerprint.from_dict(found.to_dict()) == found


def test_a_damaged_record_is_one_line(tmp_path):
    write_origin(tmp_path, describe_origin("digits", Rules(scale="16")))
    with pytest.raises(DataError, match=r"data\.json is damaged: --scale 16 is not"):
        read_origin(tmp_path)
