from dataclasses import replace

import numpy as np
import pytest
import torch

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import FlipCheck, take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.gan import timing
from ganaug.gan.plan import make_plan, measure_spread, plan_training

CPU = torch.device("cpu")


def noise(counts, size=(12, 12), channels=1):
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(counts)), counts)
    images = rng.integers(0, 256, (len(labels), *size, channels), np.uint8)
    names = tuple(f"class {k}" for k in range(len(counts)))
    return LabelledImages(images, labels, names, data_size=size)


def plan(images, **more):
    more = {"budget": 0.05} | more
    return make_plan(images, take_fingerprint(images), device=CPU, **more)


@pytest.mark.parametrize(
    ("conditioning", "line"),
    [("caption", "needs captions"), ("image", "needs two training")],
)
def test_images_that_do_not_suffice_are_refused_before_anything_is_timed(
    monkeypatch, conditioning, line
):
    monkeypatch.setattr("ganaug.gan.plan.time_training", None)
    with pytest.raises(DataError, match=line):
        plan(noise([1, 1]), overrides={"conditioning": conditioning})


def test_every_choice_has_its_place_and_the_budget_is_kept():
    made = plan(noise([6, 6]), budget=1.0)
    config = made.config
    assert (config.height, config.width, config.channels) == (12, 12, 1)
    assert made.minutes == pytest.approx(1, rel=0.05)
    assert config.images >= config.batch
    for name in ("network", "gamma", "augment", "class_sampling", "images"):
        assert made.reasons[name]


def test_large_images_are_trained_on_a_smaller_grid_of_the_same_shape():
    made = plan(noise([3, 3], size=(100, 50), channels=3))
    assert (made.config.height, made.config.width) == (32, 16)
    assert "smaller than the data's 100×50" in made.reasons["height"]


def test_imbalance_changes_the_sampling():
    assert plan(noise([40, 2])).config.class_sampling == "sqrt"
    assert plan(noise([5, 5])).config.class_sampling == "natural"


def test_only_label_safe_flips_enter_the_augmentation():
    images = noise([5, 5])
    safe = FlipCheck(True, -0.5, 0.0, 10, "keeps labels")
    unsafe = FlipCheck(False, -20.0, -15.0, 10, "breaks labels")
    fingerprint = take_fingerprint(images)
    checked = replace(fingerprint, hflip=safe, vflip=unsafe)
    config = make_plan(images, checked, budget=0.05, device=CPU).config
    assert "hflip" in config.augment
    assert "vflip" not in config.augment


def test_overrides_win_and_choices_follow_them():
    made = plan(noise([5, 5]), overrides={"network": "r3", "gamma": 7.0})
    assert (made.config.network, made.config.gamma) == ("r3", 7.0)
    assert made.config.lr == 2e-3
    assert made.reasons["gamma"] == "as you asked"


def test_tiny_images_get_a_network_that_takes_them():
    assert plan(noise([5, 5], size=(6, 9))).config.network == "r3"


def test_plan_training_gives_the_config():
    config = plan_training(noise([4, 4]), budget=0.02, device="cpu")
    assert config.network == "dcgan"


def test_gamma_follows_the_spread_of_what_the_networks_see():
    vivid = noise([20, 20])
    pale = replace(vivid, images=(vivid.images // 8 + 100).astype(np.uint8))
    assert measure_spread(vivid, None) == pytest.approx(1 / 3, rel=0.1)
    assert measure_spread(pale, None) == pytest.approx(1 / 3 / 64, rel=0.1)
    assert measure_spread(pale, 0.001) == pytest.approx(1 / 3, rel=0.2)
    raw = plan(pale, overrides={"stretch": None})
    assert raw.config.gamma < plan(pale).config.gamma / 20


@pytest.fixture
def untimed(monkeypatch):
    monkeypatch.setattr("ganaug.gan.timing._time_steps", lambda *_: 2.0)


def test_a_loss_brings_its_own_settings(untimed):
    made = plan(noise([5, 5]), overrides={"loss": "wgan-gp"})
    config = made.config
    assert (config.penalties, config.gamma, config.penalty_every) == ("gp", 20.0, 1)
    assert (config.critic_steps, config.beta1, config.beta2) == (5, 0.0, 0.9)
    assert made.rate == 5 * 64 / 2, "every critic step sees a batch"
    usual = plan(noise([5, 5])).config
    for asked in ({"loss": "wgan-gp", "penalties": "r1"}, {"loss": "bce-ns"}):
        assert plan(noise([5, 5]), overrides=asked).config.gamma == usual.gamma
    made = plan(noise([5, 5]), overrides={"loss": "wgan-gp", "gamma": 2.0})
    assert made.config.gamma == 2.0


def test_conflicts_are_refused_before_anything_is_timed():
    with pytest.raises(ConfigError, match="set clip=none or penalties=none"):
        plan(noise([5, 5]), overrides={"loss": "wgan", "penalties": "gp"})


def test_one_image_per_class_still_has_a_spread():
    assert measure_spread(noise([1, 1]), 0.001) > 0
    assert measure_spread(noise([1]), 0.001) == 0


def test_the_average_follows_the_length_also_where_the_user_gives_it(untimed):
    made = plan(noise([5, 5]), overrides={"images": 50_000})
    assert made.config.ema == 2000
    assert plan(noise([5, 5]), overrides={"images": 50_000, "ema": 7.0}).config.ema == 7


def test_both_precisions_are_timed_once_and_the_faster_one_is_taken(monkeypatch):
    steps = []

    def time_steps(trainer, n, warm_up):
        steps.append((trainer.config.precision, n))
        return 1.0 if trainer.config.precision == "float32" else 0.5

    monkeypatch.setattr("ganaug.engine.has_bfloat16", lambda _: True)
    monkeypatch.setattr("ganaug.gan.timing._time_steps", time_steps)
    monkeypatch.setattr("ganaug.gan.timing._snapshot_seconds", lambda *_: 0.0)
    made = plan(noise([5, 5]))
    assert made.config.precision == "bfloat16"
    assert "2 times as fast" in made.reasons["precision"]
    assert made.rate == 128
    assert steps == [("float32", 4), ("bfloat16", 4)] * 4
    given = plan(noise([5, 5]), overrides={"precision": "float32"})
    assert (given.rate, steps[8:]) == (64, [("float32", 20)])


class Steps:
    """A trainer whose steps take a given time, by a clock of its own."""

    def __init__(self, seconds, penalty_every=4):
        self.config = TrainConfig(penalty_every=penalty_every)
        self.seconds, self.done, self.clock = seconds, 0, 0.0

    def step(self):
        self.done, self.clock = self.done + 1, self.clock + self.seconds

    def take_means(self):
        pass


@pytest.mark.parametrize(
    ("seconds", "penalty_every", "steps"),
    [(0.01, 4, 20), (0.2, 4, 8), (0.6, 4, 4), (0.6, 16, 16), (9.0, 1, 4)],
)
def test_slow_steps_are_timed_less_often_in_whole_intervals_of_penalties(
    monkeypatch, seconds, penalty_every, steps
):
    trainer = Steps(seconds, penalty_every)
    monkeypatch.setattr("time.perf_counter", lambda: trainer.clock)
    assert timing._time_steps(trainer, 20, 2) == pytest.approx(seconds)
    assert trainer.done == 2 + steps
