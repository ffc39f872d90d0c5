"""The command as a person uses it: exit statuses, one-line errors, signals."""

import json
import resource
import signal
import subprocess
import sys
import time

import pytest
from ganaug_cli.planning import parse_minutes

TINY = [
    "--fast", "--device", "cpu", "--set", "base_channels=16", "--set", "batch=16",
    "--set", "snapshots=2",
]  # fmt: skip
COMMAND = [sys.executable, "-c", "from ganaug_cli.main import run; run()"]


def ganaug(*words, cwd, limit=None):
    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit_files if limit else None,
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
    assert b"the same command goes on" in errors
    saved = max((tmp_path / "run" / "checkpoints").iterdir())
    assert int(saved.stem) > 0
    assert not (tmp_path / "run" / "generator.safetensors").exists()


def test_train_then_synth_and_the_same_command_again(tmp_path):
    words = ["train", "digits", "--out", "run", *TINY, "--set", "images=320"]
    assert ganaug(*words, cwd=tmp_path).returncode == 0
    again = ganaug(*words, "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["run"] == "run"
    done = ganaug("synth", "run", "--per-class", "3", "--json", cwd=tmp_path)
    assert sum(json.loads(done.stdout)["classes"].values()) == 30
    refused(ganaug(*words, "--set", "gamma=9", cwd=tmp_path), "another gamma")


def test_inspect_prints_a_plan_as_json(tmp_path):
    done = ganaug("inspect", "digits", "--json", "--budget", "3s", *TINY, cwd=tmp_path)
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
        (["train", "digits", "--config", "none.json"], "cannot read"),
        (["train", "digits", "--out", "thesis"], "holds something else"),
        (["synth", "digits", "--per-class", "0"], "0"),
        (["synth", "digits", "--per-class", "-5"], "-5"),
        (["synth", "digits", "--class", "cat=5", "--fast"], "cat"),
    ],
)
def test_bad_input_is_refused(tmp_path, words, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("precious")
    refused(ganaug(*words, cwd=tmp_path), message)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "precious"
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {"empty", "thesis"}


def test_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path):
    words = ["train", "digits", "--out", "run", *TINY, "--set", "images=320"]
    refused(ganaug(*words, cwd=tmp_path, limit=200_000), "cannot write")
    assert ganaug(*words, cwd=tmp_path).returncode == 0


def test_two_trainings_in_one_folder(tmp_path):
    process = start_training(tmp_path)
    try:
        words = ["train", "digits", "--out", "run", "--fast"]
        refused(ganaug(*words, cwd=tmp_path), "another process")
    finally:
        process.kill()
        process.communicate()


def test_minutes():
    assert parse_minutes("10") == 10
    assert parse_minutes("0.5h") == 30
