"""`ganaug export` and `synth --append-to`: files, JSON, and refusals in one line."""

import json
import signal
import sys

import numpy as np
import pandas as pd
import pytest
from ganaug_cli.main import run
from PIL import Image
from stores import save_untrained

from ganaug.data.load import load_images
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize

TINY = [
    "height=8", "width=8", "base_channels=16", "latent=8", "batch=16", "images=32",
    "snapshots=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("cli")
    save_untrained(root / "pets-run")
    synthesize(
        root / "pets-run", root / "pets-plus", per_class=2, filters=None, device="cpu"
    )
    return root


@pytest.fixture
def call(root, monkeypatch, capsys):
    """Run the command inside `root`; return its exit status, stdout and stderr."""

    def run_words(*words):
        monkeypatch.setattr(sys, "argv", ["ganaug", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(root)
    yield run_words
    signal.signal(signal.SIGTERM, handler)


def test_images_and_generator(root, call):
    status, out, _ = call("export", "pets-plus", "--format", "npz", "--json")
    assert status == 0
    assert json.loads(out) == {"out": "pets-plus.npz", "format": "npz"}
    assert len(load_images(root / "pets-plus.npz")) == 6
    status, out, _ = call("export", "pets-run", "--format", "torchscript")
    assert status == 0
    assert "fill in its licence" in out
    files = {path.name for path in (root / "pets-run-torchscript").iterdir()}
    assert files == {"generator.pt", "README.md"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pets-plus", "--format", "parqet"], "did you mean parquet"),
        (["pets-plus"], "missing option"),
        (["nowhere", "--format", "csv"], "nowhere does not exist"),
        (["pets-run", "--format", "csv"], "contains no store"),
        (["pets-plus", "--format", "csv", "--out", "pets-run"], "is there already"),
        (["pets-run", "--format", "onnx", "--real"], "omit --real"),
        (["pets-plus", "--format", "csv", "--real"], "name the real images with"),
    ],
)
def test_bad_input_is_refused(call, words, message):
    status, _, error = call("export", *words)
    assert status == 2
    assert error.strip().splitlines()[-1].startswith("ganaug: ")
    assert message in error


def test_a_table_gets_rows(root, call):
    rng = np.random.default_rng(0)
    lines = ["path,label,note"]
    (root / "shots").mkdir()
    for k in range(24):
        pixels = rng.integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(root / "shots" / f"{k}.png")
        lines.append(f"shots/{k}.png,{'ab'[k % 2]},n{k}")
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    words = ["synth", "labels.csv", "--per-class", "3", "--filters", "none", "--fast"]
    words += ["--append-to", "labels-plus.csv"]
    words += [word for pair in TINY for word in ("--set", pair)]
    status, _, error = call(*words, "--device", "cpu")
    assert status == 0, error
    table = pd.read_csv(root / "labels-plus.csv")
    assert table.columns.tolist() == ["path", "label", "note", "synthetic"]
    assert table["synthetic"].tolist() == [False] * 24 + [True] * 6
    assert (table["note"][:24] == [f"n{k}" for k in range(24)]).all()
    assert len(load_images(root / "labels-plus.csv")) == 30
    assert len(Store.load(root / "labels-synthetic")) == 6
    # from the run that was trained on the table, and only where rows are added
    more = ["synth", "labels-synthetic.run", "--per-class", "4", "--filters", "none"]
    assert call(*more, "--out", "more", "--append-to", "labels-plus.csv")[0] == 2
    assert call(*more, "--out", "more", "--append-to", "other.csv")[0] == 0
    assert len(pd.read_csv(root / "other.csv")) == 32


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pets-run", "--append-to", "new.csv"], "needs a table"),
        (["t.csv", "--append-to", "t.csv"], "is the table itself"),
        (["t.csv", "--label-column", "label", "--append-to", "n.csv"], "is for images"),
    ],
)
def test_a_wrong_table_is_refused_before_any_work(root, call, words, message):
    (root / "t.csv").write_text("path,label\nx.png,a\n")
    status, _, error = call("synth", *words, "--per-class", "1")
    assert status == 2
    assert message in error
    assert (root / "t.csv").read_text() == "path,label\nx.png,a\n"
