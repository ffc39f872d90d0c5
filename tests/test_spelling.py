"""Each wrong name is answered with the one that was probably meant."""

import numpy as np
import pytest
from tiny_runs import tiny_images

from ganaug.classify.policies import make_policy
from ganaug.classify.pretrained import load_extractor
from ganaug.config import TrainConfig, parse_settings
from ganaug.errors import GanaugError
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gan.settings.resolve import resolve_config
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.spelling import suggest
from ganaug.synth.counts import plan_counts
from ganaug.synth.request import check_filters


def mix(**words):
    return SyntheticDataset(tiny_images(), "no-store", **words)


def resolve(**words):
    return resolve_config(TrainConfig(**words))


@pytest.mark.parametrize(
    ("ask", "meant"),
    [
        (lambda: parse_settings(["los=hinge"]), "loss"),
        (lambda: TrainConfig().replace(bach=8), "batch"),
        (lambda: resolve(loss="Hinge"), "hinge"),
        (lambda: resolve(network="dgan"), "dcgan"),
        (lambda: resolve(penalties="r1,r22"), "r2"),
        (lambda: resolve(diversity="modeseeking"), "mode-seeking"),
        (lambda: resolve(augment="color"), "colour"),
        (lambda: resolve(conditioning="captions"), "caption"),
        (lambda: resolve(class_sampling="sqr"), "sqrt"),
        (lambda: resolve(precision="bf16"), "bfloat16"),
        (lambda: resolve(stem="stride"), "strided"),
        (lambda: resolve(network="dcgan", norm="bach"), "batch"),
        (lambda: find_classifier("resnet_18"), "resnet18"),
        (lambda: find_classifier("smal"), "small"),
        (lambda: load_extractor("resnet81"), "resnet18"),
        (lambda: check_filters(["copies"], "hard"), "copy"),
        (lambda: check_filters("auto", "sofft"), "soft"),
        (lambda: plan_counts(("cat", "dog"), {"Cats": 5}), "cat"),
        (lambda: mix(targets="harf"), "hard"),
        (lambda: mix(classes="balance"), "balanced"),
        (lambda: make_policy("heavyy", (8, 8, 1)), None),
        (lambda: make_policy("lite", (8, 8, 1)), "light"),
    ],
)
def test_the_name_that_was_meant_is_in_the_message(ask, meant):
    with pytest.raises(GanaugError) as refused:
        ask()
    said = str(refused.value)
    assert "\n" not in said
    if meant is None:
        assert "did you mean" not in said
    else:
        assert f"(did you mean {meant}?)" in said


def test_only_similar_names_are_suggested_whatever_their_case():
    assert suggest("DOGS", ("Dog", "cat")) == " (did you mean Dog?)"
    assert suggest(3, ("Dog", "cat")) == ""
    assert suggest(np.str_("cta"), ("Dog", "cat")) == " (did you mean cat?)"
    assert suggest("anything", ()) == ""
