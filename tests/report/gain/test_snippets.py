"""Snippets: every recipe's code runs on tiny data, and trains what it says."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from gains import make_gain
from torchvision.models import get_model

from ganaug.classify.learning import Optimisation
from ganaug.recipe import Recipe
from ganaug.report.gain.material import open_gain
from ganaug.report.gain.snippets import write_lines, write_training

NUMBERS = count()


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


def change(material, recipe, *, options=None, pretrained=False, **settings):
    """Save the gain with another recipe and two steps, in a folder of its own."""
    result = material.result
    details = replace(
        result.details,
        settings=replace(result.details.settings, steps=2, **settings),
        options=options or result.details.options,
    )
    folder = result.path.with_name(f"other-{next(NUMBERS)}-gain")
    folder.mkdir()
    verdict = replace(result.verdict, pretrained_run=pretrained)
    made = replace(result, recipe=recipe, details=details, path=folder, verdict=verdict)
    made.save()
    text = (folder / "recipe.json").read_text()
    (folder / "recipe.json").write_text(
        text.replace('"channels": null', '"channels": 1')
    )
    return replace(material, result=made)


def run(code):
    found = {}
    with torch.random.fork_rng():
        exec(code, found)
    return found


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
    found = run(code)
    assert found["real"].size == (32, 32), "the size that was measured"
    assert found["images"].shape == (16, 1, 32, 32), "as many as were measured"
    assert found["epochs"] * len(found["loader"]) == 2
    assert torch.isfinite(found["loss"])
    assert found["recipe"].collate.mix == recipe.mix
    assert (found["criterion"].log_prior is not None) == recipe.adjusted
    assert not found["model"].training
    assert "update_bn" not in code
    few = run(write_lines(change(material, recipe)))
    assert few["images"].shape == (16, 1, 32, 32)


def test_a_torchvision_network_and_tuned_values(material):
    changed = change(material, Recipe(), classifier="resnet18")
    kept = changed.result.path / "recipe.json"
    values = kept.read_text().replace('"learning_rate": 0.003', '"learning_rate": 0.01')
    kept.write_text(values.replace('"flips": null', '"flips": [true, false]'))
    code = write_training(changed)
    assert 'find_classifier("resnet18", weights="none")' in code
    found = run(code)
    assert found["recipe"].optimisation == Optimisation(0.01, 0.05)
    steps = [type(step).__name__ for step in found["recipe"].transform]
    assert "HorizontalFlip" in steps
    assert "VerticalFlip" not in steps
    assert found["model"].training is False


def test_a_pretrained_network_gets_the_weights_that_were_measured(material, tmp_path):
    weights = tmp_path / "weights.pth"
    torch.save(get_model("squeezenet1_1").state_dict(), weights)
    options = {"classifier": "squeezenet1_1", "weights": str(weights), "frozen": True}
    changed = change(
        material, Recipe(), classifier="squeezenet1_1", options=options,
        pretrained=True,
    )  # fmt: skip
    found = run(write_training(changed))
    kept = torch.load(weights, weights_only=True)["features.0.weight"]
    assert torch.equal(found["model"].body.features[0].weight, kept)


def test_a_network_of_the_users_own_is_left_to_the_user(material):
    changed = change(
        material, Recipe(), classifier="resnet18", options={"classifier": None}
    )
    assert "build_your_network(len(real.classes))" in write_training(changed)


def test_what_is_left_out_is_said(material):
    code = write_training(change(material, Recipe(mix="lisa", invariance="mixstyle")))
    assert "# it was measured with lisa and mixstyle, which is left out here" in code
    assert "left out" not in write_training(change(material, Recipe(sampling="cells")))


def test_a_store_is_mixed_in_and_batch_norm_settled(material):
    changed = change(material, Recipe(share=0.5, real_only=0.4))
    code = write_training(changed, "tiny-synthetic")
    assert 'recipe.loader(real, "tiny-synthetic")' in code
    assert "update_bn(loader, model)" in code
    compile(code, "code", "exec")
