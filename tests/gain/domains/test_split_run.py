"""One split where domains are known: what is filled, chosen, trained and counted."""

from dataclasses import replace

import numpy as np
import pytest
from lights import build_softmax, draw_data

from ganaug.gain.domains.candidates import (
    Candidate,
    list_augmentations,
    list_filled,
    list_jittered,
)
from ganaug.gain.domains.filling import fill_by_carrier, list_sources
from ganaug.gain.domains.judging import summarise_domains
from ganaug.gain.domains.split_data import DomainExperiment
from ganaug.gain.domains.split_run import (
    find_units,
    read_choices,
    run_domain_split,
)
from ganaug.gain.domains.splits import make_domain_splits
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import (
    EVEN,
    OPPONENT,
    ORACLE,
    PLACEBO,
    SHUFFLED,
    STANDARD,
    SYNTHETIC,
)
from ganaug.gain.protocol.split_task import FLIPS
from ganaug.gain.settings import Settings
from ganaug.recipe import Recipe
from ganaug.report.rendering import render_report
from ganaug.translate.classical.carriers import CARRIERS

TINY = Settings(
    steps=3, initialisations=1, ensemble=False, tune=False, policies=("none",),
    mixes=("none",), grid=(8, 8),
)  # fmt: skip
DESIGN = Design(classifier="a net", pretrained_run=False, margin=0.01)


def open_kept(path):
    """Open a folder that knows already that mirroring changes the labels."""
    kept = Kept(path, {})
    kept.once(f"split-00/{FLIPS}", lambda: {FLIPS: [False, False]})
    return kept


def make_experiment(path, data, **options):
    return DomainExperiment(
        data=data,
        settings=TINY,
        kept=open_kept(path),
        make_fill=fill_by_carrier("linear", 6),
        build=build_softmax,
        per_cell=6,
        **options,
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    data = draw_data()
    path = tmp_path_factory.mktemp("gain")
    shuffled = fill_by_carrier("statistics", 6)
    experiment = make_experiment(path, data, make_shuffled=shuffled)
    made = make_domain_splits(data, 2, given=False)
    result = run_domain_split(experiment, made.splits[0], 0, oracle=draw_data(seed=1))
    return path, data, made, [result, replace(result, number=1)]


def test_hidden_cells_are_tested_by_every_arm(found):
    _, _, made, results = found
    arms = {OPPONENT, SYNTHETIC, PLACEBO, EVEN, SHUFFLED, ORACLE, "plain", "standard"}
    result, split = results[0], made.splits[0]
    assert set(result.predictions) == arms
    assert len(result.labels) == len(split.test) == 8
    assert len(set(result.counted)) == 1, "one class hidden in one domain"
    assert result.recipes[SYNTHETIC].draw == "cells"
    assert result.recipes[SYNTHETIC].real_only == 0


def test_what_is_finished_is_not_computed_again(found, monkeypatch):
    path, data, made, results = found
    monkeypatch.setattr(
        "ganaug.gain.protocol.final_fits.fit_and_predict_each", lambda *a, **k: 1 / 0
    )
    experiment = make_experiment(path, data)
    again = run_domain_split(experiment, made.splits[0], 0)
    same = again.predictions[SYNTHETIC] == results[0].predictions[SYNTHETIC]
    assert same.all()


def test_another_split_can_take_over_the_choices(found, tmp_path, monkeypatch):
    _, data, made, results = found
    for choice in ("choose_standard", "choose_opponent", "choose_mixture"):
        name = f"ganaug.gain.domains.split_run.{choice}"
        monkeypatch.setattr(name, lambda *_: pytest.fail("it chooses anew"))
    experiment = make_experiment(tmp_path, data)
    chosen = read_choices(results[0])
    other = run_domain_split(experiment, made.splits[1], 1, chosen=chosen)
    for arm in (STANDARD, OPPONENT, SYNTHETIC):
        assert other.recipes[arm] == results[0].recipes[arm]
    assert other.carrier == results[0].carrier


def test_the_verdict_names_the_cells_and_is_kept_by_cell(found):
    path, data, made, results = found
    design = replace(DESIGN, overlap=made.overlap, classes=data.classes)
    result = summarise_domains(results, design, data, path=path)
    assert "hidden cells (" in result.verdict.metric
    assert "a in inverted" in result.verdict.sentence or "a in plain" in (
        result.verdict.sentence
    )
    assert {"lacking_cells", "worst_cells"} < set(result.details.arms[OPPONENT])
    result.save()
    again = GainResult.load(path)
    page = render_report(path).read_text(encoding="utf-8")
    assert "Cell by cell" in page
    assert "a translator of shuffled domains" in page
    assert "judged cells %" in page
    assert again.details.cells == result.details.cells
    assert len(again.details.cells) == 8
    lacking = [cell for cell in again.details.cells if not cell.images]
    assert [(cell.label, cell.domain) for cell in lacking] == [
        ("c", "inverted"), ("d", "inverted"),
    ]  # fmt: skip


def test_thin_and_empty_cells_count_alone_where_a_test_set_is_given():
    train = draw_data()
    test = replace(train, labels=np.tile(np.arange(4), len(train) // 4))
    units = find_units(test, train, hidden=False)
    counts = (test.domains == 1) & (test.labels >= 2)
    assert (units[counts] >= 0).all()
    assert (units[~counts] == -1).all()
    assert (find_units(test, train, hidden=True) >= 0).all()


def test_every_cell_is_filled_from_other_domains():
    data = draw_data()
    sources, targets = list_sources(data, 25, seed=0)
    assert (data.domains[sources] != targets).all()
    filled = np.unique(np.stack([data.labels[sources], targets]), axis=1)
    assert filled.T.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 1], [3, 1]]
    turns = np.bincount(sources[(data.labels[sources] == 2)], minlength=len(data))
    assert set(turns[data.labels == 2]) == {3, 4}, "in turn"


def test_candidates_build_on_the_best_augmentation():
    every = list_augmentations(["rand"], ["none", "mixup"])
    assert {c.recipe.sampling for c in every} == {"cells"}
    said = [c.say() for c in every]
    assert len(said) == len(set(said)) == 6
    filled = list_filled(Candidate(Recipe("rand", sampling="cells")))
    assert [c.carrier for c in filled] == list(CARRIERS)
    assert list_jittered(filled[1])[0].recipe.policy == "jitter"
    assert list_jittered(list_jittered(filled[1])[0]) == []
