"""Trainer: its step against the same written plainly, and critic steps."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from tiny_runs import tensors_of
from torch.nn import functional as F

from ganaug.config import TrainConfig
from ganaug.gan.objective.diffaugment import augment
from ganaug.gan.objective.diversity import Fakes, mode_seeking, negative_entropy
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.step import generator_loss
from ganaug.gan.trainer import Trainer

TINY = TrainConfig(
    height=16, width=16, channels=1, base_channels=16, max_channels=16, latent=8,
    batch=8, images=800, augment="translation",
)  # fmt: skip


def make_trainer(**more):
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(
        0, 256, (20, 16, 16, 1), dtype=torch.uint8, generator=generator
    )
    labels = torch.arange(20) % 2
    config = resolve_config(TINY.replace(**more))
    return Trainer(config, images, labels, 2, torch.device("cpu"))


def plain_step(trainer, adams, every):
    """Compute relativistic pairing with R1 and R2 at γ = 20, written by hand."""
    g, d, seen = trainer.generator, trainer.discriminator, trainer.seen
    draws, weight = trainer.sampler.draw(seen), torch.tensor(min(seen / 80, 1.0))
    for adam in adams:
        share = 0.5 + 0.5 * math.cos(math.pi * seen / 800)
        adam.param_groups[0]["lr"] = 5e-5 + (5e-4 - 5e-5) * share
    x = trainer.span.to_signal(trainer.images[draws.picked])
    fake = g(draws.z, g.embed(draws.y))
    real_d = augment(x, draws.u_real, ("translation",), 0.8).requires_grad_()
    fake_d = augment(fake.detach(), draws.u_fake, ("translation",), 0.8)
    fake_d.requires_grad_()
    real_logits, fake_logits = (d(t, draws.y, weight) for t in (real_d, fake_d))
    loss = F.softplus(fake_logits - real_logits).mean()
    if seen // 8 % every == 0:
        penalty = torch.zeros(())
        for logits, points in ((real_logits, real_d), (fake_logits, fake_d)):
            (slope,) = torch.autograd.grad(logits.sum(), points, create_graph=True)
            penalty = penalty + slope.flatten(1).square().sum(dim=1).mean()
        loss = loss + every * (10 * penalty)
    adams[0].zero_grad()
    loss.backward()
    adams[0].step()
    d.requires_grad_(False)
    fake_g = augment(fake, draws.u_fake_g, ("translation",), 0.8)
    real_g = augment(x, draws.u_real_g, ("translation",), 0.8)
    fake_logits = d(fake_g, draws.y, weight)
    with torch.no_grad():
        real_logits = d(real_g, draws.y, weight)
    adams[1].zero_grad()
    F.softplus(real_logits - fake_logits).mean().backward()
    adams[1].step()
    d.requires_grad_(True)


@pytest.mark.parametrize("network", ["r3", "dcgan"])
def test_the_default_step_is_bit_for_bit_what_one_writes_by_hand(network):
    trainer = make_trainer(network=network)
    by_hand = make_trainer(network=network)
    networks = by_hand.discriminator, by_hand.generator
    adams = [
        torch.optim.Adam(n.parameters(), betas=(0.0, 0.99), fused=True)
        for n in networks
    ]
    for _ in range(5):
        trainer.step()
        plain_step(by_hand, adams, every=4)
        by_hand.seen += 8
    for part in ("generator", "discriminator"):
        ours, theirs = getattr(trainer, part), getattr(by_hand, part)
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(p, q)


def test_critic_steps_draw_their_own_numbers_and_leave_the_generator_alone():
    trainer = make_trainer(loss="wgan-gp", critic_steps=3)
    drawn, moved = [], []
    draw, advance = trainer.sampler.draw, trainer._advance

    def note_draw(seen):
        drawn.append(seen)
        return draw(seen)

    def note_advance(*, with_generator):
        before = copy.deepcopy(trainer.generator.state_dict())
        judge = copy.deepcopy(trainer.discriminator.state_dict())
        advance(with_generator=with_generator)
        after = trainer.generator.state_dict()
        moved.append(any(not torch.equal(before[k], after[k]) for k in before))
        new = trainer.discriminator.state_dict()
        assert any(not torch.equal(judge[k], new[k]) for k in judge)

    trainer.sampler.draw, trainer._advance = note_draw, note_advance
    trainer.step()
    trainer.step()
    assert drawn == [0, 8, 16, 24, 32, 40]
    assert moved == [False, False, True] * 2
    assert trainer.seen == 2 * trainer.images_per_step == 48


def test_means_are_over_the_steps_of_each_network():
    trainer = make_trainer(loss="wgan-gp", critic_steps=4, penalties="r1")
    trainer.step()
    sums = trainer.totals.tensor.tolist()  # as a checkpoint has them
    d, penalty, d_steps, penalised, g, terms, g_steps = sums
    assert (d_steps, penalised, terms, g_steps) == (4, 4, 0, 1)
    means = trainer.take_means()
    want = {"d_loss": d / 4, "penalty": penalty / 4, "g_loss": g}
    assert means == pytest.approx(want)


def test_wgan_keeps_its_weights_clipped():
    trainer = make_trainer(loss="wgan")
    trainer.step()
    weights = [p.detach().abs().max() for p in trainer.discriminator.parameters()]
    assert max(map(float, weights)) <= 0.01
    assert all(t.isfinite().all() for t in tensors_of(trainer).values())


def test_diversity_terms_stand_beside_the_losses():
    trainer = make_trainer(diversity="entropy:2,mode-seeking:0.5")
    objective, draws = trainer.objective, trainer.sampler.draw(0)
    assert torch.equal(draws.y[::2], draws.y[1::2])
    real = trainer.span.to_signal(trainer.images[draws.picked])
    g, weight = trainer.generator, torch.tensor(1.0)
    fake = g(draws.z, g.embed(draws.y))
    how = {"draws": draws, "class_weight": weight}
    total, terms = generator_loss(objective, real, fake, **how)
    plain, none = generator_loss(replace(objective, terms=()), real, fake, **how)
    shown = augment(fake, draws.u_fake_g, ("translation",), 0.8)
    _, features = trainer.discriminator.judge(shown, draws.y, weight)
    fakes = Fakes(fake, draws.z, draws.y, features, draws.y)
    want = 2 * negative_entropy(fakes) + 0.5 * mode_seeking(fakes)
    torch.testing.assert_close(terms, want)
    torch.testing.assert_close(total, plain + want)
    assert float(none) == 0
    trainer.step()
    means = trainer.take_means()
    assert set(means) == {"d_loss", "g_loss", "penalty", "diversity_terms"}
    assert "diversity_terms" not in make_trainer().take_means()
