"""Filters and their pipeline: what is kept, what is refused, and why."""

import re
from dataclasses import replace

import numpy as np
import pytest
from pictures import CLASSES, as_real, draw_set, draw_shapes

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.split import hold_out
from ganaug.errors import ConfigError
from ganaug.metrics.balls import make_balls
from ganaug.synth.filters.candidates import prepare_examples
from ganaug.synth.filters.near_duplicates import AcceptedImages
from ganaug.synth.filters.pipeline import FilterPipeline, build_filters
from ganaug.synth.filters.realism import NEIGHBOURS
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import DEFAULT_FILTERS, check_filters

pytestmark = pytest.mark.usefixtures("hasty_classifiers")

CONFIG = TrainConfig(height=16, width=16, channels=1, augment="translation,hflip")


@pytest.fixture(scope="module")
def examples(hasty_classifiers):
    return prepare_examples(as_real(draw_set(60)), CONFIG, CLASSES)


def test_examples_know_what_the_gan_saw(examples):
    assert len(examples.training) == 144
    assert len(examples.held_out) == 36
    assert (examples.hflip, examples.vflip) == (True, False)
    assert examples.teacher.recall.min() > 0.8


def test_images_like_the_real_ones_stay(examples):
    pipeline = FilterPipeline(examples, DEFAULT_FILTERS)
    fresh = draw_set(50, seed=9)
    judged = pipeline.judge(fresh.images, fresh.labels)
    assert judged.kept.mean() > 0.8
    assert all((judged.reasons[i] == "") == judged.kept[i] for i in range(150))
    assert judged.probabilities.shape == (150, 3)


def test_another_class_is_refused_for_its_label(examples):
    discs = draw_shapes(40, 0, seed=5)
    judged = FilterPipeline(examples, ["label"]).judge(discs, np.full(40, 2))
    assert not judged.kept.any()
    assert set(judged.reasons) == {"label"}
    assert judged.scores["label"].max() < 0.5


def test_noise_is_refused_as_unreal(examples):
    noise = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 1)).astype(np.uint8)
    judged = FilterPipeline(examples, ["realism"]).judge(noise, np.arange(60) % 2)
    assert set(judged.reasons) == {"realism"}
    assert judged.scores["realism"].max() < 1


def test_repeated_images_are_kept_once(examples):
    fresh = draw_shapes(5, 1, seed=3)
    near = np.clip(fresh[:2].astype(int) + 1, 0, 255).astype(np.uint8)
    several = np.concatenate([fresh, fresh[:1], near])
    pipeline = FilterPipeline(examples, ["duplicate"])
    judged = pipeline.judge(several, np.full(8, 1))
    assert judged.kept.tolist() == [True] * 5 + [False] * 3
    assert judged.reasons[5:] == ["duplicate"] * 3
    again = pipeline.judge(fresh, np.full(5, 1))
    assert not again.kept.any(), "what was accepted before is remembered"
    assert pipeline.judge(fresh, np.full(5, 0)).kept.all(), "classes are apart"
    resumed = FilterPipeline(examples, ["duplicate"])
    resumed.remember(fresh, np.full(5, 1))
    assert not resumed.judge(fresh, np.full(5, 1)).kept.any()


def test_the_judgement_does_not_depend_on_the_batch(examples):
    fresh = draw_set(20, seed=11)
    whole = FilterPipeline(examples, DEFAULT_FILTERS).judge(fresh.images, fresh.labels)
    pipeline = FilterPipeline(examples, DEFAULT_FILTERS)
    parts = [
        pipeline.judge(fresh.images[i : i + 7], fresh.labels[i : i + 7])
        for i in range(0, 60, 7)
    ]
    assert [r for part in parts for r in part.reasons] == whole.reasons
    for name, scores in whole.scores.items():
        joined = np.concatenate([part.scores[name] for part in parts])
        np.testing.assert_allclose(joined, scores, rtol=1e-4, atol=1e-5)


def test_a_class_that_cannot_be_learned_is_left_alone():
    images = draw_set(30)
    labels = images.labels.copy()
    mixed = np.flatnonzero(labels < 2)
    labels[mixed] = np.random.default_rng(0).permutation(labels[mixed])
    mixed_up = LabelledImages(images.images, labels, CLASSES)
    examples = prepare_examples(as_real(mixed_up), CONFIG, CLASSES)
    label = build_filters(examples, ["label"])[0]
    assert any("not filtered for disc" in note for note in label.notes)
    assert not any("stripes" in note for note in label.notes)
    judged = FilterPipeline(examples, ["label"]).judge(
        draw_shapes(9, 1, seed=4), np.zeros(9, int)
    )
    assert judged.kept.all()


def test_one_class_has_no_label_filter():
    images = draw_set(20, classes=("disc",))
    examples = prepare_examples(as_real(images), CONFIG, ("disc",))
    pipeline = FilterPipeline(examples, DEFAULT_FILTERS)
    judged = pipeline.judge(draw_shapes(10, 0, seed=2), np.zeros(10, np.int64))
    assert np.isnan(judged.scores["label"]).all()
    assert judged.probabilities.tolist() == [[1.0]] * 10
    assert any("nothing to tell apart" in note for note in pipeline.notes)


