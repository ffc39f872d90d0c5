"""What styled images take their look from: read, and checked for test images."""

import numpy as np
import pytest
from pictures import draw_set
from PIL import Image

from ganaug.errors import ConfigError, DataError
from ganaug.gain.request import GainOptions, identify_request, make_request
from ganaug.gain.styled.inputs import digest_styles, read_styles

DATA, TEST = draw_set(8), draw_set(4, seed=7)


def save(folder, *images):
    folder.mkdir()
    for k, image in enumerate(images):
        Image.fromarray(image[..., 0]).save(folder / f"{k}.png")
    return folder


def test_a_mode_needs_no_file_and_a_folder_is_read(tmp_path):
    assert read_styles(None, DATA, TEST, allow_leak=False) == (None, ())
    styles, notes = read_styles("within-class", DATA, TEST, allow_leak=False)
    assert (styles.mode, styles.given, notes) == ("within-class", None, ())
    paint = np.random.default_rng(0).integers(0, 256, (40, 30, 1), np.uint8)
    folder = save(tmp_path / "paint", paint)
    styles, notes = read_styles(folder, DATA, TEST, allow_leak=False)
    assert styles.given.images[0].shape == (40, 30, 1)
    assert notes == ()
    assert digest_styles(styles) != str(folder)


@pytest.mark.parametrize("test", [TEST, None])
def test_test_images_among_the_styles_are_a_leak(tmp_path, test):
    shown = DATA if test is None else test
    paint = np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8)
    folder = save(tmp_path / "mixed", paint, shown.images[3])
    with pytest.raises(DataError, match=r"1 of \d+ test images are among the styles"):
        read_styles(folder, DATA, test, allow_leak=False)
    _, notes = read_styles(folder, DATA, test, allow_leak=True)
    assert "allowed, but scores will be too good" in notes[0]


def test_a_folder_without_images_and_a_translator_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="contains no images"):
        read_styles(tmp_path / "empty", DATA, TEST, allow_leak=False)
    pool = {"dusk": draw_set(8, seed=3).images}
    options = GainOptions(style="any", splits=2)
    with pytest.raises(ConfigError, match="--style takes the place"):
        make_request(DATA, TEST, options, pool)


def test_another_style_is_another_measurement(tmp_path):
    made = {
        style: identify_request(make_request(DATA, None, GainOptions(style=style)))
        for style in (None, "any", "within-class")
    }
    assert "style" not in made[None]
    assert made["any"] != made["within-class"]
