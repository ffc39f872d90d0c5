"""Classifiers of a gain: torchvision's with a weight file, a user's, scikit-learn's."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from pictures import draw_set
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torchvision import models

from ganaug.classify.parallel import map_parallel
from ganaug.errors import ConfigError, MissingExtraError
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.classifiers.probes import check_network, digest_network
from ganaug.gain.classifiers.torchvision_networks import Adapted
from ganaug.gain.fitting.fits import fit_arm
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool
from ganaug.recipe import Recipe

DATA = draw_set(12)
TASK = Task(DATA.images, DATA.labels, 3, steps=2)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.save(models.resnet18().state_dict(), path)
    return path


def test_a_torchvision_network_starts_from_its_weight_file(weights):
    kind = find_classifier("resnet18", weights=weights)
    assert kind.pretrained
    assert kind.phrase == "a resnet18 fine-tuned from its weights"
    network = kind.build((16, 16), 1, 3, 0)
    saved = torch.load(weights, weights_only=True)
    assert torch.equal(network.body.conv1.weight, saved["conv1.weight"])
    assert network.body.fc.out_features == 3
    other = find_classifier("resnet18", weights="none").build((16, 16), 1, 3, 0)
    assert not torch.equal(other.body.conv1.weight, saved["conv1.weight"])


def test_a_googlenet_scales_its_own_input_only_with_weights(tmp_path):
    state = models.googlenet(aux_logits=False, init_weights=False).state_dict()
    torch.save(state, tmp_path / "weights.pth")
    for weights, wanted in ((tmp_path / "weights.pth", True), ("none", False)):
        built = find_classifier("googlenet", weights=weights).build((16, 16), 1, 3, 0)
        assert built.body.transform_input is wanted


def test_a_frozen_one_learns_its_last_layer_only(weights):
    kind = find_classifier("resnet18", weights=weights, frozen=True)
    fitted = fit_arm(replace(TASK, build=kind.build), Recipe(), seed=0)
    fresh = kind.build((16, 16), 1, 3, 0)
    learned, before = fitted.network.state_dict(), fresh.state_dict()
    changed = {k for k in before if not torch.equal(learned[k], before[k])}
    assert changed == {"body.fc.weight", "body.fc.bias"}
    assert fitted.predict_proba(DATA.images).shape == (36, 3)


def test_a_frozen_one_keeps_its_statistics_after_a_real_ending(weights):
    kind = find_classifier("resnet18", weights=weights, frozen=True)
    pool = Pool(DATA.images, DATA.labels, np.eye(3, dtype=np.float32)[DATA.labels])
    recipe = Recipe(share=0.5, real_only=0.5)
    network = fit_arm(replace(TASK, build=kind.build), recipe, pool, seed=0).network
    fresh = kind.build((16, 16), 1, 3, 0)
    assert torch.equal(network.body.bn1.running_mean, fresh.body.bn1.running_mean)
    tuned = find_classifier("resnet18", weights=weights).build
    network = fit_arm(replace(TASK, build=tuned), recipe, pool, seed=0).network
    assert not torch.equal(network.body.bn1.running_mean, fresh.body.bn1.running_mean)


def test_weights_that_are_there_are_used(weights, monkeypatch, tmp_path):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert not find_classifier("resnet18").pretrained
    name = models.ResNet18_Weights.DEFAULT.url.rpartition("/")[2]
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / name).write_bytes(weights.read_bytes())
    found = find_classifier("resnet18")
    assert found.phrase == "a resnet18 fine-tuned from its weights"
    saved = torch.load(weights, weights_only=True)
    network = found.build((16, 16), 1, 3, 0)
    assert torch.equal(network.body.conv1.weight, saved["conv1.weight"])
    assert find_classifier("resnet18", weights="none").phrase.endswith("from scratch")


def test_equal_names_have_their_own_identities(tmp_path, weights):
    one, other = (find_classifier(LogisticRegression(C=c)) for c in (1, 1e-9))
    assert one.name == other.name
    assert one.identity != other.identity
    again = find_classifier(LogisticRegression(C=1))
    assert again.identity == one.identity
    first, second = (
        find_classifier(f) for f in (lambda *_: nn.Flatten(), lambda *_: nn.Identity())
    )
    assert first.identity != second.identity
    copy = tmp_path / "copy.pth"
    copy.write_bytes(weights.read_bytes())
    kinds = [find_classifier("resnet18", weights=w) for w in (weights, copy)]
    assert kinds[0].identity == kinds[1].identity
    torch.save({}, copy)
    assert find_classifier("resnet18", weights=copy).identity != kinds[0].identity


@pytest.mark.parametrize(
    ("classifier", "options", "named"),
    [
        ("small", {"weights": "w.pth"}, "small network does not use weights"),
        ("small", {"frozen": True}, "does not use frozen"),
        ("small", {"features": "resnet18"}, "does not use features"),
        ("resnet18", {"features": "resnet18"}, "does not use features"),
        (LogisticRegression(), {"weights": "w.pth"}, "does not use weights"),
        (lambda *_: nn.Identity(), {"frozen": True}, "of your own does not use"),
    ],
)
def test_what_a_classifier_does_not_have_is_refused(classifier, options, named):
    with pytest.raises(ConfigError, match=named):
        find_classifier(classifier, **options)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_size_and_channels(channels):
    network = Adapted(models.resnet18(), 2, frozen=False).eval()
    assert network(torch.zeros(2, channels, 20, 9)).shape == (2, 2)


def test_wrong_weights_and_names_are_refused(tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"x": torch.zeros(1)}, path)
    kind = find_classifier("resnet18", weights=path)
    with pytest.raises(MissingExtraError, match="not those of resnet18"):
        kind.build((16, 16), 1, 3, 0)
    with pytest.raises(ConfigError, match="neither small nor a torchvision network"):
        find_classifier("resnet-0")
    with pytest.raises(ConfigError, match="needs weights"):
        find_classifier("resnet18", frozen=True)


def test_a_users_factory_is_seeded():
    def mine(size, channels, n_classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(size[0] * size[1], n_classes))

    kind = find_classifier(mine)
    assert kind.phrase == "your network mine"
    a, b, c = (kind.build((16, 16), 1, 3, seed)[1].weight for seed in (0, 0, 1))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    fitted = fit_arm(replace(TASK, build=kind.build), Recipe(), seed=0)
    assert fitted.predict_proba(DATA.images).shape == (36, 3)


def test_an_estimator_sees_features_weights_and_a_share():
    kind = find_classifier(LogisticRegression(max_iter=200))
    assert kind.phrase == "a LogisticRegression on features of a random network"
    task = replace(TASK, build=kind.build)
    test = draw_set(20, seed=4)
    plain = fit_arm(task, Recipe(policy="none"), seed=0)
    found = plain.predict_proba(test.images)
    assert (found.argmax(axis=1) == test.labels).mean() > 0.6
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    wrong = (DATA.labels + 1) % 3
    pool = Pool(DATA.images, wrong, np.eye(3, dtype=np.float32)[wrong])
    recipe = Recipe(policy="none", share=0.8)
    spoiled = fit_arm(task, recipe, pool, seed=0).predict_proba(DATA.images)
    assert (spoiled.argmax(axis=1) == wrong).mean() > 0.9


def test_an_estimator_in_a_pipeline_is_weighed_and_seeded():
    trees = ExtraTreesClassifier(3, max_features=2)
    kind = find_classifier(make_pipeline(StandardScaler(), trees))
    task = replace(TASK, build=kind.build)
    wrong = (DATA.labels + 1) % 3
    pool = Pool(DATA.images, wrong, np.eye(3, dtype=np.float32)[wrong])
    recipe = Recipe(policy="none", share=0.5, weight=0.01)
    fitted = [fit_arm(task, recipe, pool, seed=s) for s in (0, 0, 1)]
    tests = draw_set(20, seed=4).images
    one, same, other = (f.predict_proba(tests) for f in fitted)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    found = fitted[0].predict_proba(DATA.images).argmax(axis=1)
    assert (found == DATA.labels).mean() > 0.9, "wrong ones weigh little"


def test_a_search_hands_weights_on():
    search = GridSearchCV(LogisticRegression(max_iter=2000), {"C": [0.1, 1.0]}, cv=2)
    task = replace(TASK, build=find_classifier(search).build)
    fitted = fit_arm(task, Recipe(policy="none"), seed=0)
    assert fitted.predict_proba(DATA.images).shape == (36, 3)


def test_an_estimator_that_cannot_weigh_is_refused():
    with pytest.raises(
        ConfigError, match="a KNeighborsClassifier cannot weight images"
    ):
        find_classifier(KNeighborsClassifier())


def test_a_function_with_a_set_of_constants_has_one_digest(tmp_path):
    text = """
