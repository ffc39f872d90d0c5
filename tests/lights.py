"""Shapes in two kinds of light for tests, of which some classes lack the second."""

import numpy as np
from torch import nn

from ganaug import engine
from ganaug.data.images import LabelledImages

DOMAINS = ("plain", "inverted")


def draw_data(each=8, seed=0):
    """Draw four shapes in two kinds of light, of which two lack the second."""
    rng = np.random.default_rng(seed)
    shapes = np.random.default_rng(9).uniform(0, 200, (4, 8, 8, 1))
    cells = [(k, d) for k in range(4) for d in range(2) if k < 2 or d == 0]
    labels, domains = np.repeat(cells, each, axis=0).T
    images = shapes[labels] + rng.normal(0, 5, (len(labels), 8, 8, 1))
    images[domains == 1] = 220 - images[domains == 1]
    return LabelledImages(
        images.clip(0, 255).astype(np.uint8), labels, tuple("abcd"),
        domains=domains, domain_names=DOMAINS,
    )  # fmt: skip


def make_softmax(size, channels, n_classes):
    pixels = channels * size[0] * size[1]
    return nn.Sequential(nn.Flatten(), nn.Linear(pixels, n_classes))


def build_softmax(size, channels, n_classes, seed):
    with engine.seeded(seed):
        return make_softmax(size, channels, n_classes)
