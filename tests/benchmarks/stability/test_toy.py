"""The toy suite: modes are counted, and seeds don't meet."""

import pytest
import torch

from benchmarks.stability.toy import COMMON, ROWS
from benchmarks.stability.toy_problems import (
    LEAST,
    MIXTURES,
    Mixture,
    count_modes,
    draw_noise,
)
from benchmarks.stability.toy_trainer import Size, ToyTrainer
from ganaug.config import TrainConfig
from ganaug.gan.settings.resolve import resolve_config


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def toy_trainer(seeds, **changes):
    values = {"batch": 8, "images": 3 * 8} | changes
    config = TrainConfig(**COMMON | values)
    return ToyTrainer(config, MIXTURES["grid"].sample, 2, seeds, Size(8, 2))


def test_modes_need_their_share_of_good_points():
    mixture = Mixture(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 0.1, 0)
    few = round(300 / 3 * LEAST) - 1  # one less than finds a mode
    points = torch.zeros(300, 2)
    points[:few, 0] = 1.0  # not enough
    points[few : 2 * few + 2, 1] = 1.29  # within three deviations
    points[-9:] = 0.5  # near no mode
    count = count_modes(points, mixture)
    assert count.modes == 2
    assert count.quality == pytest.approx(291 / 300)


def test_real_points_are_all_modes_and_noise_is_not():
    for mixture in MIXTURES.values():
        (random,) = generators(0)
        real = count_modes(mixture.sample(2_500, random), mixture)
        noise = count_modes(draw_noise(mixture, 2_500, random), mixture)
        assert real.modes == len(mixture.centres)
        assert real.quality == pytest.approx(0.989, abs=0.01)
        assert noise.modes <= 0.2 * len(mixture.centres)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "relativistic", "gamma": 0.05},
        {"loss": "wgan-gp", "norm": "batch"},
        {"loss": "wgan-gp", "pack": 2},
        {"loss": "bce", "pack": 2, "norm_d": "spectral"},
        {"loss": "bce-ns", "batch_std": 4, "diversity": "mode-seeking,entropy"},
    ],
)
def test_seeds_together_equal_seeds_apart(changes):
    together = toy_trainer([3, 4], **changes)
    together.train()
    found = together.sample_average(6)
    for k, seed in enumerate((3, 4)):
        alone = toy_trainer([seed], **changes)
        alone.train()
        torch.testing.assert_close(
            alone.sample_average(6)[0], found[k], rtol=1e-3, atol=1e-4
        )


def test_rows_are_legal():
    for values in ROWS.values():
        resolve_config(TrainConfig(**COMMON | values))
