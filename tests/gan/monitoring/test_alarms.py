"""Alarms on histories made by hand: they ring where they should, and not elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from ganaug.config import TrainConfig
from ganaug.gan.monitoring.alarms import (
    ALARMS,
    LARGEST_GAP,
    LARGEST_MARGIN,
    LASTING,
    LASTING_IF_RARE,
    LEAST_DIVERSITY,
    LEAST_GRADIENT,
    LEAST_OF_CLASS,
    end,
    ring,
)
from ganaug.gan.monitoring.diagnosis import Diagnosis
from ganaug.gan.settings.length import RunLength


def history(n=50, **figures):
    """Make n diagnoses; a figure is one number, or one for each of them."""
    columns = {k: np.broadcast_to(v, n).tolist() for k, v in figures.items()}
    return [
        Diagnosis(64 * (i + 1), (i + 1) / n, **{k: v[i] for k, v in columns.items()})
        for i in range(n)
    ]


HEALTHY = {"diversity": 0.8, "gradient": 1.0, "margin": 1.0, "gap": 0.1}
FAULTS = {
    "collapse": {"diversity": 0.9 * LEAST_DIVERSITY},
    "vanishing": {
        "gradient": [1.0] * 25 + [0.9 * LEAST_GRADIENT] * 25,
        "margin": 1.1 * LARGEST_MARGIN,
    },
    "overfitting": {"gap": 1.1 * LARGEST_GAP},
}


def test_every_alarm_has_a_fault_here():
    assert set(FAULTS) == set(ALARMS)


@pytest.mark.parametrize("name", FAULTS)
def test_an_alarm_rings_for_its_own_fault_alone(name):
    (fired,) = ring(history(**HEALTHY | FAULTS[name]))
    assert fired.name == name
    assert fired.images == 64 * 50
    assert "--set" in fired.sentence
    assert "{" not in fired.sentence


@pytest.mark.parametrize("name", FAULTS)
def test_an_alarm_is_over_when_its_fault_has_passed(name):
    bad, good = history(**HEALTHY | FAULTS[name]), history(**HEALTHY)
    assert end(bad, {name}) == []
    assert end([*bad, *good[:1]], {name}) == []  # one may be a lucky batch
    (fired,) = end([*bad, *good], {name})
    assert fired.name == name
    assert fired.over
    assert fired.to_row().keys() == {"images", "over", "sentence"}
    assert end([*bad, *good], set()) == []


def test_a_collapse_that_only_begins_to_grow_is_not_over():
    grows = np.linspace(0.1, 0.99 * LEAST_DIVERSITY, 50)
    assert end(history(diversity=grows), {"collapse"}) == []
    alike = history(diversity=0.5, alike=0.5 * LEAST_OF_CLASS)
    assert end(alike, {"collapse"}) == []


def test_a_healthy_history_is_silent():
    assert ring(history(**HEALTHY)) == []
    assert ring([]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_last_is_no_alarm(name):
    found = history(**HEALTHY | FAULTS[name])
    better = replace(found[-2], **HEALTHY)
    assert ring([*found[:-2], better, found[-1]]) == []
    assert ring(found[-LASTING + 1 :]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_short_runs_need_fewer_diagnoses(name):
    found = history(
        10, **HEALTHY | {k: np.resize(v, 50)[-10:] for k, v in FAULTS[name].items()}
    )
    if name == "vanishing":
        found[0] = replace(found[0], gradient=1.0)
    assert [fired.name for fired in ring(found[: 1 + LASTING_IF_RARE])] == [name]


def test_a_single_class_of_alike_images_is_a_collapse():
    (fired,) = ring(history(**HEALTHY | {"alike": 0.9 * LEAST_OF_CLASS}))
    assert fired.name == "collapse"
    assert ring(history(**HEALTHY | {"alike": 1.1 * LEAST_OF_CLASS})) == []


def test_the_class_that_collapses_is_named_with_its_own_figure():
    found = history(**HEALTHY | {"alike": 0.05})
    assert (
        "images of one class look alike (diversity 0.05 of" in ring(found)[0].sentence
    )
    named = [replace(d, alike_class="cat") for d in found]
    (fired,) = ring(named)
    assert "images of class cat look alike (diversity 0.05 of the" in fired.sentence
    every = [replace(d, diversity=0.1) for d in named]
    assert "images of a class look alike (diversity 0.10" in ring(every)[0].sentence


def test_advice_names_nothing_that_is_set():
    bad = history(**HEALTHY | FAULTS["collapse"])
    plain = TrainConfig(penalties=None)
    assert "penalties=r1,r2" in ring(bad, plain)[0].sentence
    bounded = plain.replace(penalties="r1,r2", gamma=1.0)
    assert "penalties" not in ring(bad, bounded)[0].sentence
    every = bounded.replace(batch_std=4)
    sentence = ring(bad, every)[0].sentence
    assert "batch_std" not in sentence
    assert "gamma=4" in sentence


def test_advice_names_a_budget_far_below_the_default_first():
    bad = history(**HEALTHY | FAULTS["collapse"])
    short = ring(bad, TrainConfig(), length=RunLength(1.0, 10.0))[0].sentence
    assert "(--out), train longer (--budget 10m; 60 s is a tenth" in short
    assert "--budget" not in ring(bad, length=RunLength(9.0, 10.0))[0].sentence


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_measured_is_no_alarm(name):
    reads = ALARMS[name].reads
    assert ring(history(**HEALTHY | FAULTS[name] | {reads: None})) == []


def test_a_generator_that_learns_variety_has_not_collapsed():
    growing = 0.01 * 1.06 ** np.arange(50)
    assert ring(history(**HEALTHY | {"diversity": growing})) == []


def test_a_small_gradient_alone_or_a_sure_critic_alone_is_fine():
    small = {"gradient": FAULTS["vanishing"]["gradient"]}
    sure = {"margin": FAULTS["vanishing"]["margin"]}
    at_rest = {"margin": [1.0] * 25 + [0.4] * 25}
    assert ring(history(**HEALTHY | small | at_rest)) == []
    assert ring(history(**HEALTHY | sure)) == []


@pytest.mark.parametrize("margin", [1.8, 0.9, 1e-4])  # of hinge, lsgan, clipped wgan
def test_losses_without_odds_have_their_own_scale(margin):
    """The gradient vanishes while D stays sure."""
    gone = FAULTS["vanishing"] | {"margin": margin}
    (fired,) = ring(history(**HEALTHY | gone, slope=1.0))
    assert fired.name == "vanishing"
    below = {"margin": [margin] * 25 + [0.4 * margin] * 25}
    assert ring(history(**HEALTHY | gone | below, slope=1.0)) == []
    assert ring(history(**HEALTHY | gone | {"gradient": 0.1}, slope=1.0)) == []


def test_a_flat_loss_is_no_signal_whatever_the_norm_of_a_few_batches():
    noisy = HEALTHY | {"gradient": [0.6, 0.02, 0.4, 0.1, 0.3] * 10, "margin": 24.0}
    (fired,) = ring(history(**noisy, slope=1e-4))
    assert (fired.name, "24.0 logits above" in fired.sentence) == ("vanishing", True)
    assert ring(history(**noisy, slope=1.0)) == []
    assert ring(history(**noisy | {"margin": 1.0}, slope=1e-4)) == []
