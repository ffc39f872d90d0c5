"""Splits in several processes: the same files as from one, whoever computed them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import cloudpickle
import numpy as np
import pytest
from pictures import draw_set, save_set
from stores import digests
from torch import nn

from ganaug.errors import ConfigError, RunError
from ganaug.gain.budget import Estimate, list_shares, share_minutes
from ganaug.gain.gan_pools import GanPoolMaker
from ganaug.gain.measuring import measure_gain
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.workers import Workers

TINY = Settings(
    steps=3, grid=(16, 16), gan_minutes=0.02, per_class=8, tune=True,
    policies=("none",), mixes=("none",), mixtures=MIXTURES[4:5], initialisations=1,
    ensemble=False,
)  # fmt: skip
# workers cannot import a file of tests
cloudpickle.register_pickle_by_value(sys.modules[__name__])
POOLS = ("pool.npz", "estimate.json", "gan.json")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Make `shapes`, and the gain of it that one process measured, without a GAN."""
    root = tmp_path_factory.mktemp("alone")
    save_set(root / "shapes", draw_set(16))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GanPoolMaker, "__call__", make_pool)
        measure(root, root / "gain")
    return root


def make_pool(maker, fit, folder, seed):
    """Take real images, so that no GAN is needed."""
    soft = np.eye(len(fit.classes), dtype=np.float32)[fit.labels]
    pool = {"images": fit.images, "labels": fit.labels, "soft": soft}
    placebo = {f"placebo_{name}": value for name, value in pool.items()}
    return {**pool, **placebo, "flips": np.zeros(2, bool)}


def measure(root, out, **options):
    return measure_gain(
        root / "shapes", out=out, splits=2, settings=TINY, classifier=linear,
        device="cpu", **options,
    )  # fmt: skip


def linear(size, channels, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * size[0] * size[1], classes))


def begin(alone, path):
    """Copy the gain without all that follows the pools."""
    shutil.copytree(alone / "gain", path)
    for file in (path / "cells").rglob("*"):
        if file.is_file() and file.name not in POOLS:
            file.unlink()
    return path


def list_cells(path):
    found = digests(path / "cells")
    found.pop("time.json")
    return found


def test_two_processes_keep_the_same_files(alone, tmp_path):
    seen, out = [], begin(alone, tmp_path / "gain")
    result = measure(alone, out, processes=2, progress=seen.append)
    assert list_cells(out) == list_cells(alone / "gain")
    before = json.loads((alone / "gain" / "verdict.json").read_text())
    after = json.loads((out / "verdict.json").read_text())
    assert before["gains"] == after["gains"]
    assert 0 < result.details.minutes < 5
    together = [status.together for status in seen if status.together]
    assert [len(each) for each in together] == [2] * len(together)
    done = [number for number, _ in together[-1]]
    names = ("split-00", "split-01")
    assert done == [len(list((out / "cells" / n).iterdir())) for n in names]
    assert not list(out.glob(".workers*"))


SCRIPT = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from ganaug_cli.main import run
from ganaug.gain import measuring
from test_running import measure
root, out = map(Path, sys.argv[2:])
measuring.measure_gain = lambda *words, **options: measure(root, out, processes=2)
sys.argv = ["ganaug", "gain", str(root / "shapes"), "--out", str(out)]
run()
"""


@pytest.mark.slow
def test_ctrl_c_ends_all_and_the_same_call_resumes(alone, tmp_path):
    out = begin(alone, tmp_path / "gain")
    words = [os.path.dirname(__file__), str(alone), str(out)]
    tests = os.path.dirname(words[0])
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *words],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": f"{tests}:{os.environ.get('PYTHONPATH', '')}"},
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while len(list_keys(out)) < 8 and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert "stopped; run the same command again to resume" in said
    assert "Traceback" not in said
    finished = {path: path.stat().st_mtime_ns for path in list_keys(out)}
    measure(alone, out, processes=2)
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert list_cells(out) == list_cells(alone / "gain")


def list_keys(path):
    """List finished results; hidden files are locks, and what is being written."""
    every = (path / "cells").glob("split-*/*")
    return [p for p in every if not p.name.startswith(".")]


@pytest.mark.slow
def test_a_worker_of_a_cluster_that_is_killed_is_replaced(alone, tmp_path):
    distributed = pytest.importorskip("distributed")
    out, killed = begin(alone, tmp_path / "gain"), []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:

        def kill(status):
            both = status.together and all(done > 4 for done, _ in status.together)
            if both and not killed:
                killed.append(cluster.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)

        measure(
            alone, out,
            backend="dask", address=cluster.scheduler_address, progress=kill,
        )  # fmt: skip
    assert killed
    assert list_cells(out) == list_cells(alone / "gain")


def test_workers_that_do_not_fit_are_refused_before_the_data_are_read(call):
    status, _, said = call("gain", "nowhere", "--processes", "0")
    assert (status, said.splitlines()[-1]) == (
        2, "ganaug: processes=0 must lie in [1, 256]"
    )  # fmt: skip
    status, _, said = call("gain", "nowhere", "--backend", "dusk")
    assert "there is no backend 'dusk' (did you mean dask?)" in said
    with pytest.raises(ConfigError, match="omit --address"):
        measure_gain("nowhere", out="g", address="tcp://node1:8786")


def test_a_cluster_that_does_not_answer_is_one_line(alone, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("ganaug.workers.CONNECT_SECONDS", 1)
    out = begin(alone, tmp_path / "gain")
    with pytest.raises(ConfigError, match="no scheduler of dask answers at tcp://127"):
        measure(alone, out, backend="dask", address="tcp://127.0.0.1:9")
    with pytest.raises(ConfigError, match="--backend dask needs --address"):
        measure(alone, out, backend="dask")
    assert not list(out.glob(".workers*"))


def test_the_time_of_several_processes_is_never_beyond_the_cores(monkeypatch):
    plan = Estimate(
        4, TINY, gan_minutes=8, fit_minutes=12, fits=9, overhead_minutes=0.0
    )
    assert share_minutes(plan, 1, 2, threads=1) == plan.minutes == 20
    for n in (2, 3, 4):
        assert share_minutes(plan, n, 2, threads=1) >= 10
        assert share_minutes(plan, n, 1, threads=1) >= 20
    assert share_minutes(plan, 4, 64, threads=1) == 5
    monkeypatch.setattr("ganaug.gain.budget.count_cores", lambda: 1)
    (line,) = list_shares(plan, Workers(2))
    assert line == "2 processes: about 20 min; this machine has 1 core"
    assert list_shares(plan, Workers()) == ()
    (line,) = list_shares(plan, Workers(backend="dask"))
    assert "5 min of work" in line


def test_the_loss_of_all_processes_is_one_line(tmp_path):
    with Workers(2).open(9, tmp_path) as crew:
        found = crew.map(_end, [0, 0])
        with pytest.raises(RunError, match="the worker processes have ended"):
            list(found)


def _end(shared, job):
    os.kill(os.getpid(), signal.SIGKILL)
