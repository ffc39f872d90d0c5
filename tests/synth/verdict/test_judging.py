"""Verdicts on real images, alike images, and images of wrong classes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ganaug.config import TrainConfig
from ganaug.data.origin import Origin
from ganaug.gan.settings.length import RunLength, measure_length
from ganaug.synth.verdict.judging import say
from ganaug.synth.verdict.measures import FEWEST, compare_class
from ganaug.synth.verdict.next_step import Situation, advise_on_store
from ganaug.synth.verdict.rules import (
    LIMITS,
    judge_class,
    judge_classes,
    judge_figures,
    say_fraction,
)

RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(160, 6)).astype(np.float32)
AS_REAL = {"kept": 0.9, "variety": 1.0, "recall": 1.0, "nearness": 1.0}
SITUATION = Situation(
    config=TrainConfig(penalties="r1,r2", gamma=1.0), length=None, default=10.0,
    settings={}, origin=Origin("digits"), store=Path("no-such-synthetic"),
    per_class=60, fewest=90, filtered=True,
)  # fmt: skip


def draw(n=60, scale=1.0, shift=0.0):
    return (RNG.normal(size=(n, 6)) * scale + shift).astype(np.float32)


def test_images_like_real_ones_reach_about_one():
    each = np.mean([compare_class(draw(), REAL) for _ in range(8)], axis=0)
    np.testing.assert_allclose(each, 1, atol=0.1)


def test_each_fault_lowers_its_figure():
    alike, far = (
        compare_class(draw(scale=0.1), REAL),
        compare_class(draw(shift=9), REAL),
    )
    assert alike.variety < 0.2
    assert alike.recall < 0.2
    assert alike.nearness > 0.9
    assert far.variety > 0.8
    assert far.recall == far.nearness == 0


def test_a_class_without_images_reaches_nothing():
    found = compare_class(draw(0), REAL)
    assert (found.variety, found.recall) == (0, 0)


@pytest.mark.parametrize("n", [1, FEWEST - 1])
def test_too_few_images_leave_figures_open(n):
    assert np.isnan(compare_class(draw(n), REAL).recall)
    assert np.isnan(compare_class(draw(), REAL[:n]).recall)


def test_the_number_of_images_changes_little():
    few = np.mean([compare_class(draw(20), REAL).recall for _ in range(8)])
    assert few == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("name", LIMITS)
def test_every_figure_can_spoil_a_class(name):
    assert judge_class(AS_REAL).word == "good"
    assert judge_class(AS_REAL).reason is None
    worse = judge_class(AS_REAL | {name: 0.99 * LIMITS[name].poor})
    assert worse.word == "poor"
    assert worse.reason
    assert judge_figures(AS_REAL | {name: 0.99 * LIMITS[name].good}) == "usable"


GOOD = judge_class(AS_REAL)
POOR = judge_class(AS_REAL | {"variety": 0.0})
EMPTY = judge_class({"kept": 0, "variety": 0, "recall": 0, "nearness": np.nan})


def test_poor_classes_spoil_a_store():
    assert judge_classes(AS_REAL, [GOOD] * 10) == "good"
    assert judge_classes(AS_REAL, [GOOD] * 9 + [POOR]) == "usable"
    assert judge_classes(AS_REAL, [GOOD] * 4 + [POOR] * 6) == "poor"


def test_a_class_without_images_makes_a_store_poor():
    assert EMPTY.reason == "none of its candidates was kept"
    assert judge_classes(AS_REAL, [GOOD] * 9 + [EMPTY]) == "poor"
    assert judge_classes(AS_REAL, [GOOD, EMPTY]) == "poor"
    sentence = say("poor", AS_REAL, {"cat": GOOD, "dog": EMPTY, "cow": POOR})
    assert sentence == (
        "Poor: 1 of 3 classes has no images (dog), 1 of 3 classes is poor (cow)."
    )


def test_what_was_not_measured_is_usable_at_best_and_said():
    few = AS_REAL | {"variety": np.nan, "recall": np.nan}
    assert judge_figures(few) == judge_class(few).word == "usable"
    assert judge_class(few).reason == "too few images to measure variety and recall"
    found = {"cat": GOOD, "dog": judge_class(few)}
    assert judge_classes(AS_REAL, found.values()) == "usable"
    assert say("usable", AS_REAL, found) == (
        "Usable: 1 of 2 classes has too few images to measure all (dog)."
    )
    assert say("usable", few, {"dog": judge_class(few)}) == (
        "Usable: too few images to measure variety and recall."
    )


def test_shares_are_said_as_people_do():
    assert [say_fraction(v) for v in (0, 0.2, 0.5, 0.93)] == [
        "none", "a fifth", "half", "93 %",
    ]  # fmt: skip


def test_the_next_step_names_a_short_budget_first():
    short = replace(SITUATION, length=RunLength(1.0, 10.0), fewest=5)
    assert advise_on_store(short, "poor") == (
        "60 s is a tenth of what these data need by default: ganaug synth digits "
        "--budget 10m --per-class 60 --out no-such-synthetic-2"
    )
    assert advise_on_store(short, "good") is None


def test_a_training_that_began_with_another_run_begins_with_it_again():
    short = RunLength(1.0, 10.0, images=6_000, enough=60_000)
    begun = replace(SITUATION, length=short, start="first-run")
    assert "--start first-run --budget 10m" in advise_on_store(begun, "poor")
    assert advise_on_store(begun, "usable").startswith("measure whether it helps")
    noise = replace(SITUATION, length=short)
    assert "--budget 10m" in advise_on_store(noise, "usable")


def test_the_next_step_on_a_slow_machine_is_more_time():
    slow = measure_length(10.0, 12_000, (28, 28))
    assert advise_on_store(replace(SITUATION, length=slow), "poor").startswith(
        "12,000 images in 10 minutes are a fifth of what these data need: "
        "ganaug synth digits --budget 50m "
    )
    enough = measure_length(10.0, 120_000, (28, 28))
    assert "--budget" not in advise_on_store(replace(SITUATION, length=enough), "poor")


def test_the_next_step_names_nothing_that_is_set():
    assert "--set batch_std=4" in advise_on_store(SITUATION, "poor")
    config = SITUATION.config.replace(batch_std=4)
    assert "--set gamma=4" in advise_on_store(replace(SITUATION, config=config), "poor")
    full = config.replace(gamma=50.0)
    unknown = replace(SITUATION, config=full)
    assert advise_on_store(unknown, "poor").startswith(
        "train longer: ganaug synth digits --budget 30m "
    )
    assert "--budget 36m" in advise_on_store(
        replace(unknown, length=RunLength(12.0, 10.0)), "poor"
    )


def test_the_next_step_repeats_what_the_run_was_given():
    origin = Origin("digits", "^patient[0-9]+")
    settings = {"gamma": 1.0, "augment": None, "images": 900}
    given = replace(
        SITUATION, origin=origin, settings=settings, length=RunLength(20.0, 10.0)
    )
    start = "ganaug synth digits --group-regex '^patient[0-9]+' --set gamma=1.0 "
    assert f"{start}--set augment=none --set images=900 --set batch_std=4 --per" in (
        advise_on_store(given, "poor")
    )
    short = advise_on_store(replace(given, length=RunLength(1.0, 10.0)), "poor")
    assert f"{start}--set augment=none --budget 10m --per-class" in short
    timed = replace(given, settings={})
    assert "--budget 20m --set batch_std=4" in advise_on_store(timed, "poor")
    assert "gain digits --group-regex '^pat" in advise_on_store(given, "usable")


def test_the_next_step_repeats_a_whole_configuration():
    whole = replace(
        SITUATION, given=True, settings={"gamma": 1.0}, length=RunLength(20.0, 10.0)
    )
    start = "ganaug synth digits --config no-such-synthetic "
    assert f"{start}--set batch_std=4 --per-class" in advise_on_store(whole, "poor")
    short = advise_on_store(replace(whole, length=RunLength(1.0, 10.0)), "poor")
    assert f"{start}--budget 10m --per-class" in short


def test_the_next_step_repeats_how_the_images_were_drawn():
    soft = replace(SITUATION, drawn_with=("--labels soft", "--size data"))
    assert advise_on_store(soft, "poor").endswith(
        "--per-class 60 --labels soft --size data --out no-such-synthetic-2"
    )


def test_the_next_step_names_a_folder_that_is_free(tmp_path):
    (tmp_path / "s-2.run").mkdir()
    beside = replace(SITUATION, store=tmp_path / "s", filtered=False)
    assert advise_on_store(beside, "usable") == (
        f"leave the filters on: ganaug synth {tmp_path}/s --per-class 60 "
        f"--out {tmp_path}/s-3"
    )


def test_the_next_step_follows_from_what_was_left_out():
    assert "filters" in advise_on_store(replace(SITUATION, filtered=False), "usable")
    assert "ganaug gain digits" in advise_on_store(SITUATION, "usable")
    assert "has 12" in advise_on_store(replace(SITUATION, fewest=12), "poor")
