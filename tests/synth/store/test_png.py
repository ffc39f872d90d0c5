"""PNG files of stores: what they begin with, and that they can be decoded quickly."""

import io

import numpy as np
import pytest
from stores import save_untrained

from ganaug import synthesize
from ganaug.synth import verification
from ganaug.synth.store.png import (
    decode_quickly,
    encode_png,
    load_png,
    make_mark,
    to_pixels,
    write_head,
)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_written_file_has_its_head_and_is_decoded_quickly(channels):
    image = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    mark = make_mark("ab", 3, "größer", index=12)
    data = encode_png(image, mark)
    assert data.startswith(write_head((5, 7), channels, mark))
    assert not data.startswith(write_head((7, 5), channels, mark))
    np.testing.assert_array_equal(decode_quickly(data), image)
    np.testing.assert_array_equal(to_pixels(load_png(io.BytesIO(data))), image)


def test_what_is_no_picture_is_not_decoded():
    assert decode_quickly(b"\x89PNG\r\n\x1a\n") is None


def test_images_as_they_were_written_are_verified_without_pillow(tmp_path, monkeypatch):
    save_untrained(tmp_path / "run")
    synthesize(tmp_path / "run", tmp_path / "store", per_class=2, filters=None)
    monkeypatch.delattr(verification, "load_png")
    assert verification.verify(tmp_path / "store", sample=0) == []
