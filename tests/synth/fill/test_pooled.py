"""Unlabelled images: labelled ones are carried into their look, and judged."""

from dataclasses import replace

import numpy as np
import pytest
from carriers import DOMAINS, Lamp, draw_domains, hold_all

from ganaug.data.unlabelled import UnlabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.synth.fill import guessing
from ganaug.synth.fill.guessing import LABELLED, guess_classes, join_guessed
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.fill.pooled import carry_into_pools
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verification import verify

SETTINGS = {"images": 16, "batch": 4, "features": 8, "blocks": 1, "features_d": 8}


@pytest.fixture(scope="module", autouse=True)
def _learn_briefly():
    def brief(*args, **options):
        own = {"rounds": 1, "steps": 60, "policy": "shift"}
        return train(*args, **{**options, **own})

    train = guessing.self_train
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guessing, "self_train", brief)
        patch.setattr("ganaug.synth.fill.label.MOST_STEPS", 40)
        yield


@pytest.fixture(scope="module")
def labelled():
    data = draw_domains([[16, 0], [16, 0], [16, 0]])
    return replace(data, domains=None, domain_names=())


@pytest.fixture(scope="module")
def pool():
    return UnlabelledImages(draw_domains([[0, 14]] * 3, seed=1).images, "bright")


def test_guessed_images_join_the_labelled_ones(labelled, pool):
    guessed = guess_classes(labelled, pool)
    assert (guessed.found.guesses == np.repeat([0, 1, 2], 14)).mean() > 0.8
    joined, rest = join_guessed(labelled, [guessed])
    assert joined.domain_names == (LABELLED, "bright")
    sure = int(guessed.found.chosen.sum())
    assert len(joined) == len(labelled) + sure
    assert sum(len(each.images) for each in rest) == len(pool) - sure
    assert np.bincount(joined.domains).tolist() == [len(labelled), sure]


def test_images_of_every_class_go_into_the_pool(labelled, pool, tmp_path):
    weights = tmp_path / "generator.safetensors"
    weights.write_bytes(b"weights")
    guessed = guess_classes(labelled, pool)
    lamp = Lamp(replace(labelled, domain_names=DOMAINS, domains=labelled.labels * 0))
    real = hold_all(lamp.data)
    store = fill_cells(
        lamp, real, tmp_path / "s", generator=weights, pools=[guessed],
        options=FillOptions(per_cell=8),
    )  # fmt: skip
    assert store.verdict.word != "poor", store.verdict
    assert set(store.domains.tolist()) == {1}
    assert store.counts.min() >= 6
    still = Lamp(lamp.data, dim=0.0)
    poor = fill_cells(
        still, real, tmp_path / "p", generator=weights, pools=[guessed],
        options=FillOptions(per_cell=4),
    )  # fmt: skip
    assert poor.verdict.word == "poor"
    assert poor.verdict.cells[0].domain == "bright"


def test_a_translator_learns_from_the_pool(labelled, pool, tmp_path):
    store = carry_into_pools(
        labelled, [pool], tmp_path / "s", settings=SETTINGS,
        options=FillOptions(per_cell=3, filters=None),
    )  # fmt: skip
    assert store.counts.tolist() == [3, 3, 3]
    assert store.domain_names == (LABELLED, "bright")
    rows = store.manifest
    assert set(rows["source_domain"]) == {LABELLED}
    assert set(rows["domain"]) == {"bright"}
    assert verify(store, data=labelled) == []


def test_what_does_not_fit_unlabelled_images_is_refused(labelled, pool, tmp_path):
    with pytest.raises(ConfigError, match="get per_class=N images"):
        synthesize(
            labelled, tmp_path / "s", unlabelled={"bright": pool.images}, fill=True
        )
    with pytest.raises(DataError, match="copies of labelled images"):
        synthesize(labelled, tmp_path / "s", unlabelled={"b": labelled.images})
    one = labelled.subset(np.flatnonzero(labelled.labels == 0))
    with pytest.raises(DataError, match="one class cannot be told"):
        synthesize(one, tmp_path / "s", unlabelled={"bright": pool.images})


def test_a_carrier_is_refused_before_anything_is_learnt(tmp_path):
    data = draw_domains([[9, 0], [9, 0], [9, 0]], side=8)
    pool = UnlabelledImages(data.images, "night")
    with pytest.raises(ConfigError, match="a carrier fills cells from images with"):
        carry_into_pools(
            data, [pool], tmp_path / "s", options=FillOptions(),
            settings={"carrier": "histogram"},
        )  # fmt: skip
    assert not list(tmp_path.iterdir())
