"""Cells that a translator fills: every one, from its own sources, repeatably."""

import numpy as np
import torch

from ganaug.data.images import LabelledImages
from ganaug.gain.domains.filling import to_placebo, to_pool
from ganaug.gain.domains.translated import (
    fill_by_translator,
    plan_fill,
    shuffle_domains,
)
from ganaug.translate.settings import TranslateConfig

CPU = torch.device("cpu")
CONFIG = TranslateConfig(
    height=8, width=8, channels=1, features=8, blocks=1, features_d=8, latent=2,
    batch=8, images=16, snapshots=0,
)  # fmt: skip


def draw_data():
    rng = np.random.default_rng(0)
    labels, domains = np.repeat([[0, 0], [0, 1], [1, 0]], 8, axis=0).T
    images = rng.integers(0, 256, (24, 8, 8, 1)).astype(np.uint8)
    return LabelledImages(
        images, labels, ("a", "b"), domains=domains, domain_names=("lamp", "sun")
    )


def test_a_translator_fills_every_cell(tmp_path):
    data = draw_data()
    make = fill_by_translator(CONFIG, 5, device=CPU, filters=())
    made = make(data, tmp_path / "a", 0, 1.0)
    pool = to_pool(made, 2)
    cells = np.unique(np.stack([pool.labels, pool.domains]), axis=1, return_counts=True)
    assert cells[0].T.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert cells[1].tolist() == [5, 5, 5, 5]
    assert (data.labels[made["sources"]] == pool.labels).all()
    origins = data.domains[made["sources"]]
    own = (pool.labels == 1) & (pool.domains == 0)
    assert (origins[own] == 0).all(), "through the other domain, and back"
    assert (origins[~own] != pool.domains[~own]).all()
    again = make(data, tmp_path / "b", 0, 1.0)
    assert (again["images"] == made["images"]).all()
    placebo = to_placebo(made, data)
    assert (placebo.images == data.images[made["sources"]]).all()
    assert (placebo.domains == pool.domains).all(), "the same cells, as often"
    assert (pool.images != placebo.images).any()


def test_shuffled_domains_are_as_many_of_each_and_unknown_ones_stay():
    data = draw_data()
    domains = data.domains.copy()
    domains[5] = -1
    found = shuffle_domains(LabelledImages(
        data.images, data.labels, data.classes, domains=domains,
        domain_names=data.domain_names,
    ), 0).domains  # fmt: skip
    assert found[5] == -1
    assert (np.bincount(found[found >= 0]) == np.bincount(domains[domains >= 0])).all()
    assert (found != domains).any()


def test_one_plan_serves_all_splits():
    plan = plan_fill(draw_data(), CPU, budget=0.01)
    config = TranslateConfig.from_dict(plan)
    assert config.snapshots == 0
    assert (config.height, config.width) == (8, 8)


def test_filters_judge_what_is_kept(tmp_path, hasty_classifiers):
    data = draw_data()
    every = fill_by_translator(CONFIG, 5, device=CPU, filters=())
    judged = fill_by_translator(CONFIG, 5, device=CPU, filters=("duplicate",))
    made = [
        make(data, tmp_path / name, 0, 1.0)
        for name, make in (("a", every), ("b", judged))
    ]
    images = {image.tobytes() for image in made[1]["images"]}
    assert len(images) == len(made[1]["images"])
    assert len(made[1]["images"]) <= len(made[0]["images"]) == 20
