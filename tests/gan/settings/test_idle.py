"""What is called idle changes no weight of a training, and would elsewhere."""

import numpy as np
import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError
from ganaug.gan.plan import make_plan
from ganaug.gan.settings.idle import find_idle
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.training import train
from ganaug.training.weights import load_tensors

CPU = torch.device("cpu")
TINY = {
    "height": 8, "width": 8, "channels": 1, "base_channels": 16, "latent": 8,
    "batch": 8, "images": 64, "snapshots": 0, "holdout": 0.0, "network": "r3",
    "stem": "full",
}  # fmt: skip
DCGAN = {"network": "dcgan", "stem": "strided"}
# what makes a field idle, the field, its other value
CASES = [
    (DCGAN, "depth", 2),
    (DCGAN, "stem", "full"),
    (DCGAN, "max_channels", 16),
    ({"augment": None}, "augment_p", 0.1),
    ({"augment": "hflip"}, "augment_p", 0.1),
    ({"penalties": None}, "penalty_every", 1),
    ({"gamma": 0.0}, "penalty_every", 1),
    ({"conditioning": "separate"}, "class_ramp", 1.0),
    ({"conditioning": "none"}, "class_ramp", 1.0),
    ({"conditioning": "separate"}, "class_sampling", "uniform"),
    ({"conditioning": "none"}, "class_sampling", "uniform"),
]


def uneven():
    labels = np.repeat([0, 1], [30, 10])
    pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), np.uint8)
    return LabelledImages(pixels, labels, ("a", "b"), data_size=(8, 8))


def weights_of(folder, settings):
    config = TrainConfig(**{**TINY, **settings})
    run = train(uneven(), folder, config=config, device="cpu")
    files = sorted(run.path.rglob("generator.safetensors"))
    return [value for file in files for value in load_tensors(file)[0].values()]


def are_equal(one, other):
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(("cause", "field", "other"), CASES)
def test_an_idle_field_changes_no_weight(tmp_path, cause, field, other):
    assert field in find_idle(resolve_config(TrainConfig(**{**TINY, **cause})))
    usual = weights_of(tmp_path / "usual", cause)
    assert are_equal(usual, weights_of(tmp_path / "other", {**cause, field: other}))


@pytest.mark.parametrize(
    ("field", "other"), sorted({(field, other) for _, field, other in CASES}, key=str)
)
def test_elsewhere_it_does(tmp_path, field, other):
    start = {"stem": "strided"} if field == "stem" else {}
    assert field not in find_idle(resolve_config(TrainConfig(**{**TINY, **start})))
    usual = weights_of(tmp_path / "usual", start)
    assert not are_equal(usual, weights_of(tmp_path / "other", {field: other}))


def test_what_was_asked_without_effect_is_refused_and_what_was_not_is_said():
    images = uneven()
    asked = {"network": "dcgan", "images": 64}
    made = make_plan(images, take_fingerprint(images), device=CPU, overrides=asked)
    assert made.reasons["depth"] == "has no effect with network=dcgan"
    asked["depth"] = 3
    with pytest.raises(ConfigError) as refused:
        make_plan(images, take_fingerprint(images), device=CPU, overrides=asked)
    assert str(refused.value) == (
        "depth=3 has no effect with network=dcgan; omit it or set network=r3"
    )


def test_a_whole_configuration_may_hold_what_has_no_effect():
    images = uneven()
    base = resolve_config(TrainConfig(**{**TINY, **DCGAN, "max_channels": 64}))
    made = make_plan(images, take_fingerprint(images), device=CPU, base=base)
    assert made.config == base
    assert made.reasons["latent"] == "of the configuration given"
    longer = make_plan(
        images, take_fingerprint(images), budget=0.1, device=CPU, base=base
    )
    assert longer.config.images != base.images
    assert longer.config.replace(images=base.images) == base
