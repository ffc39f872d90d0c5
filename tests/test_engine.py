import pytest
import torch
from tiny_runs import tensors_of

from ganaug import engine
from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer

TINY = TrainConfig(
    height=16, width=16, channels=1, base_channels=16, max_channels=32, batch=8,
    images=800,
)  # fmt: skip


def make_trainer(device="cpu", **more):
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(
        0, 256, (20, 16, 16, 1), dtype=torch.uint8, generator=generator
    )
    config = resolve_config(TINY.replace(**more))
    return Trainer(config, images, torch.arange(20) % 2, 2, torch.device(device))


def test_unknown_and_absent_devices_are_refused():
    with pytest.raises(ConfigError, match="there is no device 'tpu'"):
        engine.pick_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="this machine has no cuda"):
            engine.pick_device("cuda")


@pytest.mark.parametrize("name", ["cpu:abc", "cpu:", "auto:1", "cuda:-1", ":0", ""])
def test_what_names_no_device_is_refused(name):
    with pytest.raises(ConfigError, match="there is no device"):
        engine.pick_device(name)


def test_numbers_of_devices_are_checked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert engine.pick_device("cuda:1") == torch.device("cuda", 1)
    assert engine.pick_device("cpu:0") == torch.device("cpu:0")
    for name in ("cuda:2", "cuda:300", "cpu:1"):
        with pytest.raises(ConfigError, match=f"this machine has no {name} device"):
            engine.pick_device(name)


def test_bfloat16_trains_near_float32():
    exact, rough = make_trainer(), make_trainer(precision="bfloat16")
    for _ in range(8):
        exact.step()
        rough.step()
    a, b = exact.take_means(), rough.take_means()
    assert a["d_loss"] == pytest.approx(b["d_loss"], rel=0.05)


def test_the_learning_rate_reaches_the_optimiser():
    trainer = make_trainer()
    engine.set_rate(trainer.optimisers["d"], 0.125)
    assert trainer.optimisers["d"].param_groups[0]["lr"] == 0.125


def test_describe_names_what_decides_the_bytes():
    assert set(engine.describe(torch.device("cpu"))) == {
        "torch", "device", "processor", "threads",
    }  # fmt: skip


@pytest.mark.gpu
@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_captured_steps_train_as_plain_ones(network):
    captured = make_trainer("cuda", network=network)
    plain = make_trainer("cuda", network=network)
    plain._run = plain._train_networks
    for _ in range(8):
        captured.step()
        plain.step()
    ours, theirs = tensors_of(captured), tensors_of(plain)
    assert set(ours) == set(theirs)
    for name, tensor in ours.items():
        torch.testing.assert_close(tensor, theirs[name], rtol=1e-2, atol=1e-3)
