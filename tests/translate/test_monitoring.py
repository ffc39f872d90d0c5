"""What is measured of a translator, and which alarms that rings."""

import numpy as np
import pytest
import torch

from ganaug.data.images import LabelledImages
from ganaug.translate.inputs.translation_set import build_translation_set
from ganaug.translate.monitoring.alarms import ring
from ganaug.translate.monitoring.watch import TranslationWatch
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import TranslationTrainer

CONFIG = TranslateConfig(
    height=8, width=8, channels=1, features=8, features_d=8, blocks=1, batch=8,
    images=8_000, framing=0.0,
)  # fmt: skip


class Painter(torch.nn.Module):
    """A generator that does what a test says."""

    def __init__(self, paint):
        super().__init__()
        self.paint = paint

    def forward(self, x, domain, z):
        return self.paint(x, domain, z)


def make_watch(paint):
    """Two shapes in the dark and in the light, and a generator."""
    random = np.random.default_rng(0)
    labels, domains = np.arange(64) % 2, np.arange(64) // 2 % 2
    images = random.integers(0, 30, (64, 8, 8, 1)).astype(np.uint8)
    images[labels == 0, :4] += 80
    images[labels == 1, 4:] += 80
    images[domains == 1] += 100
    data = LabelledImages(
        images, labels, ("up", "down"), domains=domains, domain_names=("dark", "light")
    )
    found = build_translation_set(data, CONFIG)
    trainer = TranslationTrainer(
        CONFIG, torch.from_numpy(found.images), labels, domains,
        counts=(2, 2), device=torch.device("cpu"),
    )  # fmt: skip
    trainer.average = Painter(paint)
    return TranslationWatch(trainer, found)


def relight(x, domain, z):
    bright = x.mean(dim=(1, 2, 3), keepdim=True) > -0.2
    wanted = domain[:, None, None, None] == 1
    step = 100 / 127.5
    moved = x + step * (wanted & ~bright) - step * (~wanted & bright)
    return moved + 0.05 * z[:, :1, None, None]


def turn_in_the_light(x, domain):
    return torch.where(domain[:, None, None, None] == 1, x.flip(2), x)


def test_a_translator_that_changes_the_light_alone_rings_nothing():
    figures = make_watch(relight).measure()
    assert figures["class_kept"] > 0.9
    assert figures["domain_reached"] > 0.9
    assert ring(figures, 640, share=1.0) == []


@pytest.mark.parametrize(
    ("paint", "alarm"),
    [
        (lambda x, d, z: x, "domain not reached"),
        (lambda x, d, z: relight(x, d, 0 * z), "z ignored"),
        (lambda x, d, z: turn_in_the_light(relight(x, d, z), d), "class changed"),
    ],
)
def test_each_fault_rings_its_alarm(paint, alarm):
    fired = ring(make_watch(paint).measure(), 640, share=1.0)
    assert alarm in {one.name for one in fired}


def test_a_grid_has_a_row_for_each_source_and_a_column_for_each_domain():
    tiles, columns = make_watch(relight).show()
    assert columns == 3
    assert len(tiles) == 8 * 3
