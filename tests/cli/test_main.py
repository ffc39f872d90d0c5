"""The command as a person uses it: exit statuses, one-line errors, signals."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
from ganaug_cli.main import run
from ganaug_cli.shared.planning import parse_minutes
from PIL import Image

TINY = [
    "--fast", "--device", "cpu", "--set", "base_channels=16", "--set", "batch=16",
    "--set", "snapshots=2",
]  # fmt: skip
COMMAND = [sys.executable, "-c", "from ganaug_cli.main import run; run()"]


def run_limited(*words, cwd, limit):
    """Run the command in a process that may not write files over `limit` bytes."""

    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit_files,
    )


def refused(done, message):
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert lines[-1].startswith("ganaug: ")
    assert message in lines[-1]
    assert "Traceback" not in done.stderr


def start_training(cwd):
    words = ["train", "digits", "--out", "run", *TINY, "--set", "images=400000"]
    process = subprocess.Popen([*COMMAND, *words], cwd=cwd, stderr=subprocess.PIPE)
    for _ in range(6000):
        if (cwd / "run" / "metrics.jsonl").exists():
            return process
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.kill()
    raise AssertionError("training did not start")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_signals_stop_with_a_checkpoint(tmp_path, number, status):
    process = start_training(tmp_path)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert b"run the same command again to resume" in errors
    saved = max((tmp_path / "run" / "checkpoints").iterdir())
    assert int(saved.stem) > 0
    assert not (tmp_path / "run" / "generator.safetensors").exists()


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command: exit status, stdout and stderr."""

    def run_words(*words):
        monkeypatch.setattr(sys, "argv", ["ganaug", *words])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        status = ended.value.code or 0
        return subprocess.CompletedProcess(words, status, said.out, said.err)

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.chdir(tmp_path)
    yield run_words
    signal.signal(signal.SIGTERM, handler)


def test_train_then_synth_and_the_same_command_again(tmp_path, call):
    words = ["train", "digits", "--out", "run", *TINY, "--set", "images=320"]
    assert call(*words).returncode == 0
    again = call(*words, "--json", "--log", "csv")
    assert json.loads(again.stdout)["run"] == "run"
    assert (tmp_path / "run" / "metrics.csv").is_file()
    done = call("synth", "run", "--per-class", "3", "--filters", "none", "--json")
    assert sum(json.loads(done.stdout)["classes"].values()) == 30
    refused(call(*words, "--set", "gamma=9"), "another gamma")


def test_going_on_with_other_groups_is_refused(tmp_path, call):
    for i in range(24):
        folder = tmp_path / "cells" / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.new("L", (8, 8), 10 * i)
        picture.save(folder / f"patient{i // 4}_{i}.png")
    words = ["train", "cells", "--out", "run", *TINY, "--set", "images=160"]
    words += ["--group-regex", "patient[0-9]+"]
    assert call(*words).returncode == 0
    assert call(*words).returncode == 0
    refused(call(*words[:-2]), "run was started with --group-regex 'patient[0-9]+'")
    refused(call(*words[:-1], "patient([0-9])_"), "give the same, or choose another")


def test_inspect_prints_a_plan_as_json(call):
    done = call("inspect", "digits", "--json", "--budget", "3s", *TINY)
    found = json.loads(done.stdout)
    plan = {row["choice"]: row["value"] for row in found["plan"]}
    assert found["counts"][0] == 178
    assert plan["base_channels"] == 16
    assert plan["images"] > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["inspect", "nowhere"], "nowhere"),
        (["train", "empty"], "empty"),
        (["train", "digits", "--budget", "soon"], "is not a time"),
        (["train", "digits", "--set", "speed=9"], "there is no field 'speed'"),
        (["train", "digits", "--device", "tpu"], "there is no device"),
        (["train", "digits", "--config", "none.json"], "none.json is missing"),
        (["train", "digits", "--out", "thesis"], "is not empty"),
        (["train", "digits", "--log", "tensorbord"], "did you mean tensorboard"),
        (["synth", "digits", "--per-class", "0"], "0"),
        (["synth", "digits", "--per-class", "-5"], "-5"),
        (["synth", "digits", "--class", "cat=5", "--fast"], "cat"),
        (["synth", "--fat"], "no such option: --fat"),
        (["synth", "--bugdet", "3m"], "option: --bugdet (did you mean --budget?); see"),
        (["synth"], "missing argument"),
        (["synt", "digits"], "did you mean 'synth'?"),
        (["gain", "digits", "--margin", "wide"], "--margin"),
    ],
)
def test_bad_input_is_refused(tmp_path, call, words, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("precious")
    refused(call(*words), message)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "precious"
    assert {p.name for p in tmp_path.iterdir()} == {"empty", "thesis"}


@pytest.mark.parametrize("words", [[], ["-h"], ["synth", "--help"]])
def test_help_is_no_error(call, words):
    done = call(*words)
    assert done.returncode == 0
    assert "Usage: ganaug" in done.stdout
    assert not done.stderr


def test_version_is_said(call):
    done = call("--version")
    assert done.returncode == 0
    assert done.stdout == f"ganaug {version('ganaug')}\n"


@pytest.mark.parametrize("words", [["synth", "--fat"], ["synt"]])
def test_wrong_words_are_refused_in_one_line(call, words):
    done = call(*words)
    refused(done, "see ganaug")
    assert len(done.stderr.splitlines()) == 1


def test_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path, call):
    words = ["train", "digits", "--out", "run", *TINY, "--set", "images=320"]
    refused(run_limited(*words, cwd=tmp_path, limit=200_000), "cannot write")
    assert call(*words).returncode == 0


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_signs_that_the_terminal_lacks_are_spelt_out(tmp_path, encoding):
    for name in ("猫", "café"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(4):
            picture = Image.new("L", (8, 8), 50 * i)
            picture.save(tmp_path / "pets" / name / f"{i}.png")
    done = subprocess.run(
        [*COMMAND, "inspect", "pets", *TINY, "--budget", "1s"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert rb"\u732b" in done.stdout
    assert "8 × 8".encode(encoding, "backslashreplace") in done.stdout


def test_two_trainings_in_one_folder(tmp_path, call):
    process = start_training(tmp_path)
    try:
        words = ["train", "digits", "--out", "run", "--fast"]
        refused(call(*words), "another process")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("words", "both"),
    [
        (["--help"], False),
        (["--version"], False),
        (["inspect", "digits", *TINY, "--budget", "1s"], False),
        (["inspect", "nowhere"], True),
    ],
)
def test_a_reader_that_has_gone_ends_the_command_quietly(tmp_path, words, both):
    errors = subprocess.STDOUT if both else subprocess.PIPE
    process = subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=errors
    )
    process.stdout.close()
    said = b"" if both else process.stderr.read()
    assert process.wait(60) == 141
    assert b"Traceback" not in said
    assert b"rror" not in said
    if process.stderr:
        process.stderr.close()


def test_minutes():
    assert parse_minutes("10") == 10
    assert parse_minutes("0.5h") == 30
