import math
from dataclasses import replace

import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.inputs.random_draws import Sampler
from ganaug.gan.networks.build import build_discriminator
from ganaug.gan.objective.losses import LOSSES, find_loss
from ganaug.gan.objective.penalties import (
    PENALTIES,
    excess_gradient,
    mix_images,
    parse_penalties,
    squared_gradient,
)
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.step import build_objective, discriminator_loss, own_and_wrong_class


def log_sigmoid(x):
    return -math.log1p(math.exp(-x))


def test_relativistic_against_its_formula():
    real, fake = torch.tensor([1.5, -0.5]), torch.tensor([0.2, 0.9])
    loss = LOSSES["relativistic"]
    for k in range(2):
        gap = float(real[k] - fake[k])
        want_d, want_g = -log_sigmoid(gap), -log_sigmoid(-gap)
        assert float(loss.discriminator(real, fake)[k]) == pytest.approx(want_d, 1e-5)
        assert float(loss.generator(real, fake)[k]) == pytest.approx(want_g, 1e-5)


def test_bce_against_its_formula():
    real, fake = torch.tensor([1.5]), torch.tensor([0.2])
    loss = LOSSES["bce-ns"]
    want = -log_sigmoid(1.5) - log_sigmoid(-0.2)
    assert float(loss.discriminator(real, fake)) == pytest.approx(want, 1e-5)
    assert float(loss.generator(real, fake)) == pytest.approx(-log_sigmoid(0.2), 1e-5)


def test_saturating_bce_against_its_formula():
    real, fake = torch.tensor([1.5]), torch.tensor([0.2])
    loss = LOSSES["bce"]
    want = -log_sigmoid(1.5) - log_sigmoid(-0.2)
    assert float(loss.discriminator(real, fake)) == pytest.approx(want, 1e-5)
    want = math.log(1 - 1 / (1 + math.exp(-0.2)))
    assert float(loss.generator(real, fake)) == pytest.approx(want, 1e-5)


@pytest.mark.parametrize(
    ("name", "discriminator", "generator"),
    [
        ("lsgan", lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda f: (f - 1) ** 2 / 2),
        ("hinge", lambda r, f: max(0, 1 - r) + max(0, 1 + f), lambda f: -f),
        ("wgan", lambda r, f: f - r, lambda f: -f),
        ("wgan-gp", lambda r, f: f - r, lambda f: -f),
    ],
)
def test_unpaired_losses_against_their_formulas(name, discriminator, generator):
    loss = LOSSES[name]
    for r, f in ((1.5, 0.2), (-0.3, -1.7), (0.4, 3.0)):
        real, fake = torch.tensor([r]), torch.tensor([f])
        want = pytest.approx(discriminator(r, f), 1e-5)
        assert float(loss.discriminator(real, fake)) == want
        assert float(loss.generator(real, fake)) == pytest.approx(generator(f), 1e-5)


def test_only_the_saturating_generator_stands_still_before_a_sure_discriminator():
    slopes = {}
    for name, loss in LOSSES.items():
        fake = torch.tensor([-30.0], requires_grad=True)
        loss.generator(torch.tensor([30.0]), fake).sum().backward()
        slopes[name] = float(fake.grad.abs())
    assert slopes.pop("bce") < 1e-12
    assert min(slopes.values()) > 0.99


def test_losses_are_finite_far_out():
    far = torch.tensor([1e4])
    for loss in LOSSES.values():
        for real, fake in ((far, -far), (-far, far)):
            assert loss.discriminator(real, fake).isfinite().all()
            assert loss.generator(real, fake).isfinite().all()


def test_find_loss_takes_a_name_or_a_record():
    record = LOSSES["bce-ns"]
    assert find_loss("bce-ns") is record is find_loss(record)
    with pytest.raises(ConfigError, match="choose one of"):
        find_loss("hinge loss")
    own = replace(record, name="mine")
    assert find_loss(own) is own
    with pytest.raises(ConfigError, match="give yours a new name"):
        find_loss(replace(record, clip=1.0))


def test_squared_gradient_is_exact_and_differentiable():
    weight = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    x = torch.tensor([[1.0, 2.0, 3.0], [0.5, 0.1, -1.0]], requires_grad=True)
    logits = (x.square() * weight).sum(dim=1)
    norm = squared_gradient(logits, x)
    want = (2 * x * weight).square().sum(dim=1)
    torch.testing.assert_close(norm, want)
    norm.sum().backward()  # through the penalty into the weights
    torch.testing.assert_close(weight.grad, (8 * x.square() * weight).sum(dim=0))


@pytest.mark.parametrize("name", PENALTIES)
def test_a_linear_critic_has_the_norm_of_its_weights_as_slope(name):
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(3, 5, 4, generator=generator, requires_grad=True)
    real, fake = torch.randn(2, 6, 3, 5, 4, generator=generator).requires_grad_()
    between = mix_images(real, fake, torch.rand(6, generator=generator))
    images = {"real": real, "fake": fake, "between": between}
    x = images[PENALTIES[name].at]
    penalty = PENALTIES[name].measure((x * weights).sum(dim=(1, 2, 3)), x)
    norm = float(weights.detach().square().sum().sqrt())
    want = (norm - PENALTIES[name].slope) ** 2
    torch.testing.assert_close(penalty, torch.full((6,), want))
    penalty.mean().backward()
    want = 2 * (norm - PENALTIES[name].slope) * weights.detach() / norm
    torch.testing.assert_close(weights.grad, want)


