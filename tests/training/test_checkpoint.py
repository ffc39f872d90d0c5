import pytest
import torch
from tiny_runs import tensors_of

from ganaug.config import TrainConfig
from ganaug.errors import CheckpointError
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer
from ganaug.training.checkpoint import load_checkpoint, save_checkpoint
from ganaug.training.state import copy_state
from ganaug.training.weights import load_tensors, save_tensors

TINY = resolve_config(TrainConfig(
    height=8, width=8, channels=1, base_channels=16, max_channels=16, latent=8, batch=8,
    images=800,
))  # fmt: skip


def make_trainer():
    images = torch.arange(20 * 64, dtype=torch.int64).view(20, 8, 8, 1) % 251
    labels = torch.arange(20) % 2
    return Trainer(TINY, images.to(torch.uint8), labels, 2, torch.device("cpu"))


def test_a_state_from_before_the_first_step_is_put_back_in_place():
    trainer, fresh = make_trainer(), make_trainer()
    before = copy_state(trainer.state_dict())
    trainer.step()
    places = {name: t.data_ptr() for name, t in tensors_of(trainer).items()}
    trainer.load_state_dict(before)
    assert trainer.seen == 0
    trainer.step()
    fresh.step()
    ours, theirs = tensors_of(trainer), tensors_of(fresh)
    assert {name: t.data_ptr() for name, t in ours.items()} == places
    assert set(ours) == set(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_checkpoint_of_an_earlier_version_goes_on(tmp_path):
    trainer, again = make_trainer(), make_trainer()
    trainer.step()
    path = save_checkpoint(tmp_path, trainer, {"elapsed": 2.5})
    tensors, values = load_tensors(path)
    assert set(values) == {"kind", "config", "seen", "rate_scale", "elapsed"}
    for name in ("penalties", "critic_steps", "clip"):  # not known to it
        del values["config"][name]
    del tensors["totals"]
    again.totals.tensor += 1
    save_tensors(path, tensors, values)
    restored = load_checkpoint(tmp_path, again)
    assert restored["seen"] == again.seen == 8
    assert restored["elapsed"] == 2.5
    assert not again.totals.tensor.any()
    values["config"]["gamma"] = 3.0
    save_tensors(path, tensors, values)
    with pytest.raises(CheckpointError, match="another configuration"):
        load_checkpoint(tmp_path, again)


def test_a_missing_tensor_is_refused():
    trainer = make_trainer()
    state = trainer.state_dict()
    del state[next(name for name in state if name.startswith("g."))]
    with pytest.raises(CheckpointError, match="does not fit the networks"):
        trainer.load_state_dict(state)
