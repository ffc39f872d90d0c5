"""The recipe: what it says to type is what was typed."""

import numpy as np
import pytest

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.origin import Origin, write_origin
from ganaug.gan.run_folder import Run
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.recipe import describe_recipe


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (Origin("/photos"), "ganaug train /photos --out"),
        (
            Origin("/photos", "p([0-9])"),
            "ganaug train /photos --group-regex 'p([0-9])' --out",
        ),
        (Origin(), "ganaug train DATA --out"),
    ],
)
def test_going_on_repeats_how_the_images_were_read(tmp_path, origin, words):
    pixels = np.zeros((2, 8, 8, 1), np.uint8)
    data = LabelledImages(pixels, np.array([0, 1]), ("a", "b"))
    run = Run(tmp_path, TrainConfig(), take_fingerprint(data))
    write_origin(tmp_path, origin)
    steps = describe_recipe(RunMaterial(tmp_path, run, None, None, None))["steps"]
    assert steps == [("Resume the training", f"{words} {tmp_path}")]