def test_few_real_images_leave_realism_out():
    few = draw_set(NEIGHBOURS)
    examples = prepare_examples(as_real(few, held=0), CONFIG, CLASSES)
    realism = build_filters(examples, ["realism"])[0]
    assert len(realism.notes) == 3
    judged = FilterPipeline(examples, ["realism"]).judge(few.images, few.labels)
    assert judged.kept.all()
    assert np.isnan(judged.scores["realism"]).all()


def test_identical_real_images_divide_by_nothing():
    images = np.full((24, 16, 16, 1), 90, np.uint8)
    same = LabelledImages(images, np.repeat([0, 1], 12), ("a", "b"))
    examples = prepare_examples(as_real(same), CONFIG, ("a", "b"))
    judged = FilterPipeline(examples, ["realism", "duplicate"]).judge(
        images[:3], np.zeros(3, int)
    )
    assert judged.reasons == ["", "duplicate", "duplicate"]
    assert AcceptedImages(examples).limits.tolist() == [0, 0]
    other = FilterPipeline(examples, ["realism"]).judge(
        images[:1] + 60, np.zeros(1, int)
    )
    assert other.reasons == ["realism"]


def test_scores_are_the_largest_ratio_of_radius_to_distance():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(30, 4)), rng.normal(size=(7, 4)) + 1
    between = np.linalg.norm(real[:, None] - real[None], axis=2)
    radii = np.sort(between, axis=1)[:, 5]
    ratios = radii / np.linalg.norm(fake[:, None] - real[None], axis=2)
    balls = make_balls(real.astype(np.float32), 5)
    np.testing.assert_allclose(
        balls.score(fake.astype(np.float32)), ratios.max(axis=1), rtol=1e-5
    )
    own = radii / (between + np.diag(np.full(30, np.inf)))
    np.testing.assert_allclose(balls.score_own(), own.max(axis=1), rtol=1e-5)


def test_unknown_filters_are_refused():
    every = "choose from label, realism, copy, duplicate, or none"
    with pytest.raises(ConfigError, match=f"no filter 'beauty'; {every}"):
        check_filters(["beauty"], "hard")
    assert check_filters(["duplicate", "label"], "soft") == ("label", "duplicate")


def test_copies_are_refused_where_held_out_images_repeat_others():
    digits = load_images("digits").subset(np.arange(600))
    seen, held = hold_out(digits.labels)
    images = digits.images.copy()
    noise = np.random.default_rng(0).normal(0, 4, images[held[:8]].shape)
    near = [np.flatnonzero(digits.labels[seen] == digits.labels[i])[0] for i in held]
    images[held[:8]] = np.clip(images[seen[near[:8]]] + noise, 0, 255)
    real = RealImages(replace(digits, images=images), seen, held, "")
    config = CONFIG.replace(height=8, width=8, augment="translation")
    examples = prepare_examples(real, config, digits.classes, teach=False)
    pipeline = FilterPipeline(examples, ["copy"])
    some = images[seen[:100]]
    noisy = some + np.random.default_rng(1).normal(0, 8, some.shape)
    noisy = np.clip(noisy, 0, 255).astype(np.uint8)
    judged = pipeline.judge(noisy, digits.labels[seen[:100]])
    assert judged.kept.mean() < 0.1
    assert re.search(
        rf"8 of {len(held)} held-out images nearly repeat one", pipeline.notes[0]
    )


def test_what_did_not_enter_the_store_refuses_nothing(examples):
    pipeline = FilterPipeline(examples, ["duplicate"])
    images, labels = draw_shapes(6, 0, seed=9), np.zeros(6, np.int64)
    assert pipeline.judge(images, labels).kept.all()
    assert not pipeline.judge(images, labels).kept.any()
    pipeline.forget()
    assert pipeline.judge(images, labels).kept.all()


def test_training_images_are_refused_as_copies():
    digits = load_images("digits").subset(np.arange(600))
    config = CONFIG.replace(height=8, width=8, augment="translation")
    seen, held = hold_out(digits.labels)
    real = RealImages(digits, seen, held, "")
    examples = prepare_examples(real, config, digits.classes)
    pipeline = FilterPipeline(examples, ["copy"])
    copies, labels = examples.training.images[::5], examples.training.labels[::5]
    noisy = copies + np.random.default_rng(0).normal(0, 8, copies.shape)
    for images in (copies, np.clip(noisy, 0, 255).astype(np.uint8)):
        judged = pipeline.judge(images, labels)
        assert np.mean(np.array(judged.reasons) == "copy") >= 0.95
    nearest = pipeline.filters[0].detector.find_nearest(copies, labels)
    assert (nearest == examples.training_rows[::5]).mean() >= 0.95
    fresh = load_images("digits").subset(np.arange(600, 900))
    assert pipeline.judge(fresh.images, fresh.labels).kept.mean() > 0.85


def test_noise_is_refused_and_new_real_images_are_not(examples):
    fresh = draw_set(50, seed=9)
    pipeline = FilterPipeline(examples, ["realism"])

    def keep(images):
        return pipeline.judge(images, fresh.labels).kept.mean()

    def add_noise(size):
        noise = np.random.default_rng(0).normal(0, size, fresh.images.shape)
        return np.clip(fresh.images + noise, 0, 255).astype(np.uint8)

    rng = np.random.default_rng(0)
    uniform = rng.integers(0, 256, fresh.images.shape, np.uint8)
    assert keep(uniform) == 0
    assert keep(add_noise(80)) < 0.05
    assert keep(add_noise(60)) < 0.5, "stripes of one pixel hide it"
    assert keep(fresh.images) >= 0.9
