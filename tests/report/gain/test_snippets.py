"""Snippets: every recipe's code runs on tiny data, and trains what it says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from gains import make_gain
from torchvision.models import get_model

from ganaug.classify.learning import Optimisation
from ganaug.data.images import LabelledImages
from ganaug.recipe import Recipe
from ganaug.report.gain.material import open_gain
from ganaug.report.gain.snippets import _list_lacking, _sample, write_training


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """Return a gain on nine images of three uneven classes."""
    root = tmp_path_factory.mktemp("snippets")
    pixels = np.random.default_rng(0).integers(0, 256, (9, 12, 8, 1), np.uint8)
    labels = np.array([0] * 5 + [1] * 3 + [2])
    classes = np.array(["a", "b", "c"])
    np.savez(root / "tiny.npz", images=pixels, labels=labels, classes=classes)
    make_gain(root / "tiny-gain", classes=("a", "b", "c"))
    return open_gain(root / "tiny-gain")


def change(material, recipe, **settings):
    details = material.result.details
    details = replace(details, settings=replace(details.settings, steps=2, **settings))
    result = replace(material.result, recipe=recipe, details=details)
    return replace(material, result=result)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("rand", mix="cutmix", sampling="balanced"),
        Recipe("light", mix="mixup", adjusted=True, share=0.25, labels="soft"),
        Recipe("none", flips=False),
    ],
)
def test_the_code_runs(material, recipe):
    code = write_training(change(material, recipe))
    found = {}
    with torch.random.fork_rng():
        exec(code, found)
    assert found["real"].size == (32, 32), "the size that was measured"
    assert found["model"](found["x"]).shape == (16, 3), "as many as were measured"
    assert torch.isfinite(found["loss"])
    assert ("mix" in found) == (recipe.mix != "none")
    assert ("prior" in found) == recipe.adjusted
    assert "SyntheticDataset" not in code


def test_the_code_samples_as_the_recipe_says(material):
    found = {}
    with torch.random.fork_rng():
        exec(write_training(change(material, Recipe(sampling="balanced"))), found)
    labels = torch.from_numpy(found["real"].labels)
    shares = torch.zeros(3).index_add(0, labels, found["chances"])
    assert torch.allclose(shares, torch.ones(3))


def test_a_torchvision_network_and_tuned_values(material):
    changed = change(material, Recipe(), classifier="resnet18")
    tuned = replace(changed, flips=(True, False), optimisation=Optimisation(0.01, 0.5))
    code = write_training(tuned)
    assert 'find_classifier("resnet18", weights="none")' in code
    assert "hflip=True" in code
    assert "vflip" not in code
    assert "0.01, weight_decay=0.5" in code
    found = {}
    with torch.random.fork_rng():
        exec(code, found)
    assert found["model"].training is False


def test_a_pretrained_network_gets_the_weights_that_were_measured(material, tmp_path):
    weights = tmp_path / "weights.pth"
    torch.save(get_model("squeezenet1_1").state_dict(), weights)
    changed = change(material, Recipe(), classifier="squeezenet1_1")
    verdict = replace(changed.result.verdict, pretrained_run=True)
    options = {"classifier": "squeezenet1_1", "weights": str(weights), "frozen": True}
    details = replace(changed.result.details, options=options)
    result = replace(changed.result, verdict=verdict, details=details)
    found = {}
    with torch.random.fork_rng():
        exec(write_training(replace(changed, result=result)), found)
    kept = torch.load(weights, weights_only=True)["features.0.weight"]
    assert torch.equal(found["model"].body.features[0].weight, kept)


def test_a_network_of_the_users_own_is_left_to_the_user(material):
    changed = change(material, Recipe(), classifier="resnet18")
    details = replace(changed.result.details, options={"classifier": None})
    result = replace(changed.result, details=details)
    assert "build_your_network(k)" in write_training(replace(changed, result=result))


def test_even_cells_are_drawn_and_what_is_left_out_is_said():
    labels, domains = np.repeat([0, 0, 1], [30, 6, 4]), np.repeat([0, 1, 0], [30, 6, 4])
    real = LabelledImages(
        np.zeros((40, 8, 8, 1), np.uint8), labels, ("a", "b"), domains=domains,
        domain_names=("lamp", "sun"),
    )  # fmt: skip
    names = {"real": real, "torch": torch}
    exec("\n".join(_sample(Recipe(sampling="cells"))), names)
    drawn = names["chances"].multinomial(30_000, replacement=True).numpy()
    assert np.allclose(
        np.bincount(2 * labels[drawn] + domains[drawn]) / 30_000, 1 / 3, atol=0.02
    )
    (said,) = _list_lacking(Recipe(mix="lisa", invariance="mixstyle"))
    assert "lisa and mixstyle" in said
    assert not _list_lacking(Recipe(sampling="cells"))