def test_a_slope_of_zero_is_penalised_without_becoming_nan():
    weights = torch.zeros(4, requires_grad=True)
    x = torch.randn(2, 4, requires_grad=True)
    penalty = excess_gradient((x * weights).sum(dim=1), x)
    assert penalty.tolist() == [1.0, 1.0]
    penalty.sum().backward()
    assert weights.grad.isfinite().all()


def test_each_image_is_mixed_by_a_number_of_its_own():
    real, fake = torch.randn(2, 3, 2, 4, 4)
    u = torch.tensor([0.0, 0.25, 1.0])
    x = mix_images(real, fake, u)
    assert x.requires_grad
    for k in range(3):
        want = u[k] * real[k] + (1 - u[k]) * fake[k]
        torch.testing.assert_close(x[k].detach(), want)


def test_unknown_penalties_are_refused_and_gamma_zero_means_none():
    assert parse_penalties("r1, gp", 1.0) == ("r1", "gp")
    assert parse_penalties("r1, gp", 0.0) == parse_penalties(None, 1.0) == ()
    with pytest.raises(ConfigError, match=r"no 'r3'; choose from r1, r2, gp, or none"):
        parse_penalties("r3", 1.0)


def test_a_penalty_is_taken_at_what_the_discriminator_sees():
    config = resolve_config(
        TrainConfig(height=8, width=8, channels=1, base_channels=16, augment=None)
    )
    judge = build_discriminator(config, 3)
    draws = Sampler(torch.tensor([0, 1, 2, 2]), "natural", 8, 64, seed=0).draw(0)
    real, fake = torch.randn(2, 8, 1, 8, 8)
    weight = torch.tensor(1.0)
    objective = build_objective(config.replace(penalties="gp", gamma=6.0), judge, 3)
    loss, penalty = discriminator_loss(
        objective, real, fake, draws=draws, class_weight=weight, penalty_weight=4.0
    )
    mixed = fake + draws.u_between.view(8, 1, 1, 1) * (real - fake)
    mixed.requires_grad_()
    (slope,) = torch.autograd.grad(judge(mixed, draws.y, weight).sum(), mixed)
    want = 3.0 * (slope.flatten(1).norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(penalty.detach(), want)
    gap = judge(fake, draws.y, weight) - judge(real, draws.y, weight)
    plain = torch.nn.functional.softplus(gap).mean()
    torch.testing.assert_close(loss.detach(), (plain + 4 * want).detach())


def test_squared_gradient_of_images_sums_over_all_pixels():
    x = torch.randn(4, 3, 5, 5, requires_grad=True)
    norm = squared_gradient((2 * x).sum(dim=(1, 2, 3)), x)
    torch.testing.assert_close(norm, torch.full((4,), 4.0 * 75))


def test_a_wrong_class_counts_as_fake_and_the_first_column_is_the_own_class():
    config = resolve_config(
        TrainConfig(height=8, width=8, channels=1, base_channels=16, mismatch=0.5)
    )
    judge = build_discriminator(config, 3)
    sampler = Sampler(torch.tensor([0, 1, 2, 2]), "natural", 8, 64, seed=0)
    draws, weight = sampler.draw(0), torch.tensor(1.0)
    assert (draws.y != draws.y_wrong).all()
    real, fake = torch.randn(8, 1, 8, 8), torch.randn(8, 1, 8, 8)
    losses = []
    for mismatch in (0.0, 0.5):
        objective = build_objective(
            config.replace(mismatch=mismatch, augment=None), judge, 3
        )
        loss, _ = discriminator_loss(
            objective, real, fake, draws=draws, class_weight=weight
        )
        losses.append(loss)
    own, wrong = judge(real, draws.y, weight), judge(real, draws.y_wrong, weight)
    term = LOSSES["relativistic"].discriminator(own, wrong).mean()
    torch.testing.assert_close(losses[1] - losses[0], 0.5 * term)


@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_without_mismatch_no_wrong_class_is_judged_and_no_bit_differs(network):
    config = TrainConfig(height=8, width=8, channels=1, base_channels=16)
    config = resolve_config(config.replace(network=network, penalty_every=1))
    judge = build_discriminator(config, 3)
    draws = Sampler(torch.tensor([0, 1, 2, 2]), "natural", 8, 64, seed=0).draw(0)
    real, fake = torch.randn(8, 1, 8, 8), torch.randn(8, 1, 8, 8)
    lean = build_objective(config, judge, 3)
    assert lean.judged_as(draws).tolist() == draws.y[:, None].tolist()
    found = []
    for objective in (lean, replace(lean, judged_as=own_and_wrong_class)):
        judge.zero_grad()
        loss, _ = discriminator_loss(
            objective, real, fake, draws=draws, class_weight=torch.tensor(1.0),
            penalty_weight=1.0,
        )  # fmt: skip
        loss.backward()
        found.append([loss.detach(), *(p.grad for p in judge.parameters())])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize(
    ("penalties", "passes"), [(None, 2), ("r1", 2), ("r1,r2", 2), ("gp", 3)]
)
def test_logits_that_are_there_are_not_computed_again(penalties, passes):
    config = resolve_config(TrainConfig(
        height=8, width=8, channels=1, base_channels=16, penalties=penalties,
    ))  # fmt: skip
    judge = build_discriminator(config, 3)
    calls = []
    judge.register_forward_hook(lambda *_: calls.append(1))
    draws = Sampler(torch.tensor([0, 1, 2, 2]), "natural", 8, 64, seed=0).draw(0)
    real, fake = torch.randn(2, 8, 1, 8, 8)
    discriminator_loss(
        build_objective(config, judge, 3), real, fake, draws=draws,
        class_weight=torch.tensor(1.0), penalty_weight=1.0,
    )  # fmt: skip
    assert len(calls) == passes
