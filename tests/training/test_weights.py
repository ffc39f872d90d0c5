"""Weight files from strangers: nothing is built or allocated that they do not hold."""

import os
import resource
import stat

import pytest
import torch
from stores import save_untrained
from torch import nn
from torch.overrides import TorchFunctionMode

from ganaug import Synthesizer
from ganaug.errors import CheckpointError
from ganaug.training.checkpoint import load_checkpoint, save_checkpoint
from ganaug.training.state import restore_tensors
from ganaug.training.weights import DRAWS, fit_network, load_tensors, save_tensors


@pytest.fixture
def generator(tmp_path):
    return save_untrained(tmp_path / "run") / "generator.safetensors"


def reseal(path, change):
    """Change the plain values of a weight file, and write it with a right digest."""
    tensors, values = load_tensors(path)
    change(values)
    save_tensors(path, tensors, values)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            lambda v: v["config"].update(base_channels=4096, max_channels=4096),
            "does not fit its networks",
        ),
        (lambda v: v["config"].update(height=1024, width=1024), "does not fit"),
        (lambda v: v.update(members=[["ant"] * 10_000]), "each class once"),
        (lambda v: v.update(members=[["ant"], ["bee"], ["cat"]]), "does not fit"),
        (lambda v: v.update(data_size=[10**6, 10**6]), "are not possible"),
        (lambda v: v.update(data_size="big"), "data_size is 'big', not a list"),
        (lambda v: v.update(classes={}), "classes is a table, not a list"),
        (lambda v: v.update(span=[[0, 0, 0], [0, 0, 0]]), "span of grey levels"),
        (lambda v: v.update(span=[[0], [9]]), "span of grey levels"),
        (lambda v: v.update(sources=["x"]), "no 'sources"),
        (lambda v: v.update(captions={"texts": []}), "it lacks words"),
        (lambda v: v.update(other=1), "unknown entry 'other'"),
        (lambda v: v.pop("config"), "it lacks config"),
    ],
)
def test_values_that_do_not_fit_are_one_line(generator, change, what):
    reseal(generator, change)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CheckpointError, match=what) as caught:
        Synthesizer.load(generator, "cpu")
    assert str(generator) in str(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "7", '{"format": "1"}', "{}"])
def test_a_header_that_is_no_object_is_one_line(tmp_path, text):
    from safetensors.torch import save_file

    from ganaug.training.weights import _digest

    path = tmp_path / "w.safetensors"
    tensors = {"a": torch.ones(2)}
    save_file(tensors, path, {"ganaug": _digest(tensors, text) + text})
    with pytest.raises(CheckpointError, match=r"w\.safetensors is damaged"):
        load_tensors(path)


def test_a_network_is_built_on_no_device_before_its_weights_are_known_to_fit(tmp_path):
    built = []

    def build():
        built.append(nn.Linear(3, 2))
        return built[-1]

    with pytest.raises(CheckpointError, match="does not fit"):
        fit_network(build, {"weight": torch.ones(2, 3)}, tmp_path)
    assert [network.weight.device.type for network in built] == ["meta"]
    fitting = {"weight": torch.ones(2, 3), "bias": torch.ones(2)}
    assert fit_network(build, fitting, tmp_path).weight.tolist() == [[1] * 3] * 2


class CountDraws(TorchFunctionMode):
    """Counts draws of initial weights."""

    drawn = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.drawn += function in DRAWS
        return function(*args, **(kwargs or {}))


def test_no_initial_weights_are_drawn_where_saved_ones_are_loaded(tmp_path):
    saved = nn.Conv2d(3, 2, 3)
    with CountDraws() as count:
        nn.Conv2d(3, 2, 3)
        assert count.drawn > 0
        count.drawn = 0
        network = fit_network(lambda: nn.Conv2d(3, 2, 3), saved.state_dict(), tmp_path)
    assert count.drawn == 0
    assert all(map(torch.equal, network.parameters(), saved.parameters()))


def test_a_smaller_tensor_of_a_checkpoint_is_not_repeated():
    state = {"g.weight": torch.ones(1, 1), "g.bias": torch.ones(2)}
    with pytest.raises(CheckpointError, match="another shape"):
        restore_tensors({"g": nn.Linear(3, 2)}, {}, state)


class Counter:
    """The least that can be saved and restored."""

    seen = 8

    def state_dict(self):
        return {"seen": self.seen, "x": torch.ones(1)}

    def load_state_dict(self, state):
        state["x"].copy_(state["x"])


@pytest.mark.parametrize("values", [{"elapsed": "long"}, {"seen": None}, {"seen": []}])
def test_a_checkpoint_with_odd_values_is_one_line(tmp_path, values):
    path = save_checkpoint(tmp_path, Counter(), {})
    reseal(path, lambda found: found.update(values))
    with pytest.raises(CheckpointError, match=r"000000008\.safetensors is damaged"):
        load_checkpoint(tmp_path, Counter())


def test_the_mode_of_a_weight_file_follows_the_umask(tmp_path):
    for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        before = os.umask(mask)
        try:
            save_tensors(tmp_path / "w.safetensors", {"a": torch.ones(1)}, {})
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "w.safetensors").stat().st_mode) == mode


def test_missing_forbidden_and_damaged_are_three_messages(tmp_path, monkeypatch):
    path = tmp_path / "w.safetensors"
    with pytest.raises(CheckpointError, match=r"is missing; train again"):
        load_tensors(path)
    path.write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match=r"is damaged .*; delete it"):
        load_tensors(path)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read everything
    with pytest.raises(CheckpointError, match="may not be read by this user"):
        load_tensors(path)


def test_a_link_in_the_place_of_weights_is_refused(tmp_path, generator):
    link = tmp_path / "w.safetensors"
    link.symlink_to(generator)
    with pytest.raises(CheckpointError, match="is a link"):
        load_tensors(link)
