"""Exported generators draw what torch draws, in ONNX Runtime and in TorchScript."""

import json
import sys

import numpy as np
import pytest
import torch
from stores import CLASSES, save_untrained

from ganaug.config import TrainConfig
from ganaug.errors import CheckpointError, ConfigError, MissingExtraError, RunError
from ganaug.exports.generators import export_generator
from ganaug.exports.network import ExportedGenerator
from ganaug.exports.onnx_file import write_onnx
from ganaug.exports.torchscript_file import write_torchscript
from ganaug.gan.generators import Generators, Member, load_generators
from ganaug.gan.inputs.value_range import full_span
from ganaug.gan.networks.build import build_generator
from ganaug.gan.settings.resolve import resolve_config

KINDS = {
    "r3": {},
    "dcgan": {"network": "dcgan", "norm": "batch", "conditioning": "concat"},
    "separate": {"conditioning": "separate", "channels": 1},
    "none": {"conditioning": "none", "channels": 4, "classes": ("unlabelled",)},
}


def run_onnx(folder, labels, z):
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / "generator.onnx")
    (images,) = session.run(None, {"labels": labels.numpy(), "latents": z.numpy()})
    return images


def run_torchscript(folder, labels, z):
    return torch.jit.load(folder / "generator.pt")(labels, z).numpy()


RUNNERS = {"onnx": run_onnx, "torchscript": run_torchscript}


@pytest.mark.filterwarnings("default")  # of onnxruntime and torch.jit
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", RUNNERS)
def test_it_draws_what_torch_draws(tmp_path, kind, format):  # noqa: A002
    run = save_untrained(tmp_path / "run", **KINDS[kind])
    generators = load_generators(run / "generator.safetensors")
    out = export_generator(run, tmp_path / "out", format=format)
    for n in (1, 5):  # any number of images
        labels = torch.arange(n) % len(generators.classes)
        z = torch.randn(n, 8)
        drawn = RUNNERS[format](out, labels, z)
        expected = generators.draw(z, labels).numpy()
        assert drawn.dtype == np.uint8
        assert drawn.shape == expected.shape
        assert np.abs(drawn.astype(int) - expected).max() <= 1
    assert drawn.std() > 5, "images that differ"


@pytest.mark.filterwarnings("default")
def test_weights_that_are_computed_are_exported_too(tmp_path):
    config = resolve_config(
        TrainConfig(
            height=8, width=8, channels=1, network="dcgan", norm="spectral", latent=8,
            base_channels=16, max_channels=16,
        )
    )  # fmt: skip
    member = Member(build_generator(config, 2).eval(), ("a", "b"))
    generators = Generators(
        config, ("a", "b"), (member,), (8, 8), "", torch.device("cpu"), full_span(1)
    )
    network = ExportedGenerator(generators).eval()
    z, labels = torch.randn(4, 8), torch.tensor([0, 1, 1, 0])
    expected = generators.draw(z, labels).numpy().astype(int)
    for write, file in ((write_onnx, "onnx"), (write_torchscript, "pt")):
        write(tmp_path / f"generator.{file}", network, 8, {})
    for run in (run_onnx, run_torchscript):
        assert np.abs(run(tmp_path, labels, z) - expected).max() <= 1


def read_onnx(folder):
    import onnx

    model = onnx.load(folder / "generator.onnx")
    return {prop.key: prop.value for prop in model.metadata_props}


def read_torchscript(folder):
    facts = dict.fromkeys(("classes", "latent", "height", "width", "license"), "")
    torch.jit.load(folder / "generator.pt", _extra_files=facts)
    return {name: bytes(value).decode() for name, value in facts.items()}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("format", "read"), [("onnx", read_onnx), ("torchscript", read_torchscript)]
)
def test_files_say_what_they_draw(tmp_path, format, read):  # noqa: A002
    run = save_untrained(tmp_path / "run")
    out = export_generator(run, tmp_path / "out", format=format, license="mit")
    facts = read(out)
    assert json.loads(facts["classes"]) == list(CLASSES)
    sizes = [int(facts[name]) for name in ("latent", "height", "width")]
    assert sizes == [8, 8, 12]
    assert facts["license"] == "mit"


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("format", RUNNERS)
def test_the_cards_code_runs(tmp_path, monkeypatch, capsys, format):  # noqa: A002
    run = save_untrained(tmp_path / "run")
    out = export_generator(run, tmp_path / "out", format=format)
    card = (out / "README.md").read_text(encoding="utf-8")
    code = card.partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(out)
    exec(code, {})
    assert "2, 8, 12, 3" in capsys.readouterr().out
    assert "must not be used for" in card
    assert "Its images were not compared with real ones" in card


def test_what_cannot_be_exported_is_refused(tmp_path, monkeypatch):
    run = save_untrained(tmp_path / "run")
    for given, error, message in (
        ({"format": "onx"}, ConfigError, "did you mean onnx"),
        ({"format": "onnx", "license": ""}, ConfigError, "no identifier"),
        ({"source": tmp_path, "format": "onnx"}, CheckpointError, "neither a run"),
        ({"out": run, "format": "onnx"}, RunError, "is there already"),
    ):
        source, out = given.pop("source", run), given.pop("out", tmp_path / "out")
        with pytest.raises(error, match=message):
            export_generator(source, out, **given)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganaug\[onnx\]'"):
        export_generator(run, tmp_path / "out", format="onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
