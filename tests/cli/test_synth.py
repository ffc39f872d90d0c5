"""`ganaug synth`: tables, JSON, exit statuses, and training first when given data."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from ganaug_cli.main import run
from ganaug_cli.shared.results import print_result
from PIL import Image
from recipes import save_gain
from stores import save_untrained

from ganaug.data.readers.decode import read_file_pixels
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize

COMMAND = [sys.executable, "-c", "from ganaug_cli.main import run; run()"]
TINY = [
    "height=8", "width=8", "base_channels=16", "latent=8",
    "batch=16", "images=160", "snapshots=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make a folder in which `ganaug synth pets --per-class 6` was run."""
    root = tmp_path_factory.mktemp("cli")
    rng = np.random.default_rng(0)
    for name, n in (("cat", 14), ("dog?", 9)):
        (root / "pets" / name).mkdir(parents=True)
        for k in range(n):
            pixels = rng.integers(0, 256, (8, 8), np.uint8)
            Image.fromarray(pixels).save(root / "pets" / name / f"{k}.png")
    words = ["pets", "--per-class", "6", "--fast"]
    words += [word for pair in TINY for word in ("--set", pair)]
    done = subprocess.run(
        [*COMMAND, "synth", *words],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "pets-synthetic: 12 images" in done.stdout
    return root


def leave_out_progress(said):
    """Return the lines that do not say what is being done."""
    return [line for line in said.splitlines() if not line.endswith(" …")]


@pytest.fixture
def call(root, monkeypatch):
    """Run the command inside `root` and return its exit status."""

    def run_words(*words):
        monkeypatch.setattr(sys, "argv", ["ganaug", "synth", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        return ended.value.code or 0

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(root)
    yield run_words
    signal.signal(signal.SIGTERM, handler)


def test_data_are_trained_on_first(root):
    store = Store.load(root / "pets-synthetic")
    assert store.counts.tolist() == [6, 6]
    assert store.meta.command.endswith("images=160 --set snapshots=1")
    assert (root / "pets-synthetic.run" / "generator.safetensors").is_file()
    folders = {p.name for p in store.path.iterdir() if p.is_dir()}
    assert folders == {"cat", "dog%3F"}


def test_each_image_is_decoded_once(root, call, monkeypatch):
    reads = Counter()

    def read_pixels(path, size):
        reads[path.name, path.parent.name] += 1
        return read_file_pixels(path, size)

    monkeypatch.setattr("ganaug.data.readers.folder.read_file_pixels", read_pixels)
    digest = Store.load(root / "pets-synthetic").meta.data_digest
    counts = {"cat": 14, "dog?": 9}
    save_gain(root / "once-gain", counts, fingerprint=digest)
    words = ["pets", "--class", "cat=2", "--class", "dog?=1", "--recipe", "once-gain"]
    words += [word for pair in TINY for word in ("--set", pair)]
    for _ in range(2):  # training first, then with a run that is there
        reads.clear()
        assert call(*words, "--fast", "--out", "once") == 0
        assert set(reads.values()) == {1}
        assert len(reads) == 23
    origin = json.loads((root / "once.run" / "data.json").read_text())
    assert origin["source"] == str(root / "pets")


def test_data_with_a_stray_file_are_data(root, call, capsys):
    (root / "pets" / "config.json").write_text("{}")
    assert call("pets", "--class", "bird=5", "--out", "new") == 2
    assert "no class 'bird'" in capsys.readouterr().err
    (root / "pets" / "config.json").unlink()


def test_ctrl_c_says_how_to_go_on(root):
    words = ["synth", "pets-synthetic.run", "--out", "cut", "--per-class", "100000"]
    process = subprocess.Popen(
        [*COMMAND, *words, "--filters", "none"],
        cwd=root, stderr=subprocess.PIPE, text=True,
        # a shell ignores Ctrl-C for what it runs in the background; a terminal doesn't
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while process.poll() is None and not (root / "cut" / "manifest.csv").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    said = "ganaug: stopped; run the same command again to resume"
    assert errors.splitlines()[-1] == said


def test_json_says_what_is_new(root, call, capsys):
    shutil.copytree(root / "pets-synthetic", root / "more")
    assert call("more", "--class", "cat=8", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["store"] == "more"
    assert found["added"] == {"cat": 2, "dog?": 0}
    assert call("more", "--per-class", 2) == 0
    assert "nothing was removed" in capsys.readouterr().out


def test_balance_takes_the_counts_of_the_run(call, capsys):
    assert call("pets-synthetic.run", "--balance", "--out", "even", "--json") == 0
    assert json.loads(capsys.readouterr().out)["classes"] == {"cat": 0, "dog?": 5}


def test_a_recipe_asks_for_500_of_each(root, call, capsys):
    digest = Store.load(root / "pets-synthetic").meta.data_digest
    counts = {"cat": 14, "dog?": 9}
    save_gain(root / "pets-gain", counts, fingerprint=digest)
    words = ["pets-synthetic.run", "--filters", "none", "--out", "wanted", "--json"]
    assert call(*words, "--recipe", "pets-gain") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["classes"] == {"cat": 500, "dog?": 500}
    assert (root / "wanted" / "recipe.json").is_file()


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"fingerprint": "abc"}, "measured on other real images than those of pets"),
        ({"labels": "soft"}, "soft labels need a teacher"),
    ],
)
def test_a_recipe_is_refused_before_training(root, call, capsys, recipe, message):
    save_gain(root / "other-gain", {"cat": 14, "dog?": 9}, **recipe)
    before = sorted(root.iterdir())
    words = ["pets", "--recipe", "other-gain", "--out", "new"]
    assert call(*words, "--filters", "none") == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(leave_out_progress(said)) == 1
    assert sorted(root.iterdir()) == before


def test_a_verdict_is_said_before_training(root, call, monkeypatch, caplog):
    digest = Store.load(root / "pets-synthetic").meta.data_digest
    counts = {"cat": 14, "dog?": 9}
    save_gain(root / "bad-gain", counts, word="hurts", fingerprint=digest)
    monkeypatch.setattr("ganaug_cli.synth.train_planned", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call("pets", "--recipe", "bad-gain", "--out", "new")
    assert 'the verdict is "hurts"' in caplog.text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pets", "--per-class", 0], "0 images per class is not allowed"),
        (["pets", "--per-class", 10**9], "a store has from 1 to 10,000,000"),
        (["pets", "--class", "bird=5", "--out", "new"], "no class 'bird'"),
        (["pets", "--class", "cat"], "not of the form name=number"),
        (["pets"], "give one of --per-class N, --balance, or --class name=N"),
        (["pets", "--per-class", 3, "--out", "pets"], "is not empty"),
        (["pets-synthetic", "--per-class", 9, "--size", "64"], "give --size data"),
        (["pets", "--per-class", 9, "--filters", "beauty"], "no filter 'beauty'"),
        (["nothing", "--per-class", 9], "does not exist"),
        (["pets", "--class", "cat=--5"], "not of the form name=number"),
        (["pets", "--class", "cat=5", "--class", "cat=6"], "cat is given twice"),
        (["pets-synthetic", "--per-class", 9, "--fast"], "--fast is for training"),
        (["pets-synthetic.run", "--balance", "--budget", "1h"], "is already trained"),
        (["pets", "--recipe", "pets"], "has no recipe.json; measure one with"),
    ],
)
def test_bad_requests_end_with_one_line(root, call, capsys, words, message):
    before = sorted(root.iterdir())
    assert call(*words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(leave_out_progress(said)) == 1
    assert sorted(root.iterdir()) == before


def test_the_summary_says_how_image_folder_sorts_whole_numbers(tmp_path, capsys):
    classes = tuple(map(str, range(12)))
    run_folder = save_untrained(tmp_path / "run", classes=classes)
    store = synthesize(
        run_folder, tmp_path / "s", per_class=1, device="cpu", filters=None
    )
    print_result(store, {}, as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "its label 2 is the class 10, not 2" in said
