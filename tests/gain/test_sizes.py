"""Sizes of a gain: which one is compared at, and what classifiers see of each image."""

from dataclasses import replace

import numpy as np
from pictures import draw_set
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.gain.budget import list_cuts, plan_gain
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.fitting import fits
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import run_split
from ganaug.gain.request import GainOptions, make_request
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.gain.sizes import say_size
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.mixing.resolution import enlarge

TINY = Settings(
    steps=4, grid=(16, 16), tune=False, ensemble=False, policies=("none",),
    mixes=("none",), mixtures=MIXTURES[:1],
)  # fmt: skip


def test_the_budget_decides_the_size_unless_one_is_asked_for(monkeypatch):
    def time_step(images, classifier, settings, device):
        return 0.01 * max(settings.grid)

    monkeypatch.setattr("ganaug.gain.budget._time_step", time_step)
    images = np.random.default_rng(0).integers(0, 256, (20, 72, 96, 1), np.uint8)
    data = LabelledImages(images, np.arange(20) % 2, ("a", "b"))

    def plan(budget, size=None):
        options = GainOptions(budget=budget, size=size, device="cpu")
        request = make_request(data, None, options)
        estimate = plan_gain(request)
        return estimate.settings.grid, list_cuts(request, estimate)[-1]

    compared = "images of 72×96 pixels are compared at "
    assert plan(2000) == (
        (48, 64),
        f"{compared}48×64; if your classifier sees another size, give it (--size)",
    )
    assert plan(300) == (
        (24, 32),
        f"{compared}24×32, because the budget is too small for 48×64; give more "
        "(--budget), or --size 64",
    )
    assert plan(300, 64)[0] == (48, 64)
    assert plan(2000, 128)[0] == (96, 128)


def test_a_size_of_another_device_is_not_laid_to_the_budget():
    data = draw_set(16)
    large = replace(data, images=resize_images(data.images, (200, 200)))
    request = make_request(large, None, GainOptions(device="cpu"))
    begun = "compared at 128×128, as on the device that this measurement was begun on"
    assert say_size(request, (128, 128)).endswith(begun)
    assert "budget is too small for 64×64" in say_size(request, (32, 32))


def test_classifiers_see_real_images_untouched_and_synthetic_ones_enlarged(
    tmp_path, monkeypatch
):
    data, seen, fit_arm = draw_set(16), [], fits.fit_arm
    coarse = resize_images(data.images, (8, 8))

    def look(task, recipe, pool=None, *, seed):
        seen.append((task, pool))
        return fit_arm(replace(task, steps=1), recipe, pool, seed=seed)

    def make_pool(fit, folder, seed):
        assert fit.size == (32, 32), "the GAN gets them as they are"
        soft = np.eye(3, dtype=np.float32)
        return {
            "images": coarse, "labels": data.labels, "soft": soft[data.labels],
            "placebo_images": fit.images, "placebo_labels": fit.labels,
            "placebo_soft": soft[fit.labels], "flips": np.zeros(2, bool),
        }  # fmt: skip

    monkeypatch.setattr(fits, "fit_arm", look)
    large = replace(data, images=resize_images(data.images, (32, 32)))
    run_split(
        Experiment(
            data=large, settings=TINY, kept=Kept(tmp_path, {"seed": 0}),
            make_pool=make_pool, build=find_classifier().build,
        ),
        make_folds_splits(data.labels, folds=2).splits[0],
        0,
    )  # fmt: skip
    real = list_bytes(resize_images(large.images, (16, 16)))
    grown = [enlarge(Image.fromarray(image[:, :, 0]), (16, 16)) for image in coarse]
    assert all(list_bytes(task.images) <= real for task, _ in seen)
    synthetic = [pool.images for _, pool in seen if pool and len(pool) == len(data)]
    assert synthetic
    assert list_bytes(synthetic[0]) == list_bytes(map(np.asarray, grown))


def list_bytes(images):
    return {image.tobytes() for image in images}
