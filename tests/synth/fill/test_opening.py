"""Filled cells with a real translator: from data to a store that can be verified."""

import json
from dataclasses import replace

import numpy as np
import pytest
from carriers import DOMAINS, draw_domains

from ganaug.errors import ConfigError, DataError, RunError, StoreError
from ganaug.gan.run_folder import Run
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.report.rendering import render_report
from ganaug.synth.fill.recording import advise
from ganaug.synth.store.store import Store
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verification import verify
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.training import train_translator

COUNTS = [[9, 9], [9, 0], [0, 9]]


@pytest.fixture(scope="module")
def data():
    return draw_domains(COUNTS, side=8)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    config = TranslateConfig(
        height=8, width=8, channels=1, images=16, batch=4, features=8, blocks=1,
        features_d=8,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("translator") / "cells.run"
    return train_translator(data, folder, config=config, progress=None)


@pytest.fixture(scope="module")
def store(data, run):
    return synthesize(run, data=data, per_cell=4, filters=None, progress=None)


def test_a_run_is_filled_beside_itself(store, run):
    assert store.path == run.path.with_name("cells")
    assert store.domain_names == DOMAINS
    assert len(store) == 3 * 2 * 4
    assert store.meta.config["kind"] == "translator"


def test_a_store_is_verified_with_its_real_images(store, data):
    assert verify(store, data=data) == []
    with pytest.raises(DataError, match="from memory"):
        verify(store)
    image = store.path / store.paths[3]
    whole = image.read_bytes()
    image.write_bytes((store.path / store.paths[4]).read_bytes())
    try:
        found = verify(store, data=data)
    finally:
        image.write_bytes(whole)
    assert [each.path for each in found] == [store.paths[3]]


def test_a_store_draws_more_by_itself(store, data, tmp_path):
    more = synthesize(
        store, tmp_path / "more", data=data, per_cell=6, filters=None, progress=None
    )
    assert len(more) == 3 * 2 * 6
    same = Store.load(more.path)
    for i, path in enumerate(same.paths):
        if path in set(store.paths):
            k = store.paths.tolist().index(path)
            np.testing.assert_array_equal(store.image(k), same.image(i))


def test_another_order_of_the_images_draws_the_same(store, data):
    order = np.random.default_rng(0).permutation(len(data))
    assert verify(store, data=data.subset(order)) == []


def test_a_store_is_mixed_and_reported(store, data):
    mixed = SyntheticDataset(data, store, share=0.5, classes="cells")
    assert mixed.is_synthetic.sum() == len(data)
    page = render_report(store.path, data=data).read_text()
    assert "Filled cells" in page
    assert "9 + 4" in page
    assert "0 + 4" in page
    assert "--per-cell 4" in page


def test_a_translator_is_trained_as_asked(data, tmp_path):
    settings = {"images": 16, "batch": 4, "features": 8, "blocks": 1, "features_d": 8}
    call = {"fill": True, "per_cell": 2, "filters": None, "progress": None}
    store = synthesize(data, tmp_path / "s", budget=2, set=settings, **call)
    assert store.meta.training["settings"] == settings
    assert store.meta.config["features"] == 8
    for wrong in ({"budget": 2}, {"set": settings}):
        with pytest.raises(ConfigError, match="is trained already; omit budget"):
            synthesize(store, data=data, **wrong, **call)


def test_the_next_step_repeats_settings(run, store):
    poor = replace(store.meta, filters=("label", "domain"))
    step = advise("poor", poor, store.path, most=4)
    assert "ganaug synth DATA --fill --per-cell 4 --set height=8 --set width=8" in step
    assert "--set features=8" in step
    assert "--set images" not in step  # the budget decides
    assert "--filters label,domain --budget" in step


def test_what_filled_cells_have_no_use_for_is_refused(run, data, tmp_path):
    for options in ({"per_class": 5}, {"balance": True}, {"size": "data"}):
        with pytest.raises(ConfigError, match="get per_cell images each"):
            synthesize(run, tmp_path / "s", data=data, **options)
    with pytest.raises(ConfigError, match="is a translator, which draws no images"):
        SyntheticDataset(data, run)
    with pytest.raises(RunError, match="is the run of a translator, not of a GAN"):
        Run.load(run.path)
    with pytest.raises(StoreError, match="is a translator; write a store with"):
        render_report(run.path)
    with pytest.raises(DataError, match="no class was seen in two domains"):
        synthesize(draw_domains([[9, 0], [0, 9], [0, 9]]), tmp_path / "s", fill=True)


def test_the_record_says_what_drew_it(store):
    values = json.loads((store.path / "meta.json").read_text())
    assert values["domains"] == list(DOMAINS)
    row = store.manifest.iloc[0]
    assert row["domain"] in DOMAINS
    assert len(row["source_id"]) == 64


@pytest.mark.parametrize("carrier", ["statistics", "first-guess"])
def test_cells_are_filled_without_a_network(data, tmp_path, carrier):
    out = tmp_path / "carried"
    run = train_translator(
        data, tmp_path / "carried.run", set={"carrier": carrier}, progress=None
    )
    store = synthesize(run, out, data=data, per_cell=3, filters=None, progress=None)
    assert len(store) == 3 * 2 * 3
    assert store.meta.config["carrier"] == carrier
    assert verify(store, data=data) == []
    again = synthesize(store, data=data, per_cell=4, filters=None, progress=None)
    assert len(again) == 3 * 2 * 4
