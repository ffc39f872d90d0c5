"""Fits by recipe: what a batch holds, and that a seed decides."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pictures import draw_set

from ganaug.classify.batch_mixing import MIXES, cutmix, mixup
from ganaug.classify.learning import Batch, settle_norms
from ganaug.classify.teacher import fit_teacher
from ganaug.gain.fitting.batches import Batches
from ganaug.gain.fitting.fits import SETTLING_BATCHES, fit_arm
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.gan_pools import make_placebo
from ganaug.gain.pools import Pool, augment_again
from ganaug.gain.recipes import PLAIN
from ganaug.mixing.lineup import plan_lineup
from ganaug.mixing.schedule import group_rows, plan_epoch
from ganaug.recipe import Recipe
from ganaug.synth.filters.candidates import Candidates, RealExamples

SHAPES = draw_set(12, seed=1)
TASK = Task(SHAPES.images, SHAPES.labels, 3, steps=10)
SOFT = np.full((30, 3), 1 / 3, np.float32)
POOL = Pool(np.full((30, 16, 16, 1), 200, np.uint8), np.arange(30) % 3, SOFT)
PURE = Recipe(policy="none", flips=False)


def batches(recipe, pool=POOL, task=TASK, seed=0):
    return list(Batches(task, recipe, pool, seed))


def test_every_step_has_as_many_real_images_and_further_ones_on_top():
    real = batches(PURE)
    assert [len(b.images) for b in real] == [36] * 10
    mixed = batches(replace(PURE, share=0.25, weight=0.3, real_only=0.4))
    assert [len(b.images) for b in mixed] == [48] * 10
    grey = torch.tensor(200 / 127.5 - 1)
    synthetic = [torch.isclose(b.images[36:], grey).all().item() for b in mixed]
    assert synthetic == [True] * 6 + [False] * 4
    assert {w for b in mixed[6:] for w in b.weights.tolist()} == {1}
    weights = mixed[0].weights
    assert weights.mean().item() == pytest.approx(1)
    assert (weights[36:] / weights[0]).tolist() == pytest.approx([0.3] * 12)


@pytest.mark.parametrize(
    ("labels", "top"), [("hard", 1), ("half", 2 / 3), ("soft", 1 / 3)]
)
def test_labels_of_synthetic_images(labels, top):
    batch = batches(replace(PURE, share=0.5, labels=labels))[0]
    assert batch.targets[36:].amax(dim=1).tolist() == pytest.approx([top] * 36)
    assert batch.targets[:36].amax(dim=1).tolist() == [1] * 36


def test_every_image_comes_once_before_any_comes_again():
    task = replace(TASK, steps=1)
    found = batches(PURE, task=task)[0].images.flatten(1)
    assert len({row.numpy().tobytes() for row in found}) == 36


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_batches_and_network_go_where_the_task_says(monkeypatch, share):
    where, moved = torch.device("cpu", 0), []
    to = Batch.to
    monkeypatch.setattr(Batch, "to", lambda b, d: moved.append(d) or to(b, d))
    recipe = replace(PURE, share=share, real_only=0.4, adjusted=True)
    fit_arm(replace(TASK, device=where), recipe, POOL, seed=0)
    assert len(moved) == TASK.steps + (SETTLING_BATCHES if share else 0)
    assert set(moved) == {where}


@pytest.mark.gpu
def test_a_gpu_learns_what_a_cpu_does():
    task = replace(TASK, steps=100)
    recipe = Recipe(policy="light", share=0.25, real_only=0.4, adjusted=True)
    here, there = (
        fit_arm(replace(task, device=torch.device(name)), recipe, POOL, seed=0)
        for name in ("cpu", "cuda")
    )
    assert next(there.network.parameters()).is_cuda
    p, q = (fitted.predict_proba(SHAPES.images) for fitted in (here, there))
    assert np.abs(p - q).mean() < 0.05


def test_an_echo_repeats_the_batch():
    pool = replace(POOL, echo=True)
    batch = batches(Recipe(policy="rand", share=0.25), pool)[0]
    assert torch.equal(batch.images[36:], batch.images[:12])
    assert torch.equal(batch.targets[36:], batch.targets[:12])


def test_balanced_sampling_evens_classes_out():
    rows = np.r_[0:12, 12:15, 24:25]  # 12, 3 and 1 images
    task = Task(SHAPES.images[rows], SHAPES.labels[rows], 3, steps=200)
    natural, balanced = (
        sum(b.targets.sum(dim=0) for b in batches(replace(PURE, sampling=s), task=task))
        for s in ("natural", "balanced")
    )
    assert (natural / natural.sum()).tolist() == pytest.approx(
        [0.75, 0.1875, 0.0625], abs=0.01
    )
    assert (balanced / balanced.sum()).tolist() == pytest.approx([1 / 3] * 3, abs=0.05)


def test_synthetic_images_come_as_often_as_real_ones_of_their_class():
    rows = np.r_[0:12, 12:15]
    task = Task(SHAPES.images[rows], SHAPES.labels[rows], 3, steps=200)
    found = sum(
        b.targets[15:].sum(dim=0) for b in batches(replace(PURE, share=0.5), task=task)
    )
    assert (found / found.sum()).tolist() == pytest.approx([0.8, 0.2, 0], abs=0.04)


@pytest.mark.parametrize("real_only", [0.0, 0.5])
def test_images_are_mixed_as_a_mixed_set_has_them(real_only):
    """Epoch for epoch, the same images of the pool and the same stand-ins."""
    numbers = np.arange(30, dtype=np.uint8)
    pool = replace(POOL, images=POOL.images * 0 + numbers[:, None, None, None])
    real = np.repeat(np.arange(100, 136, dtype=np.uint8), 256).reshape(-1, 16, 16, 1)
    task = replace(TASK, images=real, steps=8)
    recipe = replace(PURE, share=0.25, real_only=real_only)
    found = batches(recipe, pool, task, seed=7)
    drawn = [b.images[36:, 0, 0, 0].add(1).mul(127.5).round().int() for b in found]

    names = tuple("012")
    counts = plan_epoch(dict.fromkeys(names, 12), dict.fromkeys(names, 10), 0.25)
    label_of = {name: int(name) for name in names}
    lineup, epoch = plan_lineup(
        group_rows(pool.labels, names), counts, list(task.labels), label_of,
        seed=7, stand_ins=real_only > 0,
    )  # fmt: skip
    for number in range(4):
        epoch.set(number)
        rows = [lineup.find(i).row for i in range(36, 48)]
        assert sorted(drawn[number].tolist()) == sorted(rows)
    if real_only:
        epoch.set(0, last_phase=0)
        places = [100 + lineup.find(i).place for i in range(36, 48)]
        assert sorted(drawn[4].tolist()) == sorted(places)


def test_a_seed_decides():
    recipe = Recipe("rand", mix="cutmix", share=0.25, labels="soft", real_only=0.4)
    a, b, c = (
        fit_arm(replace(TASK, steps=3), recipe, POOL, seed=seed).predict_proba(
            SHAPES.images
        )
        for seed in (0, 0, 1)
    )
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_shapes_are_learned_plainly_and_with_the_logit_adjusted_loss():
    test, more = draw_set(10, seed=2), draw_set(40, seed=3)
    task = Task(more.images, more.labels, 3, steps=100)
    for recipe in (PLAIN, Recipe(policy="light", adjusted=True)):
        fitted = fit_arm(task, recipe, seed=0)
        found = fitted.predict_proba(test.images).argmax(axis=1)
        assert (found == test.labels).mean() > 0.9


def test_the_adjusted_loss_favours_rare_classes():
    """With equal images of all classes, the rare class is not the unlikely one."""
    x = np.repeat(
        np.random.default_rng(0).integers(0, 256, (1, 8, 8, 1), np.uint8), 32, axis=0
    )
    y = np.repeat([0, 1], [28, 4])
    task = Task(x, y, 2, steps=150)
    plain, adjusted = (
        fit_arm(task, replace(PURE, adjusted=adjusted), seed=0).predict_proba(x[:1])[
            0, 1
        ]
        for adjusted in (False, True)
    )
    assert plain == pytest.approx(0.125, abs=0.06)
    assert adjusted == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_mixing_keeps_targets_true_to_the_pixels(mix):
    x = torch.zeros(16, 1, 12, 12)
    x[8:] = 1
    y = torch.eye(2)[torch.arange(16) // 8]
    rng = np.random.default_rng(0)
    for _ in range(20):
        mixed = mix(Batch(x, y, torch.ones(16)), rng)
        means = mixed.images.mean(dim=(1, 2, 3))
        assert torch.allclose(means, mixed.targets[:, 1], atol=1e-5)
        assert torch.allclose(mixed.targets.sum(dim=1), torch.ones(16))


def test_every_mix_takes_any_size():
    rng = np.random.default_rng(0)
    for mix in MIXES.values():
        for size in ((1, 1), (7, 33)):
            batch = Batch(torch.zeros(5, 3, *size), torch.eye(5), torch.ones(5))
            assert mix(batch, rng).images.shape == (5, 3, *size)


def test_norms_settle_on_what_they_see():
    network = torch.nn.Sequential(torch.nn.BatchNorm2d(1))
    network.train()
    network(torch.full((4, 1, 2, 2), 100.0))
    x = torch.randn(64, 1, 4, 4) * 2 + 5
    settle_norms(network, [Batch(x, torch.ones(64, 1), torch.ones(64))] * 3)
    assert network[0].running_mean.item() == pytest.approx(x.mean().item(), rel=1e-4)
    assert network[0].running_var.item() == pytest.approx(x.var().item(), rel=1e-4)
    assert network[0].momentum == 0.1


def test_a_placebo_is_what_the_gan_saw_judged_by_who_has_not_seen_it():
    images, labels = SHAPES.images, SHAPES.labels
    teacher = fit_teacher(images, labels, 3, steps=60)
    seen = Candidates(images, labels, teacher)
    examples = RealExamples(
        seen, seen, *[np.arange(36)] * 2, tuple("abc"), False, False
    )
    made = make_placebo(examples, images, np.array([30, 0, 5]))
    rows = np.flatnonzero(labels != 1)
    assert np.array_equal(made.images, images[rows])
    assert np.array_equal(made.labels, labels[rows])
    for k, classifier in enumerate(teacher.classifiers):
        own = teacher.fold_of[rows] == k
        np.testing.assert_allclose(
            made.soft[own], classifier.predict_proba(made.images[own]), atol=1e-4
        )


def test_a_placebo_has_no_wrong_labels():
    images, labels = SHAPES.images, SHAPES.labels
    teacher = fit_teacher(images, labels, 3, steps=60)
    missed = np.flatnonzero(labels == 2)[:4]
    opinions = teacher.probabilities.copy()
    opinions[missed] = (0.1, 0.6, 0.3)
    teacher = replace(teacher, probabilities=opinions)
    seen = Candidates(images, labels, teacher)
    examples = RealExamples(
        seen, seen, *[np.arange(36)] * 2, tuple("abc"), False, False
    )
    made = make_placebo(examples, images, np.array([5, 5, 5]))
    assert np.array_equal(made.soft.argmax(axis=1), labels)
    assert np.array_equal(made.soft[missed], np.eye(3)[[2] * 4])
    others = np.setdiff1d(np.arange(36), missed)
    assert np.array_equal(made.soft[others], opinions[others])


def test_images_augmented_again_have_the_counts_and_other_pixels():
    soft = np.random.default_rng(0).dirichlet(np.ones(3), 36).astype(np.float32)
    pool = Pool(SHAPES.images, SHAPES.labels, soft)
    made = augment_again(pool, "rand", np.array([30, 0, 5]))
    assert np.bincount(made.labels, minlength=3).tolist() == [30, 0, 5]
    real = {image.tobytes() for image in SHAPES.images}
    fresh = [image.tobytes() not in real for image in made.images]
    assert np.mean(fresh) > 0.9
    assert made.soft.shape == (35, 3)
    plain = augment_again(pool, "none", np.array([30, 0, 5]))
    source = {
        image.tobytes(): row for image, row in zip(pool.images, soft, strict=True)
    }
    for image, row in zip(plain.images, plain.soft, strict=True):
        assert np.array_equal(source[image.tobytes()], row)


def test_a_mixed_opponent_has_norms_of_mixed_images():
    made = Batches(TASK, replace(PURE, mix="mixup", share=0.5), POOL, 0)
    for batch in made.iterate_real(3):
        assert len(batch.images) == 36
        assert batch.targets.amax(dim=1).min() < 1
