"""A glance at files finds what loading them finds."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ganaug.data.fingerprint import describe_glance, take_fingerprint
from ganaug.data.load import glance_at_data, load_images
from ganaug.data.readers.assemble import Glance
from ganaug.data.recorded.rules import Rules
from ganaug.data.thumbnails import start_workers
from ganaug.errors import DataError


@pytest.fixture(scope="module")
def odd_folder(tmp_path_factory):
    """Make a folder with copies, damage, grey, deep and transparent images."""
    root = tmp_path_factory.mktemp("odd") / "odd"
    rng = np.random.default_rng(0)
    for i in range(48):
        folder = root / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (20, 24, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:02}.png")
    first = root / "a" / "00.png"
    (root / "a" / "50.png").write_bytes(first.read_bytes())
    (root / "b" / "51.png").write_bytes(first.read_bytes())
    (root / "b" / "52.png").write_bytes(first.read_bytes()[:600])
    (root / "b" / "53.png").write_text("no image")
    Image.fromarray(rng.integers(0, 256, (20, 24), np.uint8)).save(root / "a/54.png")
    Image.fromarray(rng.integers(0, 4000, (20, 24), np.uint16)).save(root / "a/55.png")
    Image.new("RGBA", (24, 20), (9, 9, 200, 40)).save(root / "b" / "56.png")
    return root


@pytest.mark.parametrize(
    "start", [start_workers, lambda: nullcontext(ThreadPoolExecutor(2))]
)
def test_a_glance_finds_what_loading_finds(odd_folder, start):
    told = []
    with start() as workers:
        seen = glance_at_data(
            odd_folder, workers, rules=Rules("[0-9]"), tell=lambda *n: told.append(n)
        )
    assert isinstance(seen, Glance)
    found = describe_glance(seen)
    loaded = take_fingerprint(load_images(odd_folder, group_regex="[0-9]"))
    assert found == replace(loaded, digest="")
    assert (found.exact.within, found.exact.across) == (1, 3)
    assert len(found.skipped) == 2
    assert told[-1] == (54, 54)


def test_a_glance_at_large_images_keeps_no_pixels_but_tells_their_size(tmp_path):
    for i, size in enumerate([(300, 400), (600, 800), (600, 800)]):
        (tmp_path / "big" / "a").mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(i).integers(0, 256, (4, 3, 3), np.uint8)
        picture = Image.fromarray(noise).resize(size)
        picture.save(tmp_path / "big" / "a" / f"{i}.jpg")
    with start_workers() as workers:
        found = describe_glance(glance_at_data(tmp_path / "big", workers))
        assert found == replace(
            take_fingerprint(load_images(tmp_path / "big")), digest=""
        )
        assert found.size == (256, 192)
        with pytest.raises(DataError, match="does not exist"):
            glance_at_data(tmp_path / "small", workers)


def test_arrays_in_a_file_are_loaded(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8), np.uint8)
    np.savez(tmp_path / "six.npz", images=images, labels=[0, 0, 0, 1, 1, 1])
    with start_workers() as workers:
        assert len(glance_at_data(tmp_path / "six.npz", workers)) == 6