from ganaug.gain.classifiers.lookup import find_classifier
def build(size, channels, n): return n if size in {"a", "b", "c", "d"} else None
print(find_classifier(build).identity)
"""
    found = {
        subprocess.run(
            [sys.executable, "-c", text], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in "123"
    }  # fmt: skip
    assert len(found) == 1


def test_a_class_that_an_estimator_has_not_seen_has_no_chance():
    kind = find_classifier(LogisticRegression(max_iter=50))
    task = Task(DATA.images[:24], DATA.labels[:24], 3, build=kind.build)
    found = fit_arm(task, Recipe(adjusted=True), seed=0).predict_proba(DATA.images)
    assert found.shape == (36, 3)
    assert not found[:, 2].any()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("googlenet", (16, 16)), ("squeezenet1_1", (16, 16)), ("alexnet", (64, 48)),
        ("inception_v3", (32, 32)), ("shufflenet_v2_x0_5", (20, 90)),
    ],
)  # fmt: skip
def test_other_torchvision_networks_see_small_images(name, size):
    check_network(find_classifier(name, weights="none"), size, 1, 3)


@pytest.mark.slow
def test_every_torchvision_network_sees_small_images():
    for name in models.list_models(models):
        if not re.search("vit_h|regnet_y_128|vit_l|convnext_large", name):  # gigabytes
            check_network(find_classifier(name, weights="none"), (28, 20), 3, 2)


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (
            lambda *_: nn.Sequential(nn.Flatten(), nn.Linear(256, 4)),
            r"returned \(2, 4\)",
        ),
        (
            lambda *_: nn.Sequential(nn.Flatten(), nn.Linear(9, 3)),
            "raised RuntimeError",
        ),
        (lambda *_: nn.LSTM(16, 3), "16×16 pixels and 1 channels it raised"),
    ],
)
def test_a_network_that_gives_no_logits_is_refused(make, line):
    with pytest.raises(ConfigError, match=line):
        check_network(find_classifier(make), (16, 16), 1, 3)


def test_a_factory_that_forgets_to_return_is_refused():
    with pytest.raises(ConfigError, match="returned NoneType instead of a network"):
        check_network(find_classifier(lambda *_: None), (16, 16), 1, 3)


def widen(width, act="relu"):
    class Net(nn.Module):
        def __init__(self, pixels, n):
            super().__init__()
            self.first, self.last = nn.Linear(pixels, width), nn.Linear(width, n)

        def forward(self, x):
            return self.last(self.first(x.flatten(1)).relu())

    class Other(Net):
        def forward(self, x):
            return self.last(self.first(x.flatten(1)).tanh())

    kind = Net if act == "relu" else Other
    return lambda size, channels, n: kind(size[0] * size[1] * channels, n)


def test_networks_of_one_code_have_their_own_digests():
    def digest(factory):
        return digest_network(find_classifier(factory).build, (8, 8), 1, 3)

    known = digest(widen(4))
    assert digest(widen(4)) == known
    assert digest(widen(5)) != known
    assert digest(widen(4, "tanh")) != known
    torch.manual_seed(7)
    network = widen(4)((8, 8), 1, 3)  # the same weights whatever the seed
    assert digest(lambda *_: network) != known


def test_networks_of_any_numbers_have_a_digest():
    def build(size, channels, n):
        made = nn.Sequential(nn.Flatten(), nn.Linear(64, n), nn.BatchNorm1d(n))
        return made.to(torch.bfloat16)

    kind = find_classifier(build)
    one, other = (digest_network(kind.build, (8, 8), 1, n) for n in (3, 4))
    assert one != other


def test_lazy_layers_are_digested_and_follow_the_seed():
    def build(width):
        def factory(size, channels, n):
            return nn.Sequential(
                nn.Flatten(), nn.LazyLinear(width), nn.ReLU(), nn.LazyLinear(n)
            )

        return find_classifier(factory).build

    digests = [digest_network(build(width), (8, 8), 1, 3) for width in (4, 4, 5)]
    assert digests[0] == digests[1] != digests[2]

    def fit(state):
        torch.manual_seed(state)
        fitted = fit_arm(task, Recipe(policy="none"), seed=3)
        return fitted.predict_proba(DATA.images)

    task = replace(TASK, build=build(4), steps=5)
    assert np.array_equal(fit(1), fit(2))


def test_what_is_no_tensor_and_addresses_leave_the_digest_alone():
    class Of(nn.Module):
        def __init__(self, function):
            super().__init__()
            self.function = function

        def extra_repr(self):
            return repr(self.function)

        def get_extra_state(self):
            return {"calls": 3}

        def set_extra_state(self, state):
            pass

        def forward(self, x):
            return self.function(x)

    def build(size, channels, n):
        def flatten(x):
            return x.flatten(1)

        kept.append(flatten)  # so that the next one has another address
        return nn.Sequential(Of(flatten), nn.Linear(64, n))

    kept = []
    kind = find_classifier(build)
    one, other = (digest_network(kind.build, (8, 8), 1, 3) for _ in range(2))
    assert one == other


def test_a_network_of_other_chance_each_time_keeps_its_digest():
    def build(size, channels, n):
        made = nn.Sequential(nn.Flatten(), nn.Linear(64, n))
        made[1].bias.data += torch.rand(n, generator=chance)
        return made

    chance = torch.Generator().manual_seed(0)
    kind = find_classifier(build)
    one, other = (digest_network(kind.build, (8, 8), 1, 3) for _ in range(2))
    assert one == other


def test_dropped_units_follow_the_seed():
    def build(size, channels, n):
        return nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(256, n))

    task = replace(TASK, build=find_classifier(build).build, steps=5)

    def fit(k):
        return fit_arm(task, Recipe(policy="none"), seed=k % 2).predict_proba(
            DATA.images
        )

    one, other, again, _ = map_parallel(fit, range(4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
