import pytest
import torch
from torch import nn

from ganaug.training.ema import decay_of, start_average, update_average


def test_weights_and_statistics_move_by_the_same_rule():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = start_average(model)
    before = {k: v.clone() for k, v in average.state_dict().items()}
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            tensor += 1
    update_average(average, model, 0.75)
    for name, now in average.state_dict().items():
        step = 1 if name.endswith("num_batches_tracked") else 0.25
        torch.testing.assert_close(now, before[name] + step)
    assert not any(p.requires_grad for p in average.parameters())


def test_half_life():
    assert decay_of(640, 100_000, 64) ** 10 == pytest.approx(0.5)
    assert decay_of(640, 64, 64) < 1e-3  # the first weights are forgotten
    assert decay_of(0, 640, 64) == 0
