"""StyleTransfer: each image by itself, in the look of its style, by both engines."""

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.translate.style.transfer import StyleTransfer

TINY = {
    "images": 32, "batch": 4, "features": 8, "features_d": 8, "blocks": 1,
    "penalty_every": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 9, 4), dtype=np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory, images):
    """Train the smallest generator on RGB images."""
    data = LabelledImages(images[..., :3], np.arange(6) % 2, ("a", "b"))
    folder = tmp_path_factory.mktemp("style") / "run"
    StyleTransfer(data.images[3:], engine="generate").fit(data, folder, set=TINY)
    return folder, data


@pytest.fixture(scope="module", params=["optimise", "generate"])
def transfer(request, run):
    folder, data = run
    if request.param == "generate":
        return StyleTransfer.load(folder)
    return StyleTransfer(data.images[3:])


def test_results_do_not_depend_on_the_batch(transfer, images):
    several = transfer.apply(images[:3], [1, 0, 2], alpha=[1, 0.5, 1])
    assert several.shape == images[:3].shape
    assert np.array_equal(several[1:2], transfer.apply(images[1:2], [0], alpha=0.5))
    assert np.array_equal(several[..., 3], images[:3, ..., 3])
    assert not np.array_equal(several[..., :3], images[:3, ..., :3])


def test_without_alpha_the_content_is_returned(transfer, images):
    mixed = transfer.apply(images[:2], [1, 0], alpha=[0, 1])
    assert np.array_equal(mixed[0], images[0])
    assert not np.array_equal(mixed[1], images[1])
    near = transfer.apply(images[:1], [1], alpha=1e-4).astype(int)
    assert np.abs(near - images[:1]).max() <= 2
    assert transfer.apply(images[:0], []).shape == images[:0].shape


@pytest.mark.parametrize("size", [(1, 12), (33, 20)])
def test_contents_of_any_size_are_drawn(transfer, size):
    content = np.full((1, *size, 3), 99, np.uint8)
    assert transfer.apply(content, [0]).shape == content.shape


def test_colours_can_be_preserved(images):
    transfer = StyleTransfer(images[2:], preserve_colour=True)
    own = images[:1, ..., :3].astype(int) // 4 + 96
    made = transfer.apply(own.astype(np.uint8), [1]).astype(int)
    change = made - own
    inside = ((made > 0) & (made < 255)).all(axis=3)
    assert np.ptp(change, axis=3)[inside].max() <= 1
    assert np.abs(change).max() > 8


def test_a_run_is_read_again_and_takes_other_styles(run, images):
    folder, data = run
    again = StyleTransfer(data.images[3:], engine="generate").fit(data, folder)
    loaded = StyleTransfer.load(folder)
    assert loaded.styles.names == again.styles.names
    made = again.apply(data.images[:2], [2, 0])
    assert np.array_equal(made, loaded.apply(data.images[:2], [2, 0]))
    other = StyleTransfer.load(folder, styles=data.images[2:3])
    assert not np.array_equal(made[:1], other.apply(data.images[:1], [0]))


def test_features_of_the_contents_own_classifiers(run):
    _, data = run
    transfer = StyleTransfer(data.images[3:], features="classifier")
    with pytest.raises(ConfigError, match="call fit"):
        transfer.apply(data.images[:1], [0])


def test_bad_arguments_are_refused(images, run):
    _, data = run
    with pytest.raises(ConfigError, match=r"engine=optimize is not allowed"):
        StyleTransfer(images, engine="optimize")
    with pytest.raises(ConfigError, match=r"alpha=1\.5 must lie in \[0, 1\]"):
        StyleTransfer(images, alpha=1.5)
    with pytest.raises(ConfigError, match="strength=0 must be above 0"):
        StyleTransfer(images, strength=0)
    with pytest.raises(ConfigError, match="needs a folder"):
        StyleTransfer(images, engine="generate").fit(data)


def test_bad_images_are_refused(transfer, images):
    with pytest.raises(ConfigError, match=r"alpha=.* must lie in"):
        transfer.apply(images[:2], [0, 1], alpha=[0, float("nan")])
    with pytest.raises(ConfigError, match="styles run from 0 to 3"):
        transfer.apply(images[:2], [0, 3])
    with pytest.raises(ConfigError, match="give the index of one for each"):
        transfer.apply(images[:2], [0])
    with pytest.raises(DataError, match="2 channels"):
        transfer.apply(images[..., :2], [0] * 6)


def test_a_generator_refuses_other_channels(run, images):
    with pytest.raises(DataError, match="had 3; give images like them"):
        StyleTransfer.load(run[0]).apply(images[..., :1], [0] * 6)
