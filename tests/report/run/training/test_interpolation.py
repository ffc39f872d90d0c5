"""Interpolation: along the great circle, and its ends are what the generator draws."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from ganaug.config import TrainConfig
from ganaug.gan.generators import Generators, Member
from ganaug.gan.inputs.value_range import make_span
from ganaug.gan.networks.build import build_generator
from ganaug.report.run.training.interpolation import (
    STEPS,
    _describe_between,
    _describe_within,
    slerp,
)
from ganaug.synth.synthesizer import Synthesizer

CONFIG = TrainConfig(
    height=8, width=8, channels=1, latent=8, base_channels=16, max_channels=16
)


def make_generators(network):
    torch.manual_seed(0)
    config = CONFIG.replace(network=network)
    built = build_generator(config, 3).eval().requires_grad_(False)
    members = (Member(built, ("a", "b", "c")),)
    where, span = torch.device("cpu"), make_span([20.0], [200.0])
    return Generators(config, ("a", "b", "c"), members, (8, 8), "", where, span)


def read_pixels(image):
    data = base64.b64decode(image.uri.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)))[:, :, None]


def test_slerp_turns_at_constant_speed():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5))
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    points = slerp(a, b, np.linspace(0, 1, 7)).astype(float)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)
    assert np.allclose([points[0], points[-1]], [a, b], atol=1e-6)
    turns = np.arccos(np.einsum("ij,ij->i", points[1:], points[:-1]))
    assert np.allclose(turns, np.arccos(a @ b) / 6, atol=1e-3)


def test_slerp_of_parallel_and_zero_vectors():
    a = np.array([1.0, 2.0])
    assert np.allclose(slerp(a, 3 * a, np.array([0.5])), 2 * a)
    assert np.isfinite(slerp(a, -a, np.linspace(0, 1, 3))).all()
    assert np.allclose(slerp(a, 0 * a, np.array([0.0, 1.0])), [a, 0 * a])


@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_the_ends_are_the_generator_s_own_images(network):
    made = make_generators(network)
    drawn = Synthesizer(made).sample(["b", "b"], seed=0)
    images = _describe_within(made, "b")["images"]
    assert len(images) == STEPS
    assert (read_pixels(images[0]) == drawn[0]).all()
    assert (read_pixels(images[-1]) == drawn[1]).all()


@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_between_classes_only_the_class_changes(network):
    made = make_generators(network)
    before = made.members[0].network.input.embed.weight.clone()
    row = _describe_between(made, "a", "c")
    assert (row["name"], row["other"], len(row["images"])) == ("a", "c", STEPS)
    drawn = Synthesizer(made).sample(["a"], seed=0)
    assert (read_pixels(row["images"][0]) == drawn[0]).all()
    assert (made.members[0].network.input.embed.weight == before).all()
    member = Member(build_generator(CONFIG, 0), ("a",))
    alone = replace(made, classes=("a",), members=(member,))
    assert _describe_between(alone, "a", "a") is None
