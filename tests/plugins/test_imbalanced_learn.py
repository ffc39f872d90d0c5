"""GANSampler: imbalanced-learn's own checks, pipelines, tables and odd input."""

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline
from imblearn.utils.estimator_checks import estimator_checks_generator
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from ganaug import GANSampler
from ganaug.errors import ConfigError, DataError, RunError

FEW = {"images": 64, "features": 8, "latent": 4}


def make_table(n=40):
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": random.integers(20, 80, n),
            "dose": random.normal(size=n).round(2),
            "sex": pd.Categorical(random.choice(["f", "m"], n)),
            "site": random.choice(["a", "b", None], n),
            "seen": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(random.integers(0, 99, n), "D"),
            "smokes": random.random(n) > 0.5,
        },
        index=range(100, 100 + n),
    )
    table.loc[table.index[::7], "dose"] = np.nan
    return table, pd.Series(["well"] * (n - 8) + ["ill"] * 8, name="state")


CHECKS = list(estimator_checks_generator(GANSampler(settings=FEW, random_state=0)))


@pytest.mark.parametrize(
    ("sampler", "check"), CHECKS, ids=[check.func.__name__ for _, check in CHECKS]
)
def test_checks_of_imbalanced_learn(sampler, check):
    check(sampler)


def test_tables_keep_originals_types_names_and_order():
    table, y = make_table()
    sampler = GANSampler(settings=FEW, random_state=0)
    more, labels = sampler.fit_resample(table, y)
    pd.testing.assert_frame_equal(more[:40], table.reset_index(drop=True))
    assert more.dtypes.equals(table.dtypes)
    assert labels.name == "state"
    assert labels.value_counts().to_dict() == {"well": 32, "ill": 32}
    new = more[40:]
    assert set(new["sex"]) <= {"f", "m"}
    assert new["age"].between(20, 79).all()
    assert (new["seen"] == new["seen"].dt.normalize()).all()
    assert np.allclose(new["dose"].dropna() * 100, (new["dose"].dropna() * 100).round())
    assert any("missing values are drawn as such in dose, site" in note
               for note in sampler.notes_)  # fmt: skip
    assert len(sampler.new_rows_) == 24


def test_missing_values_are_imputed_on_request():
    table, y = make_table()
    sampler = GANSampler(settings=FEW, missing="impute", random_state=0)
    more, _ = sampler.fit_resample(table, y)
    assert not more.isna().any(axis=None)
    assert "filled in, in dose, site" in sampler.notes_[0]


def test_the_same_seed_draws_the_same_rows_and_no_copies():
    x, y = make_classification(80, weights=[0.8], random_state=0)
    sampler = GANSampler(settings=FEW, random_state=3)
    first, again = (clone(sampler).fit_resample(x, y)[0] for _ in range(2))
    assert np.array_equal(first, again)
    other = clone(sampler).set_params(random_state=4).fit_resample(x, y)[0]
    assert not np.array_equal(first, other)
    assert np.array_equal(first[:80], x)
    assert len(np.unique(first, axis=0)) == len(first)


def test_it_fits_into_pipelines_and_searches():
    x, y = make_classification(90, weights=[0.8], random_state=0)
    model = make_pipeline(
        GANSampler(settings=FEW, random_state=0), LogisticRegression(max_iter=300)
    )
    assert np.isfinite(cross_val_score(model, x, y, cv=2)).all()
    search = GridSearchCV(model, {"gansampler__filters": [None, ("label",)]}, cv=2)
    assert search.fit(x, y).best_params_.keys() == {"gansampler__filters"}


def test_a_folder_keeps_the_training_and_refuses_other_rows(tmp_path):
    x, y = make_classification(60, weights=[0.8], random_state=0)
    sampler = GANSampler(settings=FEW, folder=tmp_path / "kept", random_state=0)
    first = sampler.fit_resample(x, y)[0]
    files = sorted((tmp_path / "kept" / "checkpoints").iterdir())
    assert np.array_equal(sampler.fit_resample(x, y)[0], first)
    assert sorted((tmp_path / "kept" / "checkpoints").iterdir()) == files
    with pytest.raises(RunError, match="other rows"):
        sampler.fit_resample(x + 1, 1 - y)
    with pytest.raises(RunError, match="other settings"):
        sampler.set_params(random_state=1).fit_resample(x, y)


@pytest.mark.slow
def test_images_go_to_the_image_gan():
    random = np.random.default_rng(0)
    x = random.integers(0, 17, (24, 64)).astype(float)
    y = np.array([0] * 16 + [1] * 8)
    settings = {"images": 64, "batch": 8, "base_channels": 8}
    sampler = GANSampler(image_shape=(8, 8), settings=settings, random_state=0)
    more, labels = sampler.fit_resample(x, y)
    assert np.array_equal(more[:24], x)
    assert more.shape[1] == 64
    assert 0 <= more.min() <= more.max() <= 16
    assert set(labels[24:]) <= {1}


def test_odd_tables_get_one_clear_line():
    table, y = make_table()
    sampler = GANSampler(settings=FEW, random_state=0)
    twice = table.set_axis(["a", "a", *table.columns[2:]], axis=1)
    with pytest.raises(DataError, match="column 'a' twice"):
        sampler.fit_resample(twice, y)
    endless = table.assign(dose=table["dose"].fillna(np.inf))
    with pytest.raises(DataError, match="'dose' is infinite in row 0"):
        sampler.fit_resample(endless, y)
    with pytest.raises(ValueError, match="infinity"):
        sampler.fit_resample(np.full((40, 2), np.inf), y)
    with pytest.raises(ConfigError, match="no filter 'lable'"):
        clone(sampler).set_params(filters=["lable"]).fit_resample(table, y)
    with pytest.raises(ConfigError, match="which is no column"):
        clone(sampler).set_params(categorical_features=["x"]).fit_resample(table, y)
    with pytest.raises(DataError, match="no column of the table can be drawn"):
        sampler.fit_resample(table[["sex"]].assign(sex="f"), y)
    with pytest.raises(DataError, match="image_shape"):
        clone(sampler).set_params(image_shape=(3, 3)).fit_resample(np.ones((40, 4)), y)


def test_codes_can_be_declared_categories():
    random = np.random.default_rng(0)
    x = np.stack([random.choice([11, 22, 55, 77], 40), random.normal(size=40)], axis=1)
    y = np.array([0] * 32 + [1] * 8)
    for named in ([0], [True, False]):
        sampler = GANSampler(categorical_features=named, settings=FEW, random_state=0)
        more, _ = sampler.fit_resample(x, y)
        assert set(more[40:, 0]) <= {11, 22, 55, 77}


def test_one_row_of_a_class_is_enough():
    x, y = make_classification(40, weights=[0.8], random_state=0)
    keep = np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:1]])
    more, labels = GANSampler(settings=FEW, random_state=0).fit_resample(
        x[keep], y[keep]
    )
    assert np.bincount(labels).tolist() == [len(keep) - 1] * 2
    assert len(np.unique(more, axis=0)) == len(more)
