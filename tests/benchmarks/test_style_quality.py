"""The benchmark of style transfer: its figures, and the textbook's loop."""

import numpy as np
import torch

from benchmarks.style_quality import compare_structure, measure_distance
from benchmarks.style_speed import Textbook, count_operations
from ganaug.translate.style.features import StyleFeatures


def draw(seed):
    return np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def test_structure_is_that_of_lightness():
    image = draw(0)
    assert compare_structure(image, image) == 1
    assert compare_structure(image, image // 2 + 64) > 0.7
    assert abs(compare_structure(image, draw(1))) < 0.3


def test_an_image_is_at_no_distance_from_its_own_style():
    far, none = measure_distance(np.stack([draw(0)] * 2), np.stack([draw(1), draw(0)]))
    assert far > none == 0


def test_the_textbooks_loop_arrives_at_what_it_can_reach():
    content, style = torch.zeros(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    loop = Textbook(content, style, StyleFeatures(width=8))
    start = loop.weigh(content).item()
    assert loop.reach(0.9 * start, 10)[1]
    assert not loop.reach(-1.0, 2)[1]


def test_operations_of_a_layer_are_counted():
    layer = torch.nn.Linear(3, 2, bias=False)
    assert count_operations(lambda: layer(torch.zeros(5, 3))) == 2 * 5 * 3 * 2
