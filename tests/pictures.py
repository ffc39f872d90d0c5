"""Small images that a classifier learns in seconds, for the tests of filters."""

import numpy as np
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.synth.real_images import RealImages

CLASSES = ("disc", "square", "stripes")


def draw_shapes(n, label, *, seed=0, size=16):
    """Draw a bright shape of random place, size and light: (n, size, size, 1) uint8."""
    rng = np.random.default_rng([seed, label])
    rows, columns = np.mgrid[:size, :size]
    images = np.empty((n, size, size, 1), np.uint8)
    for i in range(n):
        y, x = rng.uniform(0.35, 0.65, 2) * size
        reach = rng.uniform(0.2, 0.35) * size
        apart = np.abs(rows - y), np.abs(columns - x)
        inside = (
            apart[0] ** 2 + apart[1] ** 2 < reach**2,
            np.maximum(*apart) < reach,
            (rows // max(1, int(reach / 2)) + int(y)) % 2 == 0,
        )[label]
        light, dark = rng.uniform(160, 255), rng.uniform(0, 60)
        noise = rng.normal(0, 6, (size, size))
        images[i, :, :, 0] = np.clip(np.where(inside, light, dark) + noise, 0, 255)
    return images


def draw_set(n, *, seed=0, classes=CLASSES, size=16):
    """Draw LabelledImages with n images of each class."""
    drawn = [draw_shapes(n, k, seed=seed, size=size) for k in range(len(classes))]
    labels = np.repeat(np.arange(len(classes)), n)
    return LabelledImages(np.concatenate(drawn), labels, tuple(classes))


def save_set(folder, images):
    """Save class folders of PNG files."""
    for i, (image, label) in enumerate(zip(images.images, images.labels, strict=True)):
        path = folder / images.classes[label] / f"{i:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[:, :, 0]).save(path)
    return folder


def as_real(images, held=0.2):
    """Make RealImages, with the last share of each class held out."""
    within = np.arange(len(images)) % images.counts[0]
    seen = within < (1 - held) * images.counts[0]
    train, rest = np.flatnonzero(seen), np.flatnonzero(~seen)
    return RealImages(images, train, rest, f"{len(rest)} held-out images of the run")
