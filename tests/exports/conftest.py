"""A folder of real images, and a store that an untrained generator drew."""

import numpy as np
import pytest
from PIL import Image
from stores import CLASSES, save_untrained

from ganaug.data.fingerprint import digest_images
from ganaug.data.load import load_images
from ganaug.synth.synthesis import synthesize

PER_CLASS, REAL_PER_CLASS = 5, 4


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Write pets/ant/0.png and so on; return the folder."""
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("real") / "pets"
    for name in CLASSES:
        (root / name).mkdir(parents=True)
        for k in range(REAL_PER_CLASS):
            pixels = rng.integers(0, 256, (8, 12, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{k}.png")
    return root


@pytest.fixture(scope="module")
def store(real, tmp_path_factory):
    """Return a store of 15 images."""
    images = load_images(real)
    digest = digest_images(images, list(images.hash_images()))
    root = tmp_path_factory.mktemp("store")
    run = save_untrained(root / "run", digest=digest)
    return synthesize(
        run, root / "pets-plus", per_class=PER_CLASS, filters=None, device="cpu"
    )
