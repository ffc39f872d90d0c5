import pytest
import torch

from ganaug import engine
from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan import memory
from ganaug.gan.memory import PeakMeter, measure_image_bytes, refuse_too_large
from ganaug.gan.settings.resolve import resolve_config

CPU = torch.device("cpu")


def make_config(side, batch=64, **settings):
    return resolve_config(
        TrainConfig(height=side, width=side, channels=3, batch=batch, **settings)
    )


def test_the_meter_counts_what_is_alive_at_once():
    with PeakMeter() as meter:
        for _ in range(3):
            a = torch.zeros(1000)
            b = a.view(10, 100)  # the same memory
            del a, b
    assert meter.peak == 4000


def test_the_meter_sees_what_is_kept_for_the_gradient():
    x = torch.ones(1000, requires_grad=True)
    with PeakMeter() as meter:
        y = x
        for _ in range(5):
            y = y.exp()  # keeps its result
        y.sum().backward()
    assert 5 * 4000 <= meter.peak <= 8 * 4000


@pytest.mark.parametrize("network", ["dcgan", "r3"])
def test_the_need_of_a_large_batch_is_told_from_small_ones(network):
    config = make_config(32, batch=96, network=network, base_channels=16)
    less = config.replace(batch=48)
    real = memory._measure_peak(config, 4) - memory._measure_peak(less, 4)
    assert measure_image_bytes(config, 4) * 48 == pytest.approx(real, rel=0.3)


def test_the_need_grows_with_the_area():
    config = make_config(64, base_channels=16, network="r3")
    larger = make_config(256, base_channels=16, network="r3")
    ratio = measure_image_bytes(larger, 4) / measure_image_bytes(config, 4)
    assert 14 < ratio < 20


def test_too_large_a_grid_is_refused_with_what_would_fit(monkeypatch):
    monkeypatch.setattr(engine, "find_free_bytes", lambda device: 10**9)
    monkeypatch.setattr(memory, "measure_image_bytes", lambda *_: 100e6)
    with pytest.raises(ConfigError) as caught:
        refuse_too_large(make_config(256, base_channels=8), 3, CPU)
    said = str(caught.value)
    assert said.startswith("64 images of 256×256 pixels a step need about 8.4 GB")
    assert "1.0 GB are free; give --grid 64 or --set batch=7" in said


@pytest.mark.parametrize(("side", "free"), [(256, 10**12), (256, None), (64, 1)])
def test_what_fits_or_is_small_or_cannot_be_told_passes(monkeypatch, side, free):
    monkeypatch.setattr(engine, "find_free_bytes", lambda device: free)
    monkeypatch.setattr(memory, "measure_image_bytes", lambda *_: 100e6)
    refuse_too_large(make_config(side, base_channels=8), 3, CPU)


def test_the_training_images_count(monkeypatch):
    monkeypatch.setattr(engine, "find_free_bytes", lambda device: 10**9)
    monkeypatch.setattr(memory, "measure_image_bytes", lambda *_: 0.0)
    config = make_config(128, base_channels=8)
    refuse_too_large(config, 3, CPU, images=10_000)
    with pytest.raises(ConfigError, match=r"1\.5 GB of memory.* give --grid 96$"):
        refuse_too_large(config, 3, CPU, images=30_000)


def test_free_memory_is_that_of_the_container(tmp_path, monkeypatch):
    (tmp_path / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable: 800 kB\n")
    monkeypatch.setattr(engine, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(engine, "CGROUP", tmp_path)
    assert engine.find_free_bytes(CPU) == 800 * 1024
    (tmp_path / "memory.max").write_text("300000\n")
    (tmp_path / "memory.current").write_text("200000\n")
    (tmp_path / "memory.stat").write_text("anon 9\ninactive_file 50000\n")
    assert engine.find_free_bytes(CPU) == 150_000
    (tmp_path / "memory.max").write_text("max\n")
    assert engine.find_free_bytes(CPU) == 800 * 1024
    monkeypatch.setattr(engine, "MEMORY", tmp_path / "missing")
    assert engine.find_free_bytes(CPU) is None
