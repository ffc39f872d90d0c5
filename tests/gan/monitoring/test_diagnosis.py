"""Diagnoses: norms and gaps by hand, matching rows, and a trainer left as it was."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from ganaug.config import TrainConfig
from ganaug.gan.monitoring.diagnosis import (
    FEWEST,
    LEAST_BETWEEN,
    STEPS_BETWEEN,
    Diagnosis,
    Diagnostics,
    gradient_norm,
    match_classes,
    read_diagnosis,
    remaining_slope,
    standardised_gap,
)
from ganaug.gan.monitoring.quality import QualityWatch
from ganaug.gan.objective.losses import LOSSES, Loss
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer

TINY = TrainConfig(
    network="dcgan", height=8, width=8, channels=1, base_channels=8, latent=8,
    batch=8, images=8 * STEPS_BETWEEN * FEWEST, augment="translation",
)  # fmt: skip
CPU = torch.device("cpu")


def make_parts(held=40, **more):
    rng = np.random.default_rng(0)
    config = resolve_config(TINY.replace(**more))
    images = torch.from_numpy(rng.integers(0, 256, (60, 8, 8, 1), np.uint8))
    trainer = Trainer(config, images, torch.arange(60) % 2, 2, CPU)
    others = rng.integers(0, 256, (held, 8, 8, 1), np.uint8)
    labels = np.arange(held) % 2
    watch = QualityWatch(config, images.numpy(), np.arange(60) % 2, 2)
    return trainer, Diagnostics(trainer, watch, others, labels)


def test_the_gradient_norm_of_a_linear_map_is_that_of_its_inputs():
    layer = nn.Linear(3, 1)
    layer(torch.tensor([[1.0, 2.0, 2.0]])).sum().backward()
    assert gradient_norm(layer.parameters()) == pytest.approx(10**0.5)  # bias: 1
    assert gradient_norm(nn.Linear(2, 2).parameters()) == 0


def test_the_gap_is_in_standard_deviations_of_the_held_out():
    held = torch.tensor([1.0, 2.0, 3.0])
    assert standardised_gap(torch.tensor([4.0, 5.0]), held) == pytest.approx(2.5)
    assert standardised_gap(held, torch.ones(3)) is None


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


SLOPES = {  # by hand, at D(fake) = f against D(real) = r, over that at 0 and 0
    "relativistic": lambda r, f: 2 * sigmoid(r - f),
    "bce": lambda r, f: 2 * sigmoid(f),
    "bce-ns": lambda r, f: 2 * sigmoid(-f),
    "lsgan": lambda r, f: abs(f - 1),
    "hinge": lambda r, f: 1,
    "wgan": lambda r, f: 1,
    "wgan-gp": lambda r, f: 1,
}


@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_is_that_of_the_generators_loss_at_the_typical_fake(name):
    with torch.inference_mode():
        real, fake = torch.tensor([1.0, 2.0, 9.0]), torch.tensor([5.0, -4.0, -3.0])
    found = remaining_slope(LOSSES[name], real, fake)
    assert found == pytest.approx(np.median([SLOPES[name](2, f) for f in (5, -4, -3)]))
    assert remaining_slope(LOSSES[name], real, fake[:0]) is None


def test_a_loss_that_starts_flat_has_no_slope_to_compare_with():
    flat = Loss(lambda real, fake: fake, lambda real, fake: fake**2)
    assert remaining_slope(flat, torch.ones(2), torch.ones(2)) is None


def test_margin_and_gap_are_differences_of_mean_logits():
    trainer, diagnostics = make_parts()
    for _ in range(3):
        trainer.step()
    found = diagnostics.measure()
    with torch.no_grad():
        fake = diagnostics.watch.generate(trainer.average, CPU, diagnostics.per_class)
        y = diagnostics.watch.labels_of(diagnostics.per_class)
        logits = {
            name: trainer.discriminator(x, labels, trainer.class_weight)
            for name, x, labels in (
                ("fake", fake, y),
                ("real", diagnostics.real, diagnostics.labels),
                ("held", diagnostics.held, diagnostics.labels),
            )
        }
    margin = logits["real"].mean() - logits["fake"].mean()
    gap = (logits["real"].mean() - logits["held"].mean()) / logits["held"].std()
    assert found.margin == pytest.approx(float(margin), rel=1e-4, abs=1e-6)
    assert found.gap == pytest.approx(float(gap), rel=1e-4, abs=1e-6)
    assert found.gradient == gradient_norm(trainer.generator.parameters()) > 0
    assert found.images == 24


@pytest.mark.parametrize(
    "more", [{}, {"pack": 2}, {"norm_d": "batch", "penalties": None}]
)
def test_measuring_leaves_the_training_as_it_was(more):
    (watched, diagnostics), (other, _) = make_parts(**more), make_parts(**more)
    for _ in range(4):
        watched.step()
        diagnostics.measure()
        other.step()
    assert watched.discriminator.training
    for one, two in (
        (watched.generator, other.generator),
        (watched.discriminator, other.discriminator),
    ):
        for name, value in one.state_dict().items():
            assert torch.equal(value, two.state_dict()[name]), name


def test_without_enough_held_out_images_there_is_no_gap():
    trainer, diagnostics = make_parts(held=10)
    trainer.step()
    found = diagnostics.measure()
    assert found.gap is None
    assert found.margin is not None


@pytest.mark.parametrize(
    ("steps", "between"),
    [
        (STEPS_BETWEEN * FEWEST, STEPS_BETWEEN),
        (LEAST_BETWEEN * 20, 2 * LEAST_BETWEEN),
        (LEAST_BETWEEN * 3, LEAST_BETWEEN),
    ],
)
def test_the_first_step_and_each_interval_are_due(steps, between):
    trainer, diagnostics = make_parts(images=8 * steps)
    due = []
    for step in range(1, steps + 1):
        trainer.seen = step * 8
        if diagnostics.is_due():
            due.append(step)
    assert due == [1, *range(between, steps + 1, between)]


def test_the_class_of_alike_fakes_is_measured():
    trainer, diagnostics = make_parts()
    trainer.step()
    found = diagnostics.measure()
    assert 0 < found.alike <= found.diversity
    assert found.alike_class is None, "nobody named the classes"
    diagnostics.classes = names = [
        f"class {k}" for k in range(diagnostics.watch.classes)
    ]
    found = diagnostics.measure()
    assert found.alike_class in names
    assert read_diagnosis(found.to_row(), 128).alike_class == found.alike_class


def test_rows_survive_their_file():
    one = Diagnosis(64, 0.5, diversity=0.25, margin=-1.0)
    assert read_diagnosis(one.to_row(), 128) == one


def test_matched_rows_have_the_same_classes():
    one, other = np.array([0, 1, 1, 2, 1, 0]), np.array([1, 0, 0, 1, -1])
    mine, others = match_classes(one, other, most=99)
    assert one[mine].tolist() == other[others].tolist() == [0, 0, 1, 1]
    mine, others = match_classes(one, other, group=2, most=3)
    assert one[mine].tolist() == other[others].tolist() == [0, 0]
