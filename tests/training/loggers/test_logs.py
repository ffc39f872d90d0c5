"""Logs repeat metrics.jsonl: from the start, after a stop, and of a finished run."""

import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tiny_runs import TINY, cut_training, tiny_images

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError, MissingExtraError
from ganaug.gan.training import train
from ganaug.training.journal import Journal, read_journal
from ganaug.training.loggers.csv_log import COLUMNS, CsvLog
from ganaug.training.loggers.log import find_log
from ganaug.training.loggers.tensorboard_log import TensorBoardLog

pytestmark = pytest.mark.filterwarnings("default")  # of tensorboard
OPTIONS = {"config": TrainConfig(**TINY), "device": "cpu"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Train with a log, stop in the middle, and resume to the end."""
    folder = tmp_path_factory.mktemp("logged") / "run"
    images = tiny_images()
    cut_training(320, images, folder, log="tensorboard", **OPTIONS)
    return train(images, folder, log="tensorboard", progress=None, **OPTIONS)


def read_events(folder):
    from tensorboard.backend.event_processing import event_accumulator

    found = event_accumulator.EventAccumulator(
        str(folder / "tensorboard"), size_guidance={"scalars": 0, "images": 0}
    )
    found.Reload()
    return found


def test_tensorboard_has_every_figure_once(run):
    events, rows = read_events(run.path), read_journal(run.path)
    for tag, name in (("loss/d_loss", "d_loss"), ("quality/distance", "distance")):
        shown = [(event.step, event.value) for event in events.Scalars(tag)]
        expected = [(r["images"], r[name]) for r in rows if r.get(name) is not None]
        assert [step for step, _ in shown] == [step for step, _ in expected]
        assert np.allclose(
            [value for _, value in shown], [value for _, value in expected]
        )
    grids = events.Images("samples")
    assert [grid.step for grid in grids] == [320, 640]
    saved = Image.open(run.path / "samples" / "000000640.png")
    assert (grids[-1].width, grids[-1].height) == saved.size


def test_alarms_are_texts(tmp_path):
    log = TensorBoardLog(tmp_path)
    log.restart([{"images": 64, "alarm": "collapse", "sentence": "images look alike"}])
    log.close()
    events = read_events(tmp_path)
    (alarm,) = events.Tensors("alarms/collapse/text_summary")
    assert alarm.step == 64
    assert alarm.tensor_proto.string_val[0] == b"images look alike"


def test_a_finished_run_gets_a_csv(run):
    again = train(tiny_images(), run.path, log="csv", progress=None, **OPTIONS)
    table = pd.read_csv(again.path / "metrics.csv")
    rows = read_journal(run.path)
    assert table.columns.tolist() == list(COLUMNS)
    assert table["images"].tolist() == [row["images"] for row in rows]
    losses = [row["g_loss"] for row in rows if "g_loss" in row]
    assert np.allclose(table["g_loss"].dropna(), losses)
    grids = table["samples"].dropna().tolist()
    assert grids == ["samples/000000320.png", "samples/000000640.png"]
    known = {name for row in rows for name in row} - {"diagnosis", "snapshot"}
    assert known <= set(COLUMNS)


def test_a_journal_that_is_cut_cuts_its_log(tmp_path):
    journal = Journal(tmp_path, CsvLog(tmp_path))
    journal.cut(0)
    for seen in (64, 128):
        journal.append({"images": seen, "d_loss": 0.5})
    journal.append({"images": 128, "alarm": "collapse", "sentence": "=alike, all"})
    table = pd.read_csv(tmp_path / "metrics.csv")
    assert table["sentence"].tolist()[-1] == "'=alike, all"
    journal.cut(64)
    journal.append({"images": 96, "d_loss": 0.25})
    table = pd.read_csv(tmp_path / "metrics.csv")
    assert table["d_loss"].tolist() == [0.5, 0.25]


def test_unknown_logs_and_missing_libraries_are_one_line(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="did you mean tensorboard"):
        find_log("tensorbord")
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingExtraError, match=r"ganaug\[tensorboard\]"):
        train(tiny_images(), tmp_path / "run", log="tensorboard", **OPTIONS)
    assert not (tmp_path / "run").exists()
