"""Rows of tables: scores, columns, pairs, training, filters and draws."""

import signal

import numpy as np
import pandas as pd
import pytest
import torch

from ganaug.errors import ConfigError, DataError, RunError
from ganaug.tables.columns import describe_column
from ganaug.tables.drawing import draw_rows
from ganaug.tables.draws import RowPairs
from ganaug.tables.encoder import fit_encoder, number_labels, to_frame
from ganaug.tables.filters import fit_filter
from ganaug.tables.networks import RowGenerator
from ganaug.tables.resampling import make_rows
from ganaug.tables.scores import fit_scores
from ganaug.tables.settings import TableConfig, suit_loss
from ganaug.tables.trainer import TableTrainer
from ganaug.tables.training import RowSet, train_rows
from ganaug.training.interrupt import StoppedError
from ganaug.training.state import copy_state

CONFIG = TableConfig(images=320, batch=32, features=8, latent=4, neighbours=2)
CPU = torch.device("cpu")


def make_data(n=40):
    random = np.random.default_rng(0)
    labels = (np.arange(n) >= n - 8).astype(np.int64)
    table = pd.DataFrame(
        {
            "x": random.normal(size=n) + 3 * labels,
            "word": random.choice(["a", "b", "c"], n),
            "half": np.where(random.random(n) < 0.5, np.nan, random.normal(size=n)),
        }
    )
    encoder = fit_encoder(table)
    return table, RowSet(encoder, encoder.encode(table), labels)


def make_trainer(config=CONFIG):
    data = make_data()[1]
    return TableTrainer(config, data.encoder, data.rows, data.labels, CPU)


def run(trainer, steps):
    for _ in range(steps):
        trainer.step()
    return trainer


def test_scores_are_normal_and_go_back():
    values = np.random.default_rng(0).exponential(size=2000)
    scores = fit_scores(values)
    z = scores.to_scores(values)
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1) < 0.01
    assert np.allclose(scores.to_values(z), values, atol=0.02)
    assert scores.to_values(np.array([-9.0, 9.0])).tolist() == [
        values.min(), values.max(),
    ]  # fmt: skip


def test_a_value_that_many_rows_have_keeps_its_share():
    values = np.where(np.arange(1000) < 600, 0.0, np.arange(1000.0))
    back = fit_scores(values).to_values(np.random.default_rng(0).normal(size=4000))
    assert (back == 0).mean() == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([1, 1, 1], "it has one value"),
        ([None, np.nan, None], "it has no values"),
        ([f"word {i}" for i in range(60)], "it has 60 different values"),
        ([f"{i:05d}" for i in range(10_000)], "it has 10,000 different values"),
    ],
)
def test_columns_that_nothing_can_be_learnt_from_are_copied(values, why):
    column = pd.Series(values, name="k")
    assert describe_column("k", column, category=False).why == why
    table = pd.DataFrame({"k": values, "x": np.arange(float(len(values)))})
    encoder = fit_encoder(table)
    back = encoder.decode(encoder.encode(table), table)
    pd.testing.assert_frame_equal(back, table)


@pytest.mark.parametrize(
    "values",
    [
        [3, 4, 9],
        [0.5, 1.25, -7.75],
        [True, False, True],
        ["2024-01-02", "2024-01-05", "2024-03-09"],
        [1, "one", 2.5],
        pd.Series([1, None, 3, 9], dtype="Int64"),
        pd.Series(["u", "v", None], dtype="category"),
        pd.to_datetime(["2024-01-02", None, "2024-01-05", "2024-01-09"]),
        pd.to_timedelta(["1h", "2h", "5h"]),
        pd.to_datetime(["2024-01-02", "2024-01-05", "2024-01-07"]).tz_localize("UTC"),
    ],
    ids=str,
)
def test_columns_come_back_as_they_were(values):
    table = pd.DataFrame({"k": values})
    encoder = fit_encoder(table)
    matrix = encoder.encode(table)
    assert np.isfinite(matrix).all()
    back = encoder.decode(matrix, table)
    pd.testing.assert_frame_equal(back, table)


def test_a_table_must_be_a_table():
    for odd in (pd.DataFrame(), pd.DataFrame({"x": []}), pd.DataFrame(index=[0, 1])):
        with pytest.raises(DataError, match="empty"):
            fit_encoder(odd)
    with pytest.raises(DataError, match="holds list values"):
        fit_encoder(pd.DataFrame({"x": [[1], [2]]}))
    with pytest.raises(DataError, match="1 rows have no label, first row 1"):
        number_labels(["a", None, "b"])
    assert number_labels([2, "b", 2])[0].tolist() == [0, 1, 0]
    assert to_frame([[1, "a"], [2, "b"]]).shape == (2, 2)


def test_pairs_stay_in_their_class_and_classes_come_equally_often():
    labels = np.array([0] * 30 + [1] * 2 + [2])
    rows = np.random.default_rng(0).normal(size=(33, 3)).astype(np.float32)
    pairs = RowPairs(rows, labels, neighbours=3, batch=96, pack=2, noise=5, seed=0)
    draws = pairs.draw(0)
    assert np.bincount(labels[draws.y]).tolist() == [32, 32, 32]
    assert (labels[draws.picked] == labels[draws.y]).all()
    assert (draws.picked[draws.y < 32] != draws.y[draws.y < 32]).all()
    assert torch.equal(draws.y[::2], draws.y[1::2])
    assert torch.equal(pairs.draw(0).z, draws.z)
    assert not torch.equal(pairs.draw(96).z, draws.z)


