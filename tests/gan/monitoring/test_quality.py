import numpy as np

from ganaug.config import TrainConfig
from ganaug.gan.monitoring import quality
from ganaug.gan.monitoring.quality import QualityWatch
from ganaug.gan.settings.resolve import resolve_config


def test_of_many_real_images_some_of_each_class_are_compared(monkeypatch):
    monkeypatch.setattr(quality, "MOST_REAL", 4)
    config = resolve_config(TrainConfig(height=8, width=8, channels=1))
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1), np.uint8)
    labels = np.repeat([0, 1], [9, 3])
    watch = QualityWatch(config, images, labels, classes=2)
    assert watch.labels.tolist() == [0] * 4 + [1] * 3
    assert len(watch.features) == 7
