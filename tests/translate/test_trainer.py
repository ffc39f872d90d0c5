"""A translator's step: resume, gradients, odd inputs."""

import numpy as np
import pytest
import torch

from ganaug.errors import CheckpointError, ConfigError, DataError
from ganaug.training.state import copy_state
from ganaug.translate.adversarial import teach_discriminator
from ganaug.translate.inputs.pairs import PairSampler
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import TranslationTrainer

CONFIG = TranslateConfig(
    height=8, width=8, channels=1, features=8, features_d=8, blocks=1, batch=8,
    images=160, terms="identity,round-trip,layout,variety",
)  # fmt: skip
CPU = torch.device("cpu")


def make_trainer(config=CONFIG, domains=3, n=24):
    random = np.random.default_rng(0)
    shape = (n, config.height, config.width, config.channels)
    images = torch.from_numpy(random.integers(0, 256, shape, dtype=np.uint8))
    labels, places = np.arange(n) % 2, np.arange(n) // 2 % domains
    return TranslationTrainer(
        config, images, labels, places, counts=(2, domains), device=CPU
    )


def run(trainer, steps):
    for _ in range(steps):
        trainer.step()
    return trainer


def test_a_restored_training_equals_an_uninterrupted_one():
    straight = run(make_trainer(), 6)
    begun = run(make_trainer(), 3)
    resumed = make_trainer()
    resumed.load_state_dict(copy_state(begun.state_dict()))
    run(resumed, 3)
    left, right = straight.state_dict(), resumed.state_dict()
    assert left.keys() == right.keys()
    for name, value in left.items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(value, right[name]), name
        else:
            assert value == right[name]


def test_a_step_changes_both_networks_and_means_are_finite():
    trainer = make_trainer()
    before = copy_state(trainer.state_dict())
    run(trainer, 4)
    for part in "gd":
        changed = [
            not torch.equal(before[name], value)
            for name, value in trainer.state_dict().items()
            if name.startswith(f"{part}.")
        ]
        assert any(changed)
    means = trainer.take_means()
    assert trainer.is_sound()
    assert {"d_loss", "g_loss", "penalty", "identity", "variety"} <= means.keys()
    assert all(np.isfinite(value) for value in means.values())


def test_the_generators_pull_is_the_gradient_of_its_loss():
    trainer = make_trainer(CONFIG.replace(augment=None, penalties=None))
    draws = trainer.sampler.draw(0)
    real = trainer._signal(draws.real)
    fake = trainer._signal(draws.source).requires_grad_()
    judge = trainer.discriminator
    loss = trainer.loss.generator(judge(real, draws.place), judge(fake, draws.place))
    (wanted,) = torch.autograd.grad(loss.mean(), fake)
    places = draws.place.twice()
    found = teach_discriminator(
        trainer, real, fake.detach(), draws.u, lambda x: judge(x, places)
    )
    assert torch.allclose(found, wanted, atol=1e-7)


def test_another_configuration_is_refused():
    state = make_trainer().state_dict()
    with pytest.raises(CheckpointError, match="another configuration"):
        make_trainer(CONFIG.replace(lr=1e-3)).load_state_dict(state)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(4, 4), (9, 13), (32, 8)])
def test_any_size_and_channels(size, channels):
    config = CONFIG.replace(height=size[0], width=size[1], channels=channels, step=4)
    assert run(make_trainer(config), 1).is_sound()


def test_two_hundred_domains():
    assert run(make_trainer(domains=200, n=400), 1).is_sound()


def test_unknown_domains_are_sources_only_and_unlabelled_images_have_no_class():
    labels = np.array([0, 0, 1, -1, -1, 1])
    domains = np.array([0, 1, 0, 2, 2, -1])
    sampler = PairSampler(labels, domains, batch=64, latent=2, alone=0.5, seed=0)
    draws = [sampler.draw(64 * k) for k in range(4)]
    real = torch.cat([d.real for d in draws])
    source = torch.cat([d.source for d in draws])
    domain = torch.cat([d.place.domain for d in draws])
    classed = torch.cat([d.place.classed for d in draws]) > 0
    assert 5 in source
    assert 5 not in real
    assert set(domain.tolist()) == {0, 1, 2}
    assert (torch.tensor(domains)[source] != domain).all()
    known = torch.tensor(labels)
    assert (known[real[classed]] == known[source[classed]]).all()
    assert (known[real[classed]] >= 0).all()


def test_a_single_domain_is_refused():
    with pytest.raises(DataError, match="at least two domains"):
        make_trainer(domains=1)


def test_no_class_in_two_domains_leaves_the_domain_alone():
    labels, domains = np.array([0, 1]), np.array([0, 1])
    sampler = PairSampler(labels, domains, batch=4, latent=2, alone=0.5, seed=0)
    assert not sampler.draw(0).place.classed.any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": "identiti"},
        {"terms": "identity:0"},
        {"loss": "none"},
        {"penalties": "gp"},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ConfigError):
        CONFIG.replace(**wrong)