def test_the_generator_begins_as_the_real_row():
    generator = RowGenerator(2, [3], classes=2, latent=4, features=8)
    row = torch.randn(400, 2)
    row = torch.cat([row, torch.eye(3)[torch.zeros(400, dtype=torch.long)]], dim=1)
    made = generator(torch.randn(400, generator.noise), row, torch.zeros(400).long())
    assert torch.equal(made[:, :2], row[:, :2])
    assert 0.8 < made[:, 2].mean() < 1  # most categories stay


@pytest.mark.parametrize("loss", ["relativistic", "wgan-gp", "wgan"])
def test_a_restored_training_equals_an_uninterrupted_one(loss):
    config = suit_loss(loss).replace(images=320, batch=16, features=8, latent=4, pack=2)
    straight = run(make_trainer(config), 4)
    resumed = make_trainer(config)
    resumed.load_state_dict(copy_state(run(make_trainer(config), 2).state_dict()))
    run(resumed, 2)
    for name, value in straight.state_dict().items():
        same = resumed.state_dict()[name]
        equal = torch.equal(value, same) if torch.is_tensor(value) else value == same
        assert equal, name
    assert straight.is_sound()
    assert all(np.isfinite(v) for v in straight.take_means().values())


def test_the_generator_learns_how_far_neighbours_lie_apart():
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(300, 2)), columns=["x", "y"])
    encoder = fit_encoder(table)
    data = RowSet(encoder, encoder.encode(table), np.zeros(300, np.int64))
    config = TableConfig(images=12_800, features=32, neighbours=5)
    judge = fit_filter(data.rows, data.labels)
    generator = train_rows(data, config)
    drawn = draw_rows(generator, data, judge, {0: 300}, filters=())
    moved = np.linalg.norm(drawn.rows - data.rows[drawn.anchors], axis=1)
    apart = np.linalg.norm(
        data.rows[:, None] - data.rows[RowPairs(
            data.rows, data.labels, neighbours=5, batch=2, pack=1, noise=1, seed=0
        ).partners], axis=2,
    )  # fmt: skip
    assert 0.5 < np.median(moved) / np.median(apart) < 1.6


def test_filters_refuse_copies_and_rows_of_another_class():
    random = np.random.default_rng(0)
    rows = random.normal(size=(80, 4)).astype(np.float32)
    labels = np.repeat([0, 1], 40)
    rows[:40] += 4
    judge = fit_filter(rows, labels)
    assert (judge.measure_copies(rows + 1e-3) < judge.ratio).all()
    fresh = random.normal(size=(80, 4)).astype(np.float32)
    assert (judge.measure_copies(fresh) < judge.ratio).mean() < 0.15
    assert (judge.measure_labels(rows[:40], 1) < judge.least[1]).all()
    assert (judge.measure_labels(fresh, 1) >= judge.least[1]).mean() > 0.9


def test_a_full_table_is_filled_all_the_same_and_says_so():
    table = pd.DataFrame({"a": list("uvuvuvuvuvuv"), "b": list("uuvvuuvvuuvv")})
    new = make_rows(
        table, np.arange(12) // 8, {1: 4}, names=["calm", "wild"], config=CONFIG
    )
    assert len(new.table) == 4
    assert any("of wild did not pass the filters" in note for note in new.notes)


def test_a_label_among_the_features_is_named():
    table, data = make_data()
    copy = table.assign(again=np.where(data.labels, "yes", "no"))
    notes = make_rows(copy, data.labels, {1: 2}, config=CONFIG).notes
    assert any("column again tells the class alone" in note for note in notes)
    assert not any(
        "tells the class" in note
        for note in make_rows(table, data.labels, {}, config=CONFIG).notes
    )


def test_a_budget_becomes_a_number_of_rows(tmp_path):
    data = make_data()[1]
    config = CONFIG.replace(images=10**9)
    train_rows(data, config, folder=tmp_path / "kept", budget=0.01)
    ended = max((tmp_path / "kept" / "checkpoints").iterdir()).stem
    assert 50 * 32 <= int(ended) < 10**6
    with pytest.raises(ConfigError, match="seconds above 0"):
        train_rows(data, config, budget=0)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty"):
        train_rows(data, CONFIG, folder=tmp_path / "other")


def test_ctrl_c_stops_and_the_same_call_resumes(tmp_path, monkeypatch):
    data, steps, usual = make_data()[1], [], TableTrainer.step

    def step(trainer):
        usual(trainer)
        steps.append(trainer.seen)
        if len(steps) == 3:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(TableTrainer, "step", step)
        with pytest.raises(StoppedError, match="after 96 of 320 rows; run the same"):
            train_rows(data, CONFIG, folder=tmp_path / "kept")
    resumed = train_rows(data, CONFIG, folder=tmp_path / "kept").state_dict()
    straight = train_rows(data, CONFIG).state_dict()
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


def test_settings_are_checked():
    with pytest.raises(ConfigError, match="multiple of pack=3"):
        TableConfig(pack=3)
    with pytest.raises(ConfigError, match="no field 'widht'"):
        TableConfig().replace(widht=3)
    with pytest.raises(ConfigError, match="no loss 'wgan-pg'"):
        suit_loss("wgan-pg")


def test_rows_are_judged_as_they_will_stand_in_the_table():
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.integers(0, 4, (60, 6))).add_prefix("x")
    labels = (np.arange(60) >= 45).astype(np.int64)
    new = make_rows(table, labels, {1: 20}, config=CONFIG.replace(images=3_200))
    copied = new.table.merge(table.drop_duplicates(), how="inner")
    assert len(copied) <= new.drawn.tallies[1].forced
    encoded = new.encoder.encode(new.table)
    assert np.allclose(encoded, new.drawn.rows, atol=1e-6)
