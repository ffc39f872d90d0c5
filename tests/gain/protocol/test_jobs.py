"""Jobs: what a split computes is what was listed before."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from pictures import draw_set

from ganaug.gain.kept import Kept
from ganaug.gain.protocol import choices, final_fits, split_run
from ganaug.gain.protocol.jobs import count_fits, list_jobs
from ganaug.gain.protocol.split_data import Experiment, open_split
from ganaug.gain.recipes import is_uneven
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.gain.splitting.folds import make_folds_splits

TINY = Settings(grid=(16, 16), policies=("rand", "none"), mixtures=MIXTURES[:6])
EVEN, UNEVEN = np.arange(48), np.r_[0:16, 16:24, 32:38]
KINDS = {
    r"try-placebo-\w+-fold-(\d)": "placebo on fold",
    r"try-.*-fold-(\d)": "recipe on fold",
    r"try-.*-(0\.\d+)": "mixture after part",
    r"final-real-.*-\d": "final fit of real images",
}


def make_pool(fit, folder, seed):
    """Make a pool of the real images themselves."""
    soft = np.eye(len(fit.classes), dtype=np.float32)[fit.labels]
    pool = {"images": fit.images, "labels": fit.labels, "soft": soft}
    placebo = {f"placebo_{name}": value for name, value in pool.items()}
    return {**pool, **placebo, "flips": np.zeros(2, bool)}


def make_nothing(fit, folder, seed):
    made = make_pool(fit, folder, seed)
    return {k: v if k == "flips" else v[:0] for k, v in made.items()}


def find_kind(key):
    for pattern, kind in KINDS.items():
        found = re.fullmatch(pattern, key)
        if found:
            return (kind, *found.groups())
    return (key,)


def compute(path, data, maker, *, number=0, styled=False, started=False):
    """Return the listed jobs, and the keys of the results that were computed."""
    keys, settings = [], replace(TINY, tune=number == 0)
    experiment = Experiment(
        data=data,
        settings=settings,
        kept=Kept(path, {}, keys.append),
        make_pool=maker,
        build=None,
        styled=styled,
        parent={} if started else None,
    )
    split = make_folds_splits(data.labels, folds=3).splits[number]
    part = open_split(experiment, split, number)
    jobs = list_jobs(
        settings,
        folds=len(part.folds),
        uneven=is_uneven(part.train.counts),
        first=number == 0,
        styled=styled,
        started=started,
    )
    split_run.run_split(experiment, split, number)
    return jobs, {key.removeprefix(f"split-{number:02d}/") for key in keys}


def guess(monkeypatch, draw):
    """Make fits return what `draw` returns for a seed and a shape."""

    def predict(task, recipe, pool, images, *, seed):
        shape = (len(images), task.n_classes)
        return draw(f"{recipe} {task.optimisation} {seed}", shape).astype(np.float32)

    def predict_each(task, recipe, pool, sets, *, seed):
        return [predict(task, recipe, pool, images, seed=seed) for images in sets]

    monkeypatch.setattr(choices, "fit_and_predict", predict)
    monkeypatch.setattr(final_fits, "fit_and_predict_each", predict_each)


def draw_evenly(seed, shape):
    return np.full(shape, 1 / shape[1])


def draw_randomly(seed, shape):
    rng = np.random.default_rng(list(seed.encode()))
    return rng.dirichlet(np.ones(shape[1]), shape[0])


@pytest.mark.parametrize("rows", [EVEN, UNEVEN])
def test_where_the_earliest_wins_jobs_are_those_listed(tmp_path, monkeypatch, rows):
    guess(monkeypatch, draw_evenly)
    jobs, keys = compute(tmp_path / "g", draw_set(16).subset(rows), make_pool)
    assert sorted(job.key for job in jobs) == sorted(keys)


def test_styled_images_have_an_arm_more(tmp_path, monkeypatch):
    guess(monkeypatch, draw_evenly)
    data = draw_set(16).subset(EVEN[::2])
    jobs, keys = compute(tmp_path / "g", data, make_pool, number=1, styled=True)
    assert sorted(job.key for job in jobs) == sorted(keys)
    assert "final-style-0" in keys


@pytest.mark.parametrize("rows", [EVEN, UNEVEN])
def test_an_earlier_run_adds_its_starts(tmp_path, monkeypatch, rows):
    guess(monkeypatch, draw_evenly)
    data = draw_set(16).subset(rows)
    jobs, keys = compute(tmp_path / "g", data, make_pool, number=1, started=True)
    assert sorted(job.key for job in jobs) == sorted(keys)
    assert any(key.startswith("final-real-") and "start=parent" in key for key in keys)


@pytest.mark.parametrize("rows", [EVEN, UNEVEN])
def test_whichever_start_wins_no_jobs_are_added(tmp_path, monkeypatch, rows):
    guess(monkeypatch, draw_randomly)
    data = draw_set(16).subset(rows)
    jobs, keys = compute(tmp_path / "g", data, make_pool, number=1, started=True)
    listed = Counter(find_kind(job.key) for job in jobs)
    assert Counter(map(find_kind, keys)) <= listed


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("rows", [EVEN, UNEVEN])
def test_whichever_wins_there_are_as_many_of_each_kind(
    tmp_path, monkeypatch, rows, number
):
    guess(monkeypatch, draw_randomly)
    data = draw_set(16).subset(rows)
    jobs, keys = compute(tmp_path / "g", data, make_pool, number=number)
    listed = Counter(find_kind(job.key) for job in jobs)
    computed = Counter(map(find_kind, keys))
    real = ("final fit of real images",)
    assert computed.pop(real) <= listed.pop(real)
    assert computed == listed


def test_without_a_pool_there_are_fewer(tmp_path, monkeypatch):
    guess(monkeypatch, draw_evenly)
    jobs, keys = compute(tmp_path / "g", draw_set(16), make_nothing)
    assert keys < {job.key for job in jobs}


def test_costs_are_what_a_budget_counts():
    """12 mixtures at a quarter, 4 at half of the steps; placebos; 2 + 4 × 2 + 2."""
    settings = Settings()
    fits = 9 + 1 + 1.4 * (12 * 0.5 + 4 * 1.0 + 2)  # in half fits
    final = 2 + 4 + 1.4 * (4 + 2)
    assert count_fits(settings, folds=1, uneven=False) == pytest.approx(
        fits / 2 + final
    )
    started = 2 + 1.4  # two opponents more, and the best mixture with the other start
    assert count_fits(settings, folds=1, uneven=False, started=True) == pytest.approx(
        (fits + started) / 2 + final + 2  # the opponent's are its own
    )
    tuned = list_jobs(settings, folds=5, uneven=False, first=True)
    assert {job.key: job.cost for job in tuned}["optimisation"] == 4 * 5 / 2
