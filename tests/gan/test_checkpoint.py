import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.errors import CheckpointError
from ganaug.gan.checkpoint import (
    collect_state,
    load_checkpoint,
    restore_state,
    save_checkpoint,
)
from ganaug.gan.trainer import Trainer
from ganaug.training.weights import load_tensors, save_tensors

TINY = TrainConfig(
    height=8, width=8, channels=1, base_channels=16, max_channels=16, latent=8, batch=8,
    images=800,
)  # fmt: skip


def make_trainer():
    images = torch.arange(20 * 64, dtype=torch.int64).view(20, 8, 8, 1) % 251
    labels = torch.arange(20) % 2
    return Trainer(TINY, images.to(torch.uint8), labels, 2, torch.device("cpu"))


def copy_state(trainer):
    return {name: tensor.clone() for name, tensor in collect_state(trainer).items()}


def test_a_state_from_before_the_first_step_is_put_back_in_place():
    trainer, fresh = make_trainer(), make_trainer()
    before = copy_state(trainer)
    trainer.step()
    places = {name: t.data_ptr() for name, t in collect_state(trainer).items()}
    restore_state(trainer, before)
    trainer.seen = 0
    trainer.step()
    fresh.step()
    ours, theirs = collect_state(trainer), collect_state(fresh)
    assert {name: t.data_ptr() for name, t in ours.items()} == places
    assert set(ours) == set(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_checkpoint_of_an_earlier_version_goes_on(tmp_path):
    trainer, again = make_trainer(), make_trainer()
    trainer.step()
    path = save_checkpoint(tmp_path, trainer, {})
    tensors, values = load_tensors(path)
    for name in ("penalties", "critic_steps", "clip"):  # not known to it
        del values["config"][name]
    save_tensors(path, tensors, values)
    assert load_checkpoint(tmp_path, again)["seen"] == again.seen == 8
    values["config"]["gamma"] = 3.0
    save_tensors(path, tensors, values)
    with pytest.raises(CheckpointError, match="another configuration"):
        load_checkpoint(tmp_path, again)
