from dataclasses import replace

import pytest
from torch.nn.functional import softplus

from ganaug.config import ResolvedConfig, TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.objective.losses import LOSSES, Loss
from ganaug.gan.settings.resolve import read_config, resolve_config


@pytest.mark.parametrize("name", LOSSES)
def test_each_loss_comes_with_its_own_values(name):
    config, loss = resolve_config(TrainConfig(loss=name)), LOSSES[name]
    for field in ("penalty_every", "critic_steps", "clip", "beta1", "beta2"):
        assert getattr(config, field) == getattr(loss, field)
    assert config.penalties == (",".join(loss.penalties) or None)
    assert config.gamma == (loss.gamma if loss.penalties else 0)
    assert resolve_config(config) == config


def test_published_settings():
    wgan, gp = LOSSES["wgan"], LOSSES["wgan-gp"]
    assert (wgan.clip, wgan.critic_steps) == (0.01, 5)  # Arjovsky et al., algorithm 1
    # Gulrajani et al., algorithm 1: λ 10, 5 critic steps, β 0 and .9
    assert (gp.gamma / 2, gp.critic_steps, gp.beta1, gp.beta2) == (10, 5, 0, 0.9)
    for name in ("bce", "lsgan"):  # Radford et al., section 4
        assert (LOSSES[name].beta1, LOSSES[name].beta2) == (0.5, 0.999)


def test_what_is_set_stays():
    config = TrainConfig(loss="wgan", clip=0.1, critic_steps=2, beta1=0.5)
    resolved = resolve_config(config)
    assert (resolved.clip, resolved.critic_steps, resolved.beta1) == (0.1, 2, 0.5)


def test_a_resolved_config_has_no_auto_and_takes_none():
    resolved = resolve_config(TrainConfig())
    assert type(resolved) is ResolvedConfig
    assert list(resolved.to_dict()) == list(TrainConfig().to_dict())
    assert "auto" not in resolved.to_dict().values()
    for name, kind in (("gamma", "float"), ("clip", r"float \| None")):
        with pytest.raises(ConfigError, match=f"{name}='auto' .* must be {kind}$"):
            resolved.replace(**{name: "auto"})
    with pytest.raises(ConfigError, match=r"gamma=-1 .* must lie in"):
        resolved.replace(gamma=-1)


def test_a_file_of_an_earlier_version_is_read():
    values = resolve_config(TrainConfig(loss="wgan-gp", conditioning="image")).to_dict()
    whole = read_config(values)
    for name in ("mismatch", "beta2", "clip"):  # not known to it
        del values[name]
    values["gamma"] = values["critic_steps"] = "auto"
    assert read_config(values) == whole


def test_a_record_of_ones_own_brings_its_values():
    loss = replace(LOSSES["hinge"], critic_steps=3, penalties=("r1",), name="mine")
    resolved = resolve_config(TrainConfig(loss=loss))
    assert (resolved.critic_steps, resolved.penalties) == (3, "r1")
    assert resolved.loss is loss
    # a resolved config needs no record: its file has the name alone
    named = resolved.replace(loss="mine")
    assert read_config(named.to_dict()) == named
    with pytest.raises(ConfigError, match="there is no loss 'mine'"):
        resolve_config(named)


def test_a_record_whose_generator_would_learn_nothing_is_refused():
    def both(real, fake):
        return softplus(real - fake)

    discriminator = LOSSES["bce-ns"].discriminator
    with pytest.raises(ConfigError, match=r"'mine' reads the real .* paired=True"):
        resolve_config(TrainConfig(loss=Loss(discriminator, both, name="mine")))
    paired = Loss(discriminator, both, paired=True, name="mine")
    assert resolve_config(TrainConfig(loss=paired)).loss is paired
    deaf = Loss(discriminator, lambda real, _: -real, paired=True, name="deaf")
    with pytest.raises(ConfigError, match="does not depend on the fake"):
        resolve_config(TrainConfig(loss=deaf))


def test_no_weight_is_infinite():
    for name in ("gamma", "mismatch"):
        with pytest.raises(ConfigError, match=name):
            TrainConfig(**{name: float("inf")})
