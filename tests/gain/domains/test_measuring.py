"""A gain from data with domains to its verdict: cells are filled, hidden or tested."""

from dataclasses import replace

import numpy as np
import pytest
from lights import draw_data, make_softmax

from ganaug.data.cells import SEEN, count_cells
from ganaug.gain.budget import plan_gain
from ganaug.gain.domains import measuring
from ganaug.gain.domains.inputs import has_fillable_cells
from ganaug.gain.domains.jobs import list_domain_jobs
from ganaug.gain.measuring import measure_gain
from ganaug.gain.request import GainOptions, identify_request, make_request
from ganaug.gain.settings import Settings
from ganaug.translate.settings import TranslateConfig

TINY = Settings(
    steps=3, initialisations=1, ensemble=False, tune=False, policies=("none",),
    mixes=("none",), grid=(8, 8), gan_minutes=0.01, per_class=8,
)  # fmt: skip

TRANSLATOR = TranslateConfig(
    height=8, width=8, channels=1, features=8, blocks=1, features_d=8, latent=2,
    batch=8, images=16, snapshots=0,
)  # fmt: skip


def make_test(seed=5):
    """Draw test images of every cell, those that lack in training too."""
    data = draw_data(seed=seed)
    images, labels = data.images.copy(), data.labels
    lit = np.flatnonzero(labels >= 2)[::2]
    domains = data.domains.copy()
    images[lit], domains[lit] = 220 - images[lit], 1
    return replace(data, images=images, domains=domains)


def test_cells_are_hidden_filled_and_judged(tmp_path, monkeypatch):
    monkeypatch.setattr("ganaug.classify.flips.STEPS", 2)
    monkeypatch.setattr(measuring, "plan_fill", lambda *a, **k: TRANSLATOR.to_dict())
    seen = []
    result = measure_gain(
        draw_data(), out=tmp_path / "g", classifier=make_softmax, settings=TINY,
        splits=2, progress=seen.append,
    )  # fmt: skip
    assert "hidden cells" in result.verdict.sentence
    assert result.details.tested_on == "hidden cells of the data"
    assert any("hidden in turn" in note for note in result.details.notes)
    assert result.details.cells
    assert result.gains["opponent"].n == 2
    assert all(status.done <= status.jobs for status in seen if status.split)
    assert not (tmp_path / "g" / "gans" / "split-00-pool").exists()


def test_a_test_set_that_shows_lacking_cells_is_tested():
    options = GainOptions(classifier=make_softmax, splits=3)
    given = make_request(draw_data(), make_test(), options)
    assert given.by_cells
    assert all(split.test is None for split in given.splits.splits)
    assert given.notes == make_request(draw_data(), make_test(), options).notes
    for split in given.splits.splits:
        counts = count_cells(given.data.subset(split.fit))
        assert not counts[2:, 1].any()
    silent = replace(make_test(), domains=None, domain_names=())
    hidden = make_request(draw_data(), silent, options)
    assert all(split.test is not None for split in hidden.splits.splits)
    assert any("no domains" in note for note in hidden.notes)


def test_cells_are_hidden_on_request_though_a_test_set_shows_them():
    options = GainOptions(classifier=make_softmax, splits=3, hide_cells=True)
    request = make_request(draw_data(), make_test(), options)
    assert all(split.test is not None for split in request.splits.splits)
    assert any("as was asked" in note for note in request.notes)
    plain = replace(options, hide_cells=False)
    other = make_request(draw_data(), make_test(), plain)
    assert identify_request(other) != identify_request(request)


def test_test_domains_are_matched_by_name():
    turned = make_test()
    turned = replace(
        turned, domains=1 - turned.domains, domain_names=("inverted", "plain")
    )
    request = make_request(draw_data(), turned, GainOptions(classifier=make_softmax))
    assert (request.test.domains == make_test().domains).all()


def test_data_without_cells_to_fill_are_measured_as_ever():
    data = draw_data()
    assert has_fillable_cells(data)
    plain = replace(data, domains=None, domain_names=())
    full = data.subset(np.flatnonzero(data.labels < 2))
    apart = data.subset(np.flatnonzero((data.labels == 0) != (data.domains == 1)))
    assert (count_cells(full)[:2] >= SEEN).all()
    for other in (plain, apart):
        assert not has_fillable_cells(other)
        request = make_request(other, None, GainOptions(classifier=make_softmax))
        assert not request.by_cells


def test_the_budget_counts_what_cells_cost(monkeypatch):
    monkeypatch.setattr("ganaug.gain.budget._time_step", lambda *a: 1e-3)
    options = GainOptions(classifier=make_softmax, budget=20, splits=3)
    estimate = plan_gain(make_request(draw_data(), make_test(), options))
    assert estimate.splits == 3
    fits = sum(job.cost for job in list_domain_jobs(estimate.settings))
    assert estimate.fits == round(3 * fits)
    assert estimate.gan_minutes == pytest.approx(
        3 * 1.5 * estimate.settings.gan_minutes, abs=0.1
    )


def test_domains_that_cannot_be_judged_are_said():
    data = draw_data()
    apart = replace(data, domains=(data.labels > 1).astype(np.int64))
    request = make_request(apart, None, GainOptions(device="cpu"))
    assert not request.by_cells
    (note,) = [each for each in request.notes if "domains" in each]
    assert "no class was seen in two domains" in note
    assert "two classes in both" in note
