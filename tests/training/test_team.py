"""Several processes train as one with the joined batch; a lost one ends all."""

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from ganaug.errors import ConfigError
from ganaug.team import ALONE, Team, find_rank, join_team, pick_own_device
from ganaug.training.journal import read_journal
from ganaug.training.weights import load_tensors

CODE = "import sys; from ganaug_cli.start import run; run()"
# no term in which one image's gradient depends on another image
ALIKE = (
    "network=dcgan", "norm=none", "base_channels=16", "batch=32", "precision=float32",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("team")
    digits = load_digits()
    for digit in range(2):
        (root / "photos" / str(digit)).mkdir(parents=True)
        for k, image in enumerate(digits.images[digits.target == digit][:30]):
            pixels = (image * 15).astype(np.uint8)
            Image.fromarray(pixels).save(root / "photos" / str(digit) / f"{k}.png")
    return root


def begin(folder, out, *words, images=640, **kept):
    settings = [f"--set={word}" for word in (*ALIKE, f"images={images}")]
    command = [
        sys.executable, "-c", CODE, "train", "photos", "--fast", "--out", out,
        *settings, *words,
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k != "WORLD_SIZE"}
    environment |= {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kept,
    )  # fmt: skip


def finish(process, status=0):
    out, error = process.communicate(timeout=240)
    assert process.returncode == status, error
    return out + error


def read_losses(run):
    rows = [row for row in read_journal(run) if "d_loss" in row]
    return np.array([[row["d_loss"], row["g_loss"], row["penalty"]] for row in rows])


def test_two_processes_give_the_losses_of_one(folder):
    finish(begin(folder, "one"))
    finish(begin(folder, "two", "--processes", "2"))
    one, two = (read_losses(folder / name) for name in ("one", "two"))
    assert len(one) == 20
    assert np.abs(one - two).max() <= 1e-4 * np.abs(one).max()
    assert not np.array_equal(one, two)  # it was computed in another way
    config = [(folder / name / "config.json").read_text() for name in ("one", "two")]
    assert config[0] == config[1]


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def find_workers(parent):
    found = {}
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/stat") as file:
                ppid = int(file.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{number}/environ", "rb") as file:
                names = dict(x.partition(b"=")[::2] for x in file.read().split(b"\0"))
        except (OSError, ValueError):
            continue
        if ppid == parent and b"RANK" in names:
            found[int(names[b"RANK"])] = int(number)
    return found


def trains(folder, name):
    path = folder / name / "metrics.jsonl"
    return path.exists() and path.stat().st_size > 0


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="reads Linux's /proc")
def test_a_killed_process_ends_all_and_one_alone_resumes(folder):
    often = ("--set=checkpoint_minutes=0.001",)
    process = begin(folder, "cut", "--processes", "2", *often, images=200_000)
    try:
        wait_for(lambda: trains(folder, "cut"))
        os.kill(find_workers(process.pid)[1], signal.SIGKILL)
        said = finish(process, status=2)
    finally:
        process.kill()
    assert "another process of this training has ended" in said
    assert "process 1 was ended by signal 9" in said
    assert "Traceback" not in said
    newest = sorted((folder / "cut" / "checkpoints").glob("*.safetensors"))[-1]
    seen = int(newest.stem)
    process = begin(folder, "cut", *often, images=200_000)
    try:
        wait_for(lambda: sorted(newest.parent.glob("*.safetensors"))[-1] != newest)
        process.send_signal(signal.SIGINT)
        said = finish(process, status=130)
    finally:
        process.kill()
    assert "resuming cut" in said
    last = sorted((folder / "cut" / "checkpoints").glob("*.safetensors"))[-1]
    assert int(last.stem) > seen
    load_tensors(last)


def test_ctrl_c_stops_all_and_others_resume(folder):
    process = begin(folder, "stop", "--processes", "2", images=4_000)
    try:
        wait_for(lambda: trains(folder, "stop"))
        process.send_signal(signal.SIGINT)
        said = finish(process, status=130)
    finally:
        process.kill()
    assert said.count("run the same command again") == 1
    assert "process 1" not in said
    finish(begin(folder, "stop", images=4_000))
    finish(begin(folder, "whole", images=4_000))
    one, two = (read_losses(folder / name) for name in ("whole", "stop"))
    assert len(one) == len(two)
    assert np.isfinite(two).all()


def test_torchrun_starts_it(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = [f"--set={word}" for word in (*ALIKE, "images=64")]
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--master-port", str(port), "-m", "ganaug", "train", "photos", "--fast",
        "--out", "torchrun", *settings,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=240,
        env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("torchrun is trained") == 1
    load_tensors(folder / "torchrun" / "generator.safetensors")


def test_a_batch_that_cannot_be_shared_is_one_line_whose_advice_works(folder):
    said = finish(begin(folder, "odd", "--processes", "3", images=64), status=2)
    assert "3 processes cannot share a batch of 32 images; give --set batch=33" in said
    assert "Traceback" not in said
    assert not (folder / "odd" / "config.json").exists()
    advised = ("--processes", "3", "--set=batch=33")
    finish(begin(folder, "odd", *advised, images=66))
    other = ("--processes", "2", "--set=batch=33")
    said = finish(begin(folder, "odd", *other, images=66), status=2)
    assert "share a batch of 33 images; give another --processes" in said


@pytest.mark.slow
def test_a_class_at_a_time_and_a_finished_run_again(folder):
    words = ("--processes", "2", "--set=conditioning=separate")
    finish(begin(folder, "each", *words, images=96))
    before = (folder / "each" / "generator.safetensors").read_bytes()
    said = finish(begin(folder, "each", *words, images=96))
    assert said.count("each is trained") == 1
    assert (folder / "each" / "generator.safetensors").read_bytes() == before


def test_an_error_of_the_leader_alone_is_said_once_and_soon(folder):
    (folder / "torn").mkdir()
    (folder / "torn" / "note.txt").write_text("mine")
    start = time.monotonic()
    said = finish(begin(folder, "torn", "--processes", "2"), status=2)
    assert said.count("is not empty") == 1
    assert time.monotonic() - start < 60
    assert (folder / "torn" / "note.txt").read_text() == "mine"


SCRIPT = """
import sys
from ganaug import train
from ganaug.config import TrainConfig
config = TrainConfig(
    height=8, width=8, channels=1, base_channels=16, images=64, batch=16
)
for name in ("first", "second"):
    train("photos", name, config=config, device="cpu", progress=None, together=True)
"""


@pytest.mark.slow
def test_a_script_under_torchrun_trains_twice_together(folder):
    (folder / "script.py").write_text(SCRIPT)
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone",
        "--nproc-per-node", "2", "script.py",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=240,
        env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("first", "second"):
        load_tensors(folder / name / "generator.safetensors")


def test_shares_are_whole_and_in_order():
    parts = [Team(k, 4).share(64) for k in range(4)]
    assert [list(range(64))[part] for part in parts] == [
        list(range(16 * k, 16 * k + 16)) for k in range(4)
    ]
    Team(0, 4).check_batch(64, 16)
    with pytest.raises(ConfigError, match="batch=96"):
        Team(0, 3).check_batch(64, 32)


def test_each_process_of_a_machine_has_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("WORLD_SIZE", "3")
    for place in range(2):
        monkeypatch.setenv("LOCAL_RANK", str(place))
        own = pick_own_device(torch.device("cuda"))
        assert own == torch.device("cuda", place)
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(ConfigError, match="has no GPU, of which there are 2; start 2"):
        pick_own_device(torch.device("cuda"))
    assert pick_own_device(torch.device("cuda", 1)).index == 1
    assert pick_own_device(torch.device("cpu")).type == "cpu"


def test_alone_nothing_is_exchanged(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join_team(torch.device("cpu")) is ALONE
    layer = torch.nn.Linear(2, 1)
    layer(torch.ones(1, 2)).sum().backward()
    before = layer.weight.grad.clone()
    ALONE.average_gradients(layer)
    assert torch.equal(layer.weight.grad, before)
    assert ALONE.follow(7) == 7
    monkeypatch.setenv("RANK", "3")
    assert find_rank() == 0  # a stray variable
    monkeypatch.setenv("WORLD_SIZE", "two")
    with pytest.raises(ConfigError, match="WORLD_SIZE=two is no"):
        find_rank()
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(ConfigError, match="RANK is not set"):
        join_team(torch.device("cpu"))
