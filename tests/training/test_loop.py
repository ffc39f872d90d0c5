"""The loop with a trainer that is no GAN: order, resume, rollback, stopping."""

import json
import math

import pytest
import torch

from ganaug.errors import TrainingError
from ganaug.training.interrupt import StoppedError, StopRequest
from ganaug.training.loop import Loop, has_crossed
from ganaug.training.progress import Ticker


class Walker:
    """A number that grows by what it has seen; its loss is that number."""

    run_length, images_per_step, advice = 80, 8, "smaller steps"

    def __init__(self, bad=()):
        self.seen, self.rate_scale = 0, 1.0
        self.place = torch.zeros(1)
        self.bad = set(bad)

    def step(self):
        self.place += self.seen * self.rate_scale
        self.seen += self.images_per_step

    def take_means(self):
        bad = self.seen in self.bad
        self.bad -= {self.seen}
        return {"loss": math.nan if bad else float(self.place)}

    def is_sound(self):
        return bool(self.place.isfinite())

    def state_dict(self):
        return {"seen": self.seen, "rate_scale": self.rate_scale, "place": self.place}

    def load_state_dict(self, state):
        self.seen, self.rate_scale = state["seen"], state["rate_scale"]
        self.place.copy_(state["place"])


class Every:
    """Notes that it was called at multiples of an interval."""

    def __init__(self, trainer, name, interval):
        self.trainer, self.name, self.interval = trainer, name, interval
        self.rows = None

    def resume(self, rows):
        self.rows = list(rows)

    def is_due(self):
        return has_crossed(self.trainer, self.interval)

    def observe(self, journal):
        journal.append({"images": self.trainer.seen, "observer": self.name})


def walk(run, trainer, *, stop_at=None, minutes=0.0):
    request = StopRequest()

    def note(status):
        if stop_at is not None and status.seen >= stop_at:
            request.signal = 2

    observers = [Every(trainer, "first", 40), Every(trainer, "second", 20)]
    run.mkdir(exist_ok=True)
    Loop(
        trainer, run, observers=observers, request=request, ticker=Ticker(note),
        checkpoint_minutes=minutes,
    ).finish()  # fmt: skip
    return observers


def read_rows(run):
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(x).items() if k != "seconds"} for x in lines]


def test_a_report_comes_before_the_observers_in_their_order(tmp_path):
    walk(tmp_path, Walker())
    at = [row for row in read_rows(tmp_path) if row["images"] == 40]
    assert [row.get("observer", "report") for row in at] == [
        "report", "first", "second",
    ]  # fmt: skip


def test_a_stopped_run_ends_as_a_straight_one(tmp_path, monkeypatch):
    monkeypatch.setattr("ganaug.training.progress.TICK_SECONDS", 0.0)
    straight, cut = Walker(), Walker()
    walk(tmp_path / "straight", straight)
    with pytest.raises(StoppedError, match="stopped after 40 of 80 images") as caught:
        walk(tmp_path / "cut", cut, stop_at=40, minutes=99.0)
    assert caught.value.signal == 2
    again = Walker()
    observers = walk(tmp_path / "cut", again)
    assert torch.equal(straight.place, again.place)
    assert read_rows(tmp_path / "straight") == read_rows(tmp_path / "cut")
    assert [row["images"] for row in observers[0].rows] == [
        row["images"] for row in read_rows(tmp_path / "cut") if row["images"] <= 40
    ]


def test_a_bad_loss_rolls_back_once_and_stops_the_second_time(tmp_path):
    trainer = Walker(bad=[48])
    walk(tmp_path / "once", trainer)
    rows = read_rows(tmp_path / "once")
    assert {"images": 40, "rolled_back_from": 48} in rows
    assert sum(row.get("observer") == "first" for row in rows) == 2
    assert trainer.rate_scale == 0.5
    with pytest.raises(TrainingError, match=r"twice, last at 56 .* smaller steps"):
        walk(tmp_path / "twice", Walker(bad=[48, 56]))


def test_later_rows_and_a_torn_one_are_dropped(tmp_path):
    rows = ['{"images": 0}', '{"images": 8}', '{"images": 1']
    (tmp_path / "metrics.jsonl").write_text("\n".join(rows))
    observers = walk(tmp_path, Walker())
    assert observers[0].rows == [{"images": 0}]
