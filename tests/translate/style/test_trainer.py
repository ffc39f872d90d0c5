"""The style generator's training: its step, and that stopping changes nothing."""

import numpy as np
import pytest
import torch

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, RunError
from ganaug.training.interrupt import StoppedError
from ganaug.training.state import copy_state
from ganaug.translate.style.features import StyleFeatures
from ganaug.translate.style.run_folder import StyleRun
from ganaug.translate.style.settings import StyleConfig
from ganaug.translate.style.styles import load_styles
from ganaug.translate.style.training import Material, train_generator

TINY = {
    "images": 24, "batch": 4, "features": 8, "features_d": 8, "blocks": 1,
    "penalty_every": 2, "checkpoint_minutes": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def material():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3), dtype=np.uint8)
    data = LabelledImages(pixels[:5], np.arange(5) % 2, ("a", "b"))
    return Material(
        contents=data,
        styles=load_styles(pixels[5:], 3),
        look=StyleFeatures(width=8),
        device=torch.device("cpu"),
    )


def make_trainer(material, **changes):
    config = StyleConfig(height=8, width=8, **{**TINY, **changes})
    return material.build_trainer(config)


def test_a_step_trains_both_networks_and_tells_its_losses(material):
    trainer = make_trainer(material)
    before = copy_state(trainer.state_dict())
    trainer.step()
    after = trainer.state_dict()
    for part in ("g.out.weight", "d.logit.weight", "ema.out.weight"):
        assert not torch.equal(before[part], after[part])
    means = trainer.take_means()
    assert {"d_loss", "g_loss", "penalty", "content", "style"} <= means.keys()
    assert trainer.is_sound()


def test_a_restored_training_equals_an_uninterrupted_one(material):
    straight = make_trainer(material)
    for _ in range(2):
        straight.step()
    state = copy_state(straight.state_dict())
    straight.step()
    again = make_trainer(material)
    again.load_state_dict(state)
    again.step()
    for name, value in straight.state_dict().items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(value, again.state_dict()[name]), name


def test_without_an_adversarial_loss_the_discriminator_rests(material):
    trainer = make_trainer(material, adversarial=0.0)
    before = trainer.state_dict()["d.logit.weight"].clone()
    trainer.step()
    assert torch.equal(before, trainer.state_dict()["d.logit.weight"])


def test_a_stopped_run_ends_with_the_same_bytes(tmp_path, material):
    train_generator(material, tmp_path / "straight", TINY)

    def stop(status):
        if status.seen >= 8:
            raise KeyboardInterrupt

    with pytest.raises((StoppedError, KeyboardInterrupt)):
        train_generator(material, tmp_path / "stopped", TINY, progress=stop)
    assert not StyleRun.load(tmp_path / "stopped").finished
    run = train_generator(material, tmp_path / "stopped", {})
    assert run.finished
    bytes_of = [
        (tmp_path / name / "generator.safetensors").read_bytes()
        for name in ("straight", "stopped")
    ]
    assert bytes_of[0] == bytes_of[1]


def test_a_run_of_other_images_or_settings_is_refused(tmp_path, material):
    out = tmp_path / "run"
    train_generator(material, out, TINY)
    with pytest.raises(RunError, match="started with another batch"):
        train_generator(material, out, {"batch": 8})
    other = Material(
        contents=material.contents, styles=material.styles.take([0]),
        look=material.look, device=material.device,
    )  # fmt: skip
    with pytest.raises(RunError, match="started with other styles"):
        train_generator(other, out, {})
    with pytest.raises(RunError, match="is not empty"):
        train_generator(material, tmp_path, {})


def test_bad_settings_are_refused(tmp_path, material):
    with pytest.raises(ConfigError, match="there is no field 'lrate'"):
        train_generator(material, tmp_path / "run", {"lrate": 1})
    with pytest.raises(ConfigError, match=r"penalties=gp is not allowed"):
        StyleConfig(penalties="gp")
    with pytest.raises(ConfigError, match=r"look=vgg is not allowed"):
        StyleConfig(look="vgg")
