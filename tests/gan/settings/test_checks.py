"""Conflicts are refused; a field without effect changes no weight of a training."""

import numpy as np
import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError
from ganaug.gan.objective.losses import LOSSES
from ganaug.gan.plan import make_plan
from ganaug.gan.settings.checks import find_ineffective
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.training import train
from ganaug.training.weights import load_tensors

CPU = torch.device("cpu")
TINY = {
    "height": 8, "width": 8, "channels": 1, "base_channels": 16, "latent": 8,
    "batch": 8, "images": 64, "snapshots": 0, "holdout": 0.0, "network": "r3",
    "stem": "full",
}  # fmt: skip
DCGAN = {"network": "dcgan"}
STRIDED = {**DCGAN, "stem": "strided"}
# settings under which a field has no effect, the field, another value of it
CASES = [
    (STRIDED, "depth", 2),
    (STRIDED, "stem", "full"),
    (STRIDED, "max_channels", 16),
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
def test_a_field_without_effect_changes_no_weight(tmp_path, cause, field, other):
    assert field in find_ineffective(resolve_config(TrainConfig(**{**TINY, **cause})))
    usual = weights_of(tmp_path / "usual", cause)
    assert are_equal(usual, weights_of(tmp_path / "other", {**cause, field: other}))


@pytest.mark.parametrize(
    ("field", "other"), sorted({(field, other) for _, field, other in CASES}, key=str)
)
def test_elsewhere_it_does(tmp_path, field, other):
    start = {"stem": "strided"} if field == "stem" else {}
    assert field not in find_ineffective(
        resolve_config(TrainConfig(**{**TINY, **start}))
    )
    usual = weights_of(tmp_path / "usual", start)
    assert not are_equal(usual, weights_of(tmp_path / "other", {field: other}))


def test_a_request_without_effect_is_refused_and_other_fields_are_explained():
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


def test_a_whole_configuration_may_have_fields_without_effect():
    images = uneven()
    base = resolve_config(TrainConfig(**{**TINY, **STRIDED, "max_channels": 64}))
    made = make_plan(images, take_fingerprint(images), device=CPU, base=base)
    assert made.config == base
    assert made.reasons["latent"] == "from the configuration given"
    longer = make_plan(
        images, take_fingerprint(images), budget=0.1, device=CPU, base=base
    )
    assert longer.config.images != base.images
    assert longer.config.replace(images=base.images) == base


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stem": "fulll"}, "stem=fulll .* is not allowed; choose strided or full"),
        ({"conditioning": "none", "mismatch": 1}, "mismatch=1 is not for"),
        ({"conditioning": "separate", "mismatch": 0.5}, "mismatch=0.5 is not for"),
    ],
)
def test_settings_without_effect_are_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        resolve_config(TrainConfig(**changes))


@pytest.mark.parametrize("loss", [n for n, loss in LOSSES.items() if not loss.clip])
@pytest.mark.parametrize("penalties", ["r1", "r2", "r1,r2", "gp"])
def test_every_loss_takes_every_penalty(loss, penalties):
    assert (
        resolve_config(TrainConfig(loss=loss, penalties=penalties)).penalties
        == penalties
    )


def test_spectral_norm_bounds_a_critic_by_itself():
    config = TrainConfig(**DCGAN, loss="wgan", clip=None, norm_d="spectral")
    assert resolve_config(config).clip is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"loss": "wgan", "penalties": "gp"}, "clip=0.01 and penalties=gp"),
        ({"clip": 0.1}, "clip=0.1 and penalties=r1,r2"),
        ({"penalties": "r1,gp"}, "penalties=r1,gp are not allowed together"),
        ({"loss": "wgan", "clip": None}, "loss=wgan needs a bound"),
        ({"loss": "wgan-gp", "gamma": 0.0}, "loss=wgan-gp needs a bound"),
        ({"penalties": None, "gamma": 5}, "gamma=5 has no effect with penalties=none"),
        ({"penalties": "r9"}, "there is no 'r9'"),
        (DCGAN | {"norm_d": "batch"}, "norm_d=batch and penalties=r1,r2"),
        (DCGAN | {"loss": "bce", "norm_d": "batch,spectral"}, "keep one of them"),
        (DCGAN | {"loss": "wgan", "norm_d": "spectral"}, "clip=0.01 and norm_d"),
        (DCGAN | {"norm_d": "layer"}, "there is no 'layer'"),
        ({"pack": 64, "batch": 32}, "pack=64 is not allowed with batch=32"),
        ({"pack": 3}, "batch=64 is not allowed with pack=3: .* multiple of 3; .*=66"),
        ({"batch_std": 4, "pack": 4, "batch": 8}, "with pack=4, batch_std=4: .*16"),
        ({"batch": 1, "diversity": "entropy"}, "batch=1 is not allowed with diversity"),
        ({"diversity": "variety"}, "there is no 'variety'"),
        ({"slope_d": 0.0}, "slope_d=0.0 is not for network=r3"),
        ({"norm": "batch"}, "norm=batch is not for network=r3"),
    ],
)
def test_conflicts_are_refused_in_one_line(values, message):
    with pytest.raises(ConfigError, match=message) as caught:
        resolve_config(TrainConfig(**values))
    assert "\n" not in str(caught.value)
