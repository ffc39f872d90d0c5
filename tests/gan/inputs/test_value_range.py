import numpy as np
import pytest
import torch

from ganaug.data.limits import pixel_storage
from ganaug.gan.inputs.value_range import full_span, make_span, measure_span

LEVELS = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16, 1)


def test_pixels_come_back_from_the_full_span():
    span = full_span(1)
    assert torch.equal(span.to_pixels(span.to_signal(LEVELS)), LEVELS)


def test_a_stretched_span_keeps_what_lies_inside():
    span = make_span([100.0], [200.0])
    back = span.to_pixels(span.to_signal(LEVELS))
    assert torch.equal(back, LEVELS.clamp(100, 200))


def test_each_channel_has_its_own_span():
    images = np.zeros((4, 8, 8, 3), np.uint8)
    for c, (low, high) in enumerate([(0, 255), (40, 120), (7, 7)]):
        images[..., c] = np.linspace(low, high, 256).reshape(4, 8, 8)
    low, high = measure_span(images, 0.0).to_lists()
    assert (low[:2], high[:2]) == ([0, 40], [255, 120])
    assert high[2] - low[2] == 32, "a constant channel is not blown up"
    assert (high[2] + low[2]) / 2 == 7


def test_a_few_extreme_values_do_not_decide():
    rng = np.random.default_rng(0)
    images = rng.integers(90, 111, (10, 20, 20, 1)).astype(np.uint8)
    images[0, 0, :2, 0] = 0, 255
    low, high = measure_span(images, 0.001).to_lists()
    assert low[0] >= 80
    assert high[0] <= 120


def test_signal_is_cut_and_channels_last():
    x = make_span([100.0], [200.0]).to_signal(LEVELS)
    assert x.min() == -1
    assert x.max() == 1
    assert (
        full_span(3)
        .to_signal(torch.zeros(2, 4, 5, 3))
        .is_contiguous(memory_format=torch.channels_last)
    )


@pytest.mark.parametrize("cut", [None, 0.0, 0.001])
def test_spans_survive_a_file(cut):
    images = np.random.default_rng(1).integers(0, 256, (3, 9, 9, 4)).astype(np.uint8)
    span = measure_span(images, cut)
    again = make_span(*span.to_lists())
    assert torch.equal(again.middle, span.middle)
    assert torch.equal(again.half, span.half)


def test_a_span_of_some_rows_is_that_of_these_images(monkeypatch):
    monkeypatch.setattr(pixel_storage, "CHUNK", 4)
    images = np.random.default_rng(0).integers(0, 256, (30, 5, 5, 3), np.uint8)
    rows = np.arange(3, 30, 3)
    images[rows] //= 2
    found = measure_span(images, 0.01, rows=rows).to_lists()
    assert found == measure_span(images[rows], 0.01).to_lists()
    assert found != measure_span(images, 0.01).to_lists()
