"""What is handed out where filling cells without a network is the best training."""

from dataclasses import replace

import numpy as np
import pytest
from carriers import draw_domains

from ganaug.data.fingerprint import digest_set
from ganaug.errors import DataError
from ganaug.gain.domains.judging import summarise_domains
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.protocol.arms import EVEN, OPPONENT, PLACEBO, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.recipe import Recipe, read_recipe
from ganaug.report.rendering import render_report
from ganaug.synth.synthesis import synthesize

FILLED = Recipe("none", sampling="cells", share=0.5, draw="cells")
COUNTS = [[9, 9], [9, 9], [9, 0]]
N = 60  # test images


@pytest.fixture(scope="module")
def data():
    return draw_domains(COUNTS, side=8)


def make_result(number, *, even, opponent, synthetic, carrier="statistics"):
    """Make a split whose arms are right for that many of its test images."""
    labels = np.arange(N) % 3

    def predict(right):
        guesses = np.where(np.arange(N) < right, labels, (labels + 1) % 3)
        return np.eye(3, dtype=np.float32)[guesses][None]

    arms = {
        EVEN: (even, replace(FILLED, share=0.0)), OPPONENT: (opponent, FILLED),
        SYNTHETIC: (synthetic, FILLED), PLACEBO: (even, FILLED),
        "plain": (even, Recipe()), "standard": (even, Recipe()),
    }  # fmt: skip
    return SplitResult(
        number=number, labels=labels, domains=np.ones(N, np.int64),
        predictions={name: predict(right) for name, (right, _) in arms.items()},
        recipes={name: recipe for name, (_, recipe) in arms.items()},
        kept=np.array([1, 1, 1]), units=np.zeros(N, np.int64), carrier=carrier,
    )  # fmt: skip


def judge(results, data, path):
    design = Design(
        margin=0.01, pretrained_run=False, classifier="a net", classes=data.classes
    )
    result = summarise_domains(results, design, data, path=path)
    details = replace(
        result.details, fingerprint=digest_set(data), counts=count_classes(data)
    )
    return replace(result, details=details)


def count_classes(data):
    return dict(zip(data.classes, data.counts.tolist(), strict=True))


def draw_splits(even, opponent, synthetic, **options):
    return [
        make_result(k, even=even + k % 2, opponent=opponent + k % 3,
                    synthetic=synthetic + k % 2, **options)
        for k in range(5)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def gain(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("gain")
    result = judge(draw_splits(20, 44, 44), data, path)
    result.save()
    return result


def test_the_carrier_of_the_best_training_is_handed_out(gain):
    assert gain.verdict.word != "helps"
    assert gain.details.carried.gain.mean == pytest.approx(0.41, abs=0.01)
    measured = read_recipe(gain.path)
    assert (measured.carrier, measured.share, measured.recipe.draw) == (
        "statistics", 0.5, "cells",
    )  # fmt: skip
    assert GainResult.load(gain.path).details.carried == gain.details.carried
    page = render_report(gain.path).read_text(encoding="utf-8")
    assert "Fill cells without a network" in page


def test_a_store_of_the_recipe_is_followed_without_training(gain, data, tmp_path):
    out = tmp_path / "filled"
    store = synthesize(
        data, out, fill=True, recipe=gain.path, filters=None, progress=None
    )
    assert store.meta.config["carrier"] == "statistics"
    mixed = SyntheticDataset(data, store, share="auto", classes="cells")
    assert mixed.is_synthetic.mean() == pytest.approx(0.5, abs=0.02)


def test_a_store_of_another_way_is_refused(gain, data, tmp_path):
    run_of = tmp_path / "other"
    synthesize(data, run_of, fill=True, recipe=gain.path, filters=None, progress=None)
    (run_of / "recipe.json").write_text(
        (run_of / "recipe.json").read_text().replace('"statistics"', '"histogram"')
    )
    with pytest.raises(DataError, match=r"about images of histogram.*of statistics"):
        SyntheticDataset(data, run_of, share="auto", classes="cells")


@pytest.mark.parametrize(("opponent", "carrier"), [(20, "statistics"), (44, "")])
def test_nothing_is_handed_out_that_was_not_shown(opponent, carrier, data, tmp_path):
    result = judge(draw_splits(20, opponent, 20, carrier=carrier), data, tmp_path)
    assert result.carrier == ""
    assert (result.recipe.share, result.recipe.draw) == (0.0, "natural")


def test_a_translator_that_helps_goes_before_a_carrier(data, tmp_path):
    result = judge(draw_splits(20, 40, 55), data, tmp_path)
    assert result.verdict.word == "helps"
    assert result.carrier == ""
